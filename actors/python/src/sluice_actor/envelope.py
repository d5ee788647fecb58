"""A message as it came, and one as a line."""
from __future__ import annotations

from .messages import STANDARD_FIELDS, Msg, build_message, registry
from .wire import encode, quote, to_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .remote import Sender
    from .wire import Raw


ABSENT: Any = object()  # Nothing was given, where None is something.


class Envelope:
    """A message as it came: `msg` is the payload, `sender` who sent it."""

    __slots__ = ("raw", "_msg")

    def __init__(self, raw: Raw) -> None:
        self.raw = raw
        self._msg: Any = None

    @property
    def msg(self) -> Any:
        """The payload: an instance of the registered class, else a Msg (empty for null), else the JSON value."""
        found = self._msg
        if found is None:
            payload = self.raw.get("message")
            entry = registry.get(self.raw.get("message_type"))
            if entry is not None:
                found = build_message(entry, payload, self)
            else:
                found = Msg(payload) if type(payload) is dict else Msg() if payload is None else payload
            self._msg = found
        return found

    @property
    def message(self) -> Any:
        """The payload as plain JSON."""
        return self.raw.get("message")

    @property
    def message_type(self) -> str | None:
        return self.raw.get("message_type")

    @property
    def sender(self) -> Sender | None:
        """Who sent it, as a text that can be sent to; None for nobody, and for who gave no name."""
        from .remote import NAMELESS, Sender
        address = self.raw.get("sender_actor")
        return None if address is None or address == NAMELESS else Sender(address)

    sender_actor = sender

    @property
    def sender_endpoint(self) -> str | None:
        return self.raw.get("sender_endpoint")

    @property
    def receiver(self) -> str | None:
        return self.raw.get("receiver")

    @property
    def message_id(self) -> str | None:
        return self.raw.get("message_id")

    @property
    def correlation_id(self) -> str | None:
        return self.raw.get("correlation_id")

    @property
    def priority(self) -> int:
        priority = self.raw.get("priority")
        return 128 if priority is None else priority

    @property
    def topic(self) -> str | None:
        return self.raw.get("topic")

    @property
    def headers(self) -> dict[str, Any]:
        return self.raw.get("headers") or {}

    @property
    def route(self) -> dict[str, Any] | None:
        return self.raw.get("route")

    @property
    def error(self) -> Msg | None:
        """None, or a Msg with code, message and perhaps details: this message reports a failure."""
        error = self.raw.get("error")
        return Msg(error) if type(error) is dict else None

    @property
    def is_ask(self) -> bool:
        """The sender waits for a reply."""
        headers = self.raw.get("headers")
        return type(headers) is dict and "ask" in headers

    def __repr__(self) -> str:
        return "Envelope(%s)" % encode(self.raw)


def split_message(message: Any, data: Any) -> tuple[str | None, Any]:
    """Message type and payload of what send, reply and the like are given."""
    if type(message) is str:
        return message, ({} if data is ABSENT else data)
    if data is not ABSENT:
        raise TypeError("A payload goes with a message type (a text) only, not with a %s" % type(message).__name__)
    kind = type(message)
    if kind is dict or kind is Msg or message is None or kind in (list, tuple, int, float, bool):
        return None, message
    return kind.__name__, message


def write_line(kind: str | None, payload: Any, head: str) -> str:
    """An envelope as a line; `head` is the text of the keys between message_type and message."""
    if type(payload) is not dict and getattr(payload, "_sluice_standard", False):
        standard, payload = _split_standard(payload, head)
        head += standard
    start = '{"message_type":' + quote(kind) + "," if kind is not None else "{"
    return start + head + '"message":' + encode(payload) + "}"


def _split_standard(payload: Any, head: str) -> tuple[str, dict[str, Any]]:
    """Standard fields belong to the envelope; a response that says success=False is a failure reply."""
    fields = to_plain(payload)
    standard = {name: fields.pop(name) for name in STANDARD_FIELDS}
    text = ""
    for name, default in (("message_id", None), ("priority", 128), ("correlation_id", None)):
        if standard[name] != default and '"%s":' % name not in head:
            text += '"%s":%s,' % (name, encode(standard[name]))
    if fields.get("success") is False:
        error = {"code": fields.get("error_code") or "ERROR", "message": fields.get("error") or ""}
        text += '"error":%s,' % encode(error)
    return text, fields
