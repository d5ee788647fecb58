"""Payloads: as attributes, and as instances of classes of your own."""
from __future__ import annotations

from .errors import UnreadableMessage
from .wire import new_id

BUILT_IN = frozenset(("Start", "Shutdown", "Timeout", "Reject", "Activate", "Deactivate"))
LIFECYCLE = frozenset(("Start", "Shutdown", "Activate", "Deactivate"))


class Msg(dict):
    """A payload: `msg.count` is `msg["count"]`, also further down. Names of dict methods need brackets."""

    __slots__ = ()

    def __getattr__(self, name):
        try:
            value = self[name]
        except KeyError:
            raise AttributeError("The message has no %r (it has: %s)" % (name, ", ".join(map(str, self)))) from None
        if type(value) is dict:
            value = self[name] = Msg(value)
        elif type(value) is list and value and type(value[0]) is dict:
            value = self[name] = [Msg(each) if type(each) is dict else each for each in value]
        return value

    def __setattr__(self, name, value):
        self[name] = value


class BuiltIn:
    def __init__(self, **fields):
        self.__dict__.update(fields)


class Start(BuiltIn):
    """First of all: name, key, args, state."""


class Shutdown(BuiltIn):
    """Last of all."""


class Timeout(BuiltIn):
    """A timer is due: id."""


class Reject(BuiltIn):
    """A message could not be delivered: message_type, reason, code, rejected_by, envelope."""


registry = {}
STANDARD_FIELDS = ("message_id", "priority", "correlation_id")


def register_message(cls):
    """Class decorator: messages of this type (the class's name) arrive as instances of the class."""
    registry[cls.__name__] = [cls, None]
    return cls


def message(cls):
    """As register_message, and instances have message_id, priority and correlation_id, which are the envelope's."""
    import inspect
    cls._sluice_standard = True
    given = cls.__init__
    names = set(inspect.signature(given).parameters)

    def __init__(self, *args, **fields):
        standard = {name: fields.pop(name) for name in STANDARD_FIELDS if name not in names and name in fields}
        given(self, *args, **fields)
        for name, default in (("message_id", None), ("priority", 128), ("correlation_id", None)):
            if name not in names:
                setattr(self, name, standard.get(name, default))
        if self.message_id is None:
            self.message_id = new_id()
        if not isinstance(self.priority, int) or not 0 <= self.priority <= 255:
            raise ValueError("Priority must be 0-255, got %s" % (self.priority,))

    cls.__init__ = __init__
    cls.__init__.__signature__ = inspect.signature(given)
    return register_message(cls)


def build_message(entry, payload, env):
    """An instance of a registered class; fields it does not know are left out."""
    import inspect
    cls, known = entry
    if known is None:
        parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
        everything = any(each.kind == each.VAR_KEYWORD for each in parameters)
        single = [each for each in parameters if each.kind not in (each.VAR_KEYWORD, each.VAR_POSITIONAL)]
        names = None if everything else frozenset(each.name for each in single)
        known = entry[1] = (names, [each.name for each in single if each.default is each.empty])
    names, required = known
    if not isinstance(payload, dict):
        payload = {}
    fields = dict(payload) if names is None else {name: payload[name] for name in payload if name in names}
    if getattr(cls, "_sluice_standard", False):
        fields["message_id"] = env.message_id or new_id()
        fields["priority"] = env.priority
        fields["correlation_id"] = env.correlation_id
    missing = [name for name in required if name not in fields]
    if missing:
        raise UnreadableMessage("it has no %s" % ", ".join('"%s"' % name for name in missing))
    try:
        made = cls(**fields)
    except (TypeError, ValueError) as error:
        raise UnreadableMessage(str(error)) from error
    if getattr(cls, "_sluice_standard", False):
        made._envelope = env
    return made
