"""Payloads: as attributes, and as instances of classes of your own."""
from __future__ import annotations

from .errors import UnreadableMessage
from .wire import new_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeVar

    from .envelope import Envelope

    Class = TypeVar("Class", bound="type[Any]")
    Payload = dict[str, Any]
else:
    Payload = dict

BUILT_IN = frozenset(("Start", "Shutdown", "Timeout", "Reject", "Activate", "Deactivate"))
LIFECYCLE = frozenset(("Start", "Shutdown", "Activate", "Deactivate"))
STANDARD_FIELDS = ("message_id", "priority", "correlation_id")


class Msg(Payload):
    """A payload: `msg.count` is `msg["count"]`, also further down. Names of dict methods need brackets."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        try:
            value = self[name]
        except KeyError:
            raise AttributeError("The message has no %r (it has: %s)" % (name, ", ".join(map(str, self)))) from None
        if type(value) is dict:
            value = self[name] = Msg(value)
        elif type(value) is list and value and type(value[0]) is dict:
            value = self[name] = [Msg(each) if type(each) is dict else each for each in value]
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value


class BuiltIn:
    """A message of the engine, as a class to send it with."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)


class Start(BuiltIn):
    """First of all: name, key, args, state."""


class Shutdown(BuiltIn):
    """Last of all."""


class Timeout(BuiltIn):
    """A timer is due: id."""


class Reject(BuiltIn):
    """A message could not be delivered: message_type, reason, code, rejected_by, envelope."""


class Registered:
    """A class of messages, and what its constructor takes, once that has been looked at."""

    __slots__ = ("cls", "_names", "_required", "_identities")

    def __init__(self, cls: type[Any]) -> None:
        self.cls = cls
        self._names: frozenset[str] | None = None
        self._required: list[str] | None = None
        self._identities: list[str] = []  # Standard fields that it declares as UUID.

    @property
    def is_standard(self) -> bool:
        """It was made by @message."""
        return getattr(self.cls, "_sluice_standard", False)

    def choose(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """The fields that the constructor takes."""
        if self._required is None:
            self._look()
        names = self._names
        return dict(payload) if names is None else {name: payload[name] for name in payload if name in names}

    def add_standard(self, fields: dict[str, Any], env: Envelope) -> None:
        """What the envelope says, where @message has put it; as UUIDs where the class says so."""
        fields["message_id"] = env.message_id or new_id()
        fields["priority"] = env.priority
        fields["correlation_id"] = env.correlation_id
        for name in self._identities:
            fields[name] = _to_uuid(fields[name])

    def missing(self, fields: Mapping[str, Any]) -> list[str]:
        return [name for name in self._required or () if name not in fields]

    def _look(self) -> None:
        import inspect
        parameters = list(inspect.signature(self.cls.__init__).parameters.values())[1:]
        everything = any(each.kind == each.VAR_KEYWORD for each in parameters)
        single = [each for each in parameters if each.kind not in (each.VAR_KEYWORD, each.VAR_POSITIONAL)]
        self._names = None if everything else frozenset(each.name for each in single)
        self._required = [each.name for each in single if each.default is each.empty]
        given = [each for each in single if each.name in ("message_id", "correlation_id")]
        self._identities = [each.name for each in given if "UUID" in str(each.annotation)]


registry: dict[str | None, Registered] = {}


class MessageRegistry:
    """Classes of messages by their types: `MESSAGE_REGISTRY["Reject"] = Reject` does what the decorator does."""

    def __getitem__(self, kind: str) -> type[Any]:
        return registry[kind].cls

    def __setitem__(self, kind: str, cls: type[Any]) -> None:
        registry[kind] = Registered(cls)

    def __contains__(self, kind: object) -> bool:
        return kind in registry

    def get(self, kind: str) -> type[Any] | None:
        """The class; None for a type that has none."""
        return registry[kind].cls if kind in registry else None


MESSAGE_REGISTRY = MessageRegistry()


def register_message(cls: Class) -> Class:
    """Class decorator: messages of this type (the class's name) arrive as instances of the class."""
    registry[cls.__name__] = Registered(cls)
    return cls


def message(cls: Class) -> Class:
    """As register_message, and instances have message_id, priority and correlation_id, which are the envelope's."""
    import inspect
    given = cls.__init__
    names = set(inspect.signature(given).parameters)

    def __init__(self: Any, *args: Any, **fields: Any) -> None:
        standard = {name: fields.pop(name) for name in STANDARD_FIELDS if name not in names and name in fields}
        given(self, *args, **fields)
        for name, default in (("message_id", None), ("priority", 128), ("correlation_id", None)):
            if name not in names:
                setattr(self, name, standard.get(name, default))
        if self.message_id is None:
            self.message_id = new_id()
        if not isinstance(self.priority, int) or not 0 <= self.priority <= 255:
            raise ValueError("Priority must be 0-255, got %s" % (self.priority,))

    changed: Any = cls
    changed._sluice_standard = True
    changed.__init__ = __init__
    changed.__init__.__signature__ = inspect.signature(given)
    return register_message(cls)


def _to_uuid(identity: str | None) -> Any:
    """As a UUID, if it is one."""
    if identity is None:
        return None
    from uuid import UUID
    try:
        return UUID(identity)
    except ValueError:
        return identity


def build_message(entry: Registered, payload: Any, env: Envelope) -> Any:
    """An instance of a registered class; fields it does not know are left out."""
    fields = entry.choose(payload if isinstance(payload, dict) else {})
    if entry.is_standard:
        entry.add_standard(fields, env)
    missing = entry.missing(fields)
    if missing:
        raise UnreadableMessage("it has no %s" % ", ".join('"%s"' % name for name in missing))
    try:
        made = entry.cls(**fields)
    except (TypeError, ValueError) as error:
        raise UnreadableMessage(str(error)) from error
    if entry.is_standard:
        made._envelope = env
    return made
