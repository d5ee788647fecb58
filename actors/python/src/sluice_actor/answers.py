"""What becomes of a message: acknowledged, refused, failed."""
from __future__ import annotations

import sys

from .envelope import Envelope, write_line
from .errors import ActorError
from .messages import BUILT_IN
from .pipes import tell
from .wire import encode, quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .wire import Raw


class Answers:
    """The part of a host that tells others what has become of their messages."""

    name: str
    acknowledge: bool  # The engine wants to know of each message when it is handled.
    keyed: bool  # The process is a host of several instances.

    def put(self, line: str) -> None:
        """A line to be written."""
        raise NotImplementedError

    def key_of(self, raw: Raw) -> str | None:
        """Which instance a message is for."""
        receiver = raw.get("receiver")
        if type(receiver) is str and "/" in receiver:
            return receiver.partition("/")[2]
        return None

    def ack(self, raw: Raw) -> None:
        """A message is handled."""
        if self.acknowledge and type(raw.get("message_id")) is str:
            self.put('{"ack":' + quote(raw["message_id"]) + "}")

    def refuse(self, raw: Raw, code: str, reason: str) -> None:
        """Tells the sender that its message was not understood, unless that would answer an answer."""
        sender = raw.get("sender_actor")
        if Envelope(raw).is_ask or self.is_routed(raw) or self.is_record(raw):
            return self.fail(raw, code, reason)
        silent = raw.get("correlation_id") is not None or "error" in raw or raw.get("topic") is not None
        if silent or raw.get("message_type") in BUILT_IN or type(sender) is not str or sender.startswith("$"):
            if not silent and sender is None and raw.get("message_type") not in BUILT_IN:
                tell(reason)
            return
        told = {"message_type": raw.get("message_type"), "reason": reason, "code": code, "rejected_by": self.name}
        self.put(write_line("Reject", told, self._answer_head(raw)))

    def fail(self, raw: Raw, code: str, text: str, details: Any = None) -> None:
        """A failure reply, unless what is answered reports a failure itself or nobody is to be answered; a message
        on a route goes to `error-end`."""
        error: dict[str, Any] = {"code": code, "message": text}
        if details is not None:
            error["details"] = details
        if self.is_routed(raw):
            key = self.key_of(raw)
            head = '"sender_key":%s,' % quote(key) if self.keyed and key is not None else ""
            head += '"route":%s,' % encode(raw["route"])
            if raw.get("headers") is not None:
                head += '"headers":%s,' % encode(raw["headers"])
            self.put(write_line(raw.get("message_type"), raw.get("message"), head + '"error":%s,' % encode(error)))
            return
        if raw.get("error") is not None or type(raw.get("message_id")) is not str:
            return
        self.put(write_line("Failure", None, self._answer_head(raw) + '"error":%s,' % encode(error)))

    def is_record(self, raw: Raw) -> bool:
        """Nobody has sent it: the engine is told what has become of it."""
        known = raw.get("sender_actor") is not None or raw.get("message_type") in BUILT_IN
        return not known and self.is_answerable(raw)

    def is_answerable(self, raw: Raw) -> bool:
        """False for what answers something itself, for what the engine tells, and where nobody is to be answered:
        an error there is the actor's own."""
        if Envelope(raw).is_ask or self.is_routed(raw):
            return True
        if raw.get("error") is not None or raw.get("correlation_id") is not None:
            return False
        sender = raw.get("sender_actor")
        return type(raw.get("message_id")) is str and not (type(sender) is str and sender.startswith("$"))

    def is_routed(self, raw: Raw) -> bool:
        return type(raw.get("route")) is dict and not Envelope(raw).is_ask

    def _answer_head(self, raw: Raw) -> str:
        head = ""
        if type(raw.get("sender_actor")) is str:
            head += '"receiver":%s,' % quote(raw["sender_actor"])
        key = self.key_of(raw)
        if self.keyed and key is not None:
            head += '"sender_key":%s,' % quote(key)
        if type(raw.get("message_id")) is str:
            head += '"correlation_id":%s,' % quote(raw["message_id"])
        return head

    def broke(self, raw: Raw, error: Exception) -> None:
        """An error that is the actor's own: told on stderr, to the one who asks, and to the engine."""
        import traceback
        traceback.print_exception(type(error), error, error.__traceback__)
        sys.stderr.flush()
        told = {"code": "HANDLER_ERROR", "message": "%s: %s" % (type(error).__name__, error)}
        if isinstance(error, ActorError):
            told = {"code": error.code, "message": error.message}
        if Envelope(raw).is_ask or self.is_routed(raw) or (not self.acknowledge and self.is_record(raw)):
            self.fail(raw, told["code"], told["message"])
        if self.is_routed(raw):
            return self.ack(raw)
        if self.acknowledge and type(raw.get("message_id")) is str:
            self.put('{"nack":%s,"error":%s}' % (quote(raw["message_id"]), encode(told)))
