"""Actors for Sluice in Python 3.7 and later: one file, no dependencies.

    from sluice_actor import Actor, run

    class Pong(Actor):
        def on_ping(self, env):
            self.reply(env, "Pong", {"count": env.msg.count})

    run(Pong)

An actor reads envelopes, one JSON object a line, and writes envelopes. What it prints goes to stderr.
Three styles: a class with `on_<message type in lower case>` methods, a plain function from payload to
reply, and a coroutine with a receive loop (`async for request in ctx`). See docs/sdk.md.
"""
from __future__ import annotations

import copy
import json
import os
import re
import select
import sys
import time
from _thread import RLock, allocate_lock, get_ident
from collections import deque
from itertools import islice

__all__ = [
    "Actor", "ActorError", "ActorRef", "AskError", "AskTimeout", "Context", "Envelope", "Fatal", "KernelContext",
    "Msg", "ReceiveTimeout", "Reject", "Shutdown", "Start", "Terminated", "Timeout", "Timer", "handler",
    "message", "next_timer_id", "register_message", "ring_kernel", "run", "test_actor",
]

ASK_SECONDS = 5.0  # How long ask() waits unless told.
ASK_GRACE_SECONDS = 0.5  # The engine answers a late ask itself; only then does this side give up.
ASK_QUEUE_MAX = 10_000  # Messages kept while an ask waits.
LINE_BYTES_MAX = 64 * 1024 * 1024
READ_BYTES = 256 * 1024
WRITE_BYTES = 64 * 1024  # What is gathered at most before it is written.
SLOW_SECONDS = 0.0005  # After a handler this slow, each message's output is written at once for a while.
EAGER_MESSAGES = 16
BATCH_LINES = 64  # Read by one call of the JSON parser, which costs half of a call for each.
LATE_ASKS_MAX = 1000  # Asks given up whose late replies are dropped.
QUEUE_MAX = 1000  # Messages read ahead of a receive loop.

BUILT_IN = frozenset(("Start", "Shutdown", "Timeout", "Reject", "Activate", "Deactivate"))
LIFECYCLE = frozenset(("Start", "Shutdown", "Activate", "Deactivate"))


# --- errors ---------------------------------------------------------------------------------------------


class ActorError(Exception):
    """A business error: the sender gets a reply with `error: {code, message, details}`; the actor goes on."""

    def __init__(self, code, message="", details=None):
        super().__init__("%s: %s" % (code, message) if message else code)
        self.code = code
        self.message = message
        self.details = details


class AskError(ActorError):
    """An ask was answered with an error; `reply` is the envelope, None when no reply came at all."""

    def __init__(self, code, message="", details=None, reply=None):
        super().__init__(code, message, details)
        self.reply = reply


# asyncio.TimeoutError is the built-in one from Python 3.11 on.
if sys.version_info >= (3, 11):
    _TIMEOUTS = (TimeoutError,)
else:
    import asyncio

    _TIMEOUTS = (asyncio.TimeoutError, TimeoutError)

AskTimeout = type("AskTimeout", (AskError,) + _TIMEOUTS, {"__doc__": "No reply to an ask in time."})
ReceiveTimeout = type("ReceiveTimeout", _TIMEOUTS, {"__doc__": "No message in time."})


class Terminated(ReceiveTimeout):
    """receive() after Shutdown: nothing will come any more."""


class Fatal(Exception):
    """The actor cannot go on: the process exits with 1 and its supervisor decides."""


# --- JSON -----------------------------------------------------------------------------------------------


def _plain(value):
    """What JSON has no type for: objects by their attributes, sets as lists, ids and dates as text."""
    if type(value).__name__ == "UUID":
        return str(value)
    if isinstance(value, (set, frozenset)):
        return list(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "__dict__") and not isinstance(value, type) and not callable(value):
        return {name: each for name, each in vars(value).items() if not name.startswith("_")}
    slots = getattr(type(value), "__slots__", None)
    if slots:
        return {name: getattr(value, name) for name in ([slots] if isinstance(slots, str) else slots)}
    raise TypeError("Cannot write a %s as JSON" % type(value).__name__)


_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain)
_quote = json.encoder.encode_basestring
_scan = json.JSONDecoder().scan_once


def _make_encode():
    # JSONEncoder.encode makes a new C encoder at each call; keeping one halves the time of a small message.
    make = json.encoder.c_make_encoder
    if make is None:
        return _encoder.encode
    encode = make({}, _plain, _quote, None, ":", ",", False, False, False)

    def fast(value):
        try:
            return "".join(encode(value, 0))
        except Exception:
            return _encoder.encode(value)  # The kept encoder remembers what it was in: start afresh, and raise there.

    return fast


_encode = _make_encode()


def _decode(line):
    """The envelope in a line, or None."""
    try:
        raw, end = _scan(line, 0)
        if end == len(line) and type(raw) is dict and type(raw.get("message_type", "")) is str:
            return raw
        if line[end:].strip():
            return None
    except (StopIteration, ValueError, RecursionError):
        try:
            raw = json.loads(line)  # Blanks in front.
        except (ValueError, RecursionError):
            return None
    if type(raw) is not dict or not isinstance(raw.get("message_type", ""), str):
        return None
    return raw


# Between lines that are parsed together. No line can know it, so none can make up for one that was cut in two.
_MARK = os.urandom(8).hex()
_BETWEEN = ',"%s",' % _MARK


def _decode_batch(lines):
    """The envelopes in lines; None when one of them is none, and each is to be looked at by itself."""
    text = "[" + _BETWEEN.join(lines) + "]"
    try:
        values, end = _scan(text, 0)
    except (StopIteration, ValueError, RecursionError):
        return None
    raws = values[::2]
    if end != len(text) or len(values) != 2 * len(lines) - 1 or values.count(_MARK) != len(lines) - 1:
        return None
    for raw in raws:
        if type(raw) is not dict or type(raw.get("message_type", "")) is not str:
            return None
    return raws


def _new_id():
    """A random UUID."""
    digits = os.urandom(16).hex()
    return "%s-%s-4%s-%s%s-%s" % (
        digits[:8], digits[8:12], digits[13:16], "89ab"[int(digits[16], 16) & 3], digits[17:20], digits[20:])


# --- messages -------------------------------------------------------------------------------------------


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


class _Builtin:
    def __init__(self, **fields):
        self.__dict__.update(fields)


class Start(_Builtin):
    """First of all: name, key, args, state."""


class Shutdown(_Builtin):
    """Last of all."""


class Timeout(_Builtin):
    """A timer is due: id."""


class Reject(_Builtin):
    """A message could not be delivered: message_type, reason, code, rejected_by, envelope."""


_registry = {}
_STANDARD = ("message_id", "priority", "correlation_id")


def register_message(cls):
    """Class decorator: messages of this type (the class's name) arrive as instances of the class."""
    _registry[cls.__name__] = [cls, None]
    return cls


def message(cls):
    """As register_message, and instances have message_id, priority and correlation_id, which are the envelope's."""
    import inspect
    cls._sluice_standard = True
    given = cls.__init__
    names = set(inspect.signature(given).parameters)

    def __init__(self, *args, **fields):
        standard = {name: fields.pop(name) for name in _STANDARD if name not in names and name in fields}
        given(self, *args, **fields)
        for name, default in (("message_id", None), ("priority", 128), ("correlation_id", None)):
            if name not in names:
                setattr(self, name, standard.get(name, default))
        if self.message_id is None:
            self.message_id = _new_id()
        if not isinstance(self.priority, int) or not 0 <= self.priority <= 255:
            raise ValueError("Priority must be 0-255, got %s" % (self.priority,))

    cls.__init__ = __init__
    cls.__init__.__signature__ = inspect.signature(given)
    return register_message(cls)


def _build(entry, payload, env):
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
        fields["message_id"] = env.message_id or _new_id()
        fields["priority"] = env.priority
        fields["correlation_id"] = env.correlation_id
    missing = [name for name in required if name not in fields]
    if missing:
        raise _Unreadable("it has no %s" % ", ".join('"%s"' % name for name in missing))
    try:
        made = cls(**fields)
    except (TypeError, ValueError) as error:
        raise _Unreadable(str(error)) from error
    if getattr(cls, "_sluice_standard", False):
        made._envelope = env
    return made


class _Unknown(Exception):
    """A message type that no function takes."""


class _Unreadable(Exception):
    """A payload that its class does not take."""


class Envelope:
    """A message as it came: `msg` is the payload, `sender` who sent it."""

    __slots__ = ("raw", "_msg")

    def __init__(self, raw):
        self.raw = raw
        self._msg = None

    @property
    def msg(self):
        """The payload: an instance of the registered class, else a Msg (empty for null), else the JSON value."""
        found = self._msg
        if found is None:
            payload = self.raw.get("message")
            entry = _registry.get(self.raw.get("message_type"))
            if entry is not None:
                found = _build(entry, payload, self)
            else:
                found = Msg(payload) if type(payload) is dict else Msg() if payload is None else payload
            self._msg = found
        return found

    @property
    def message(self):
        """The payload as plain JSON."""
        return self.raw.get("message")

    @property
    def message_type(self):
        return self.raw.get("message_type")

    @property
    def sender(self):
        return self.raw.get("sender_actor")

    sender_actor = sender

    @property
    def sender_endpoint(self):
        return self.raw.get("sender_endpoint")

    @property
    def receiver(self):
        return self.raw.get("receiver")

    @property
    def message_id(self):
        return self.raw.get("message_id")

    @property
    def correlation_id(self):
        return self.raw.get("correlation_id")

    @property
    def priority(self):
        priority = self.raw.get("priority")
        return 128 if priority is None else priority

    @property
    def topic(self):
        return self.raw.get("topic")

    @property
    def headers(self):
        return self.raw.get("headers") or {}

    @property
    def route(self):
        return self.raw.get("route")

    @property
    def error(self):
        """None, or a Msg with code, message and perhaps details: this message reports a failure."""
        error = self.raw.get("error")
        return Msg(error) if type(error) is dict else None

    @property
    def is_ask(self):
        """The sender waits for a reply."""
        headers = self.raw.get("headers")
        return type(headers) is dict and "ask" in headers

    def __repr__(self):
        return "Envelope(%s)" % _encode(self.raw)


_new_envelope = object.__new__


def _typed(message, data):
    """Message type and payload of what send, reply and the like are given."""
    if type(message) is str:
        return message, ({} if data is _ABSENT else data)
    if data is not _ABSENT:
        raise TypeError("A payload goes with a message type (a text) only, not with a %s" % type(message).__name__)
    kind = type(message)
    if kind is dict or kind is Msg or message is None or kind in (list, tuple, int, float, bool):
        return None, message
    return kind.__name__, message


_ABSENT = object()


def _line(kind, payload, head):
    """An envelope as a line; `head` is the text of the keys between message_type and message."""
    if type(payload) is not dict and getattr(payload, "_sluice_standard", False):
        standard, payload = _split_standard(payload, head)
        head += standard
    start = '{"message_type":' + _quote(kind) + "," if kind is not None else "{"
    return start + head + '"message":' + _encode(payload) + "}"


def _split_standard(payload, head):
    """Standard fields belong to the envelope; a response that says success=False is a failure reply."""
    fields = _plain(payload)
    standard = {name: fields.pop(name) for name in _STANDARD}
    text = ""
    for name, default in (("message_id", None), ("priority", 128), ("correlation_id", None)):
        if standard[name] != default and '"%s":' % name not in head:
            text += '"%s":%s,' % (name, _encode(standard[name]))
    if fields.get("success") is False:
        error = {"code": fields.get("error_code") or "ERROR", "message": fields.get("error") or ""}
        text += '"error":%s,' % _encode(error)
    return text, fields


# --- the process's pipes --------------------------------------------------------------------------------


class _Pipes:
    """Standard input and output as lines; what is printed goes to stderr, what is started reads nothing of ours."""

    real = True
    clock = staticmethod(time.monotonic)

    def __init__(self):
        global _taken
        if _taken is None:
            sys.stdout.flush()
            _taken = (os.dup(0), os.dup(1))
            null = os.open(os.devnull, os.O_RDONLY)
            os.dup2(null, 0)
            os.close(null)
            os.dup2(2, 1)
            if hasattr(sys.stdout, "reconfigure"):
                sys.stdout.reconfigure(line_buffering=True)
        self.input, self.output = _taken
        self._parts = []
        self._size = 0
        self.ended = False

    def read(self, seconds=None):
        """Lines that have come, waiting for the first at most so long; [] when there is none yet or none any more."""
        if self.ended or (seconds is not None and not _readable(self.input, seconds)):
            return []
        try:
            data = os.read(self.input, READ_BYTES)
        except OSError:
            data = b""  # A socket whose other side was killed.
        if not data:
            self.ended = True
            data = b"\n" if self._parts else b""
        end = data.rfind(b"\n")
        if end < 0:
            self._keep(data)
            return []
        whole = data[:end]
        if self._parts:
            self._parts.append(whole)
            whole = b"".join(self._parts)
            self._parts = []
        if self._size > LINE_BYTES_MAX:
            whole = whole.partition(b"\n")[2]
            _tell("a line of more than %d bytes was left out" % LINE_BYTES_MAX)
        self._size = 0
        if end + 1 < len(data):
            self._keep(data[end + 1:])
        return _lines(whole)

    def _keep(self, data):
        self._size += len(data)
        if data and self._size <= LINE_BYTES_MAX:
            self._parts.append(data)

    def write(self, text):
        left = memoryview(text.encode("utf-8", "surrogatepass"))
        while left:
            try:
                left = left[os.write(self.output, left):]
            except BlockingIOError:
                select.select([], [self.output], [])
            except OSError as error:
                raise _Closed from error


_taken = None
if os.environ.get("SLUICE_PROTOCOL") == "messages":
    _Pipes()  # From the import on, so that what the program prints while it loads is no envelope.


def _readable(fd, seconds):
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        return bool(poll.poll(max(0, seconds) * 1000))
    return bool(select.select([fd], [], [], max(0, seconds))[0])


def _lines(data):
    try:
        return data.decode("utf-8").split("\n")
    except UnicodeDecodeError:
        return [line.decode("utf-8", "replace") if _is_text(line) else "\ufffd" for line in data.split(b"\n")]


def _is_text(line):
    try:
        line.decode("utf-8")
        return True
    except UnicodeDecodeError:
        return False


def _tell(text):
    sys.stderr.write("sluice_actor: %s\n" % text)
    sys.stderr.flush()


# --- what an actor can do -------------------------------------------------------------------------------


class _Verbs:
    """What classes and receive loops share. `_host` is the process, `key` which instance this is."""

    _host = None
    _by = ""  # The text of sender_key, for an instance of a shared host.
    name = ""
    key = None
    args = None
    state = None

    def _head(self, receiver, options):
        head = '"receiver":' + _quote(receiver) + "," + self._by if receiver is not None else self._by
        for name, value in options.items():
            if value is not None:
                if name not in _OPTIONS:
                    raise TypeError("An envelope has no %r (it has: %s)" % (name, ", ".join(sorted(_OPTIONS))))
                head += '"%s":%s,' % (name, _encode(value))
        return head

    def send(self, to, message, data=_ABSENT, **options):
        """Sends and goes on: `send("bank", Deposit(5))`, `send("bank", "Deposit", {"amount": 5}, priority=200)`."""
        if type(data) is dict and not options and type(message) is type(to) is str:
            self._host.put('{"message_type":%s,"receiver":%s,%s"message":%s}' % (
                _quote(message), _quote(to), self._by, _encode(data)))
            return
        kind, payload = _typed(message, data)
        self._host.put(_line(kind, payload, self._head(to, options)))

    def publish(self, topic, message, data=_ABSENT, **options):
        """To everybody whose `subscribe` matches the topic."""
        kind, payload = _typed(message, data)
        options["topic"] = topic
        self._host.put(_line(kind, payload, self._head(None, options)))

    def reply(self, env, message, data=_ABSENT, **options):
        """Answers a message; without anybody to answer nothing is sent."""
        raw = env.raw if type(env) is Envelope else env._envelope.raw
        sender = raw.get("sender_actor")
        identity = raw.get("message_id")
        if type(data) is dict and not options and type(message) is type(sender) is type(identity) is str:
            # What is nearly always written, in one piece.
            self._host.put('{"message_type":%s,"receiver":%s,%s"correlation_id":%s,"message":%s}' % (
                _quote(message), _quote(sender), self._by, _quote(identity), _encode(data)))
            return
        kind, payload = _typed(message, data)
        if sender is None and identity is None:
            return
        head = self._head(sender, options)
        if identity is not None:
            head += '"correlation_id":' + _quote(identity) + ","
        self._host.put(_line(kind, payload, head))

    def forward(self, env, payload, then=()):
        """To the next actor of the message's route, or to `happy-end` after the last; `then` come before that."""
        env = env if type(env) is Envelope else env._envelope
        given = env.route if type(env.route) is dict else {"actors": [self.name], "current": 0}
        ahead = given.get("current", 0) + 1
        actors = list(given.get("actors") or [])
        route = dict(given, actors=actors[:ahead] + list(then) + actors[ahead:], current=ahead)
        head = self._head(None, {"route": route, "headers": env.headers or None})
        self._host.put(_line(env.message_type, payload, head))

    def emit(self, value):
        """Writes one JSON line to the actor's stdout stream, for byte actors that read it."""
        self._host.put(self._plain_line('"message":' + _encode(value)))

    def _plain_line(self, text):
        return "{" + self._head(None, {}) + text + "}"

    def save(self, state=_ABSENT):
        """Saves the state (that given, else `self.state`): a later Start or Activate brings it back."""
        if state is not _ABSENT:
            self.state = state
        self._saved = text = _encode(self.state)
        self._host.put('{"message_type":"Save",' + self._head("$state", {}) + '"message":' + text + "}")

    save_state = save

    def finish(self, reason=None, code=0):
        """The run is over: its sources stop and every actor gets Shutdown. With a code other than 0 it has failed."""
        told = {} if reason is None else {"reason": reason}
        _Verbs.send(self, "$flow", "Finish", dict(told, code=code) if code else told)

    def log(self, text, level="info", **fields):
        """A line for the run's log, with fields."""
        _Verbs.send(self, "$log", "Log", dict(fields, level=level, text=text))

    def get_ref(self, name):
        """A handle to send to: `self.get_ref("pong").send(Ping(1))`."""
        return ActorRef(self, name)

    @property
    def _actor_ref(self):
        return ActorRef(self, self.name if self.key is None else "%s/%s" % (self.name, self.key))

    def flush(self):
        """Writes what has been sent so far now, not at the end of the handler."""
        self._host.flush()

    def _ask_line(self, to, message, data, timeout, options):
        if timeout is None or timeout <= 0:
            raise ValueError("An ask needs a timeout in seconds, got %s" % (timeout,))
        kind, payload = _typed(message, data)
        identity = options["message_id"] = _new_id()
        options["headers"] = dict(options.get("headers") or {}, ask=int(timeout * 1000))
        return identity, _line(kind, payload, self._head(to, options))


_OPTIONS = frozenset(("priority", "headers", "correlation_id", "message_id", "topic", "route", "error"))


def _answer(raw, to):
    """The payload of a reply, or its error raised."""
    env = Envelope(raw)
    error = raw.get("error")
    if error is None:
        if raw.get("message_type") == "Reject" and raw.get("sender_actor") == "$engine":
            raise AskError(env.msg.get("code") or "REJECTED", env.msg.get("reason") or "", reply=env)
        return env.msg
    error = error if type(error) is dict else {"message": str(error)}
    code = error.get("code") or "ERROR"
    kind = AskTimeout if code == "TIMEOUT" else AskError
    raise kind(code, error.get("message") or "", error.get("details"), env)


def _late(to, timeout):
    return AskTimeout("TIMEOUT", "No reply of '%s' within %g s" % (to, timeout))


class Actor(_Verbs):
    """An actor with a method for each message type: `on_` and the type in lower case, other signs as `_`.

    `on_receive` takes what has no method of its own. Hooks: `pre_start()` before anything else, `on_start(env)`,
    `on_shutdown(env)`, `on_stop()` last; for an instance of a keyed actor `on_activate(env)` (or else `on_start`)
    and `on_deactivate(env)`. `name`, `key`, `args`, `state` are set before `pre_start`. A `state` that is not None
    is saved when the instance is deactivated or shut down."""

    _saved = "null"

    def pre_start(self):
        """Before the first message."""

    def on_stop(self):
        """After the last message."""

    def ask(self, to, message, data=_ABSENT, *, timeout=ASK_SECONDS, **options):
        """Sends, waits for the reply and gives its payload. AskError tells why there is none, AskTimeout that it
        is late. Messages that come meanwhile are handled afterwards."""
        identity, line = self._ask_line(to, message, data, timeout, options)
        return _answer(self._host.ask(identity, line, to, timeout), to)

    fast_send = ask

    def load_state(self, timeout=ASK_SECONDS):
        """The state as it was last saved."""
        return self.ask("$state", "Load", {}, timeout=timeout).get("state")


class ActorRef:
    """A handle of another actor."""

    __slots__ = ("_owner", "name")

    def __init__(self, owner, name):
        self._owner = owner
        self.name = name

    def send(self, message, sender=None, data=_ABSENT, **options):
        _Verbs.send(self._owner, self.name, message, data, **options)

    def fast_send(self, message, sender=None, data=_ABSENT, timeout=ASK_SECONDS, **options):
        return self._owner.ask(self.name, message, data, timeout=timeout, **options)

    ask = fast_send


# --- timers ---------------------------------------------------------------------------------------------

_timer_ids = 0


def next_timer_id():
    """A number that no timer of this process has yet."""
    global _timer_ids
    _timer_ids += 1
    return _timer_ids


class Timer:
    """A timer of the engine: `Timer.once(self, 5.0, timer_id=1)`; `on_timeout` gets `env.msg.id`."""

    def __init__(self, owner, timer_id, periodic):
        self._owner = getattr(owner, "_owner", owner)
        self.id = timer_id
        self._periodic = periodic
        host = self._owner._host
        host.timers[(self._owner.key, timer_id)] = self
        host.cancelled.pop((self._owner.key, timer_id), None)

    @classmethod
    def once(cls, actor, delay, timer_id=None):
        """One Timeout after `delay` seconds."""
        timer = cls(actor, next_timer_id() if timer_id is None else timer_id, False)
        _Verbs.send(timer._owner, "$timer", "Once", {"id": timer.id, "after": _milliseconds(delay)})
        return timer

    @classmethod
    def periodic(cls, actor, interval, timer_id=None):
        """A Timeout every `interval` seconds, the first after one interval."""
        timer = cls(actor, next_timer_id() if timer_id is None else timer_id, True)
        _Verbs.send(timer._owner, "$timer", "Every", {"id": timer.id, "every": _milliseconds(interval)})
        return timer

    def cancel(self):
        """No Timeout of it is handled from now on, not even one that is on its way."""
        host, place = self._owner._host, (self._owner.key, self.id)
        if host.timers.get(place) is not self:
            return
        del host.timers[place]
        host.cancelled[place] = True
        if len(host.cancelled) > LATE_ASKS_MAX:
            del host.cancelled[next(iter(host.cancelled))]
        _Verbs.send(self._owner, "$timer", "Cancel", {"id": self.id})

    def is_running(self):
        return self._owner._host.timers.get((self._owner.key, self.id)) is self


def _milliseconds(seconds):
    exact = round(seconds * 1000, 3)
    return int(exact) if exact == int(exact) else exact


# --- the process ----------------------------------------------------------------------------------------


class _Answered:
    """The place of a reply that an ask has taken: it is acknowledged after what came before it."""

    __slots__ = ("raw",)

    def __init__(self, raw):
        self.raw = raw


class _Closed(BaseException):
    """Nobody reads what this actor writes."""


class _Host:
    """The lines of a process: reads them, sorts out what an actor need not see, writes what was sent."""

    def __init__(self, pipes):
        self.pipes = pipes
        environment = os.environ if pipes.real else {}
        self.acknowledge = environment.get("SLUICE_ACK") == "1"
        self.keyed = environment.get("SLUICE_SUPERVISOR") == "keyed"
        self.name = environment.get("SLUICE_ACTOR") or ""
        self.pending = deque()
        self.timers = {}
        self.cancelled = {}
        self.late = deque(maxlen=LATE_ASKS_MAX)
        self.failed = False
        self._owner = get_ident()
        self._lock = RLock()
        self._asked = {}  # By other threads: what each waits for.
        self._resting = False  # No message is handled, and other things go on.
        self._out = []
        self._out_size = 0
        self._eager = 0
        self._alone = 0  # So many lines are decoded one by one, because one of them is no envelope.
        self._looked = 0.0

    def put(self, line):
        """A line to be written: at the end of the message, or at once when none is handled."""
        with self._lock:
            self._out.append(line)
            self._out_size = size = self._out_size + len(line)
            if size > WRITE_BYTES or self._resting or get_ident() != self._owner:
                self.flush()

    def flush(self):
        with self._lock:
            if not self._out:
                return
            text = "\n".join(self._out) + "\n"
            self._out = []
            self._out_size = 0
            try:
                self.pipes.write(text)
            except _Closed:
                if get_ident() == self._owner:
                    raise
                raise SystemExit from None  # Ends the thread; the actor's own notices by itself.

    def fill(self):
        """Waits for input."""
        self.flush()
        lines = self.pipes.read()
        if self._asked:
            lines = [text for text in lines if not self._answers(text)]
        self.pending.extend(lines)
        if self.pipes.ended:
            for place in list(self._asked.values()):
                place[0].release()
        self._looked = self.pipes.clock()

    def _answers(self, text):
        """True for the reply that another thread waits for."""
        raw = _decode(text) if '"correlation_id"' in text else None
        place = None if raw is None else self._asked.pop(raw.get("correlation_id"), None)
        if place is None:
            return False
        place[1] = raw
        place[0].release()
        self.answered(raw)
        return True

    def take(self):
        """The next envelope among what has been read, or None."""
        pending = self.pending
        while pending:
            line = pending.popleft()
            if type(line) is dict:
                return line
            if type(line) is _Answered:
                self.ack(line.raw)
                continue
            if self._alone > 0:
                self._alone -= 1
            elif pending and self._take_many(line):
                continue
            raw = _decode(line)
            if raw is not None:
                return raw
            if line.strip():
                _tell("not an envelope: %s" % (line if len(line) <= 200 else line[:200] + "…"))
        return None

    def _take_many(self, first):
        """Puts the envelopes in the next lines in their place, if they are lines and each has one."""
        pending = self.pending
        lines = [first]
        lines.extend(islice(pending, BATCH_LINES - 1))
        try:
            raws = _decode_batch(lines)
        except TypeError:  # Something else is among them.
            raws = None
        if raws is None:
            self._alone = len(lines) - 1
            return False
        for _ in range(len(lines) - 1):
            pending.popleft()
        raws.reverse()
        pending.extendleft(raws)
        return True

    def settled(self):
        """After each message: writes, unless more input waits and handlers are quick."""
        now = self.pipes.clock()
        if now - self._looked > SLOW_SECONDS:
            self._eager = EAGER_MESSAGES
        self._looked = now
        if self._eager > 0:
            self._eager -= 1
            self.flush()

    def ask(self, identity, line, to, timeout):
        """Writes an ask and reads until its reply comes; everything else is kept for later."""
        if self.pipes.real and get_ident() != self._owner:
            return self._ask_beside(identity, line, to, timeout)
        self.put(line)
        self.flush()
        deadline = self.pipes.clock() + timeout + ASK_GRACE_SECONDS
        found = None
        while found is None:
            left = deadline - self.pipes.clock()
            if left <= 0:
                self.late.append(identity)
                raise _late(to, timeout)
            lines = self.pipes.read(left)
            if not lines and self.pipes.ended:
                raise AskError("CLOSED", "Input ended before '%s' replied" % to)
            for text in lines:
                raw = _decode(text) if found is None and identity in text else None
                if raw is not None and raw.get("correlation_id") == identity:
                    found = raw
                    self.answered(raw)
                elif not self._asked or not self._answers(text):
                    self.pending.append(text)
            if found is None and len(self.pending) > ASK_QUEUE_MAX:
                self.late.append(identity)
                raise AskError("OVERFLOW", "More than %d messages came before the reply" % ASK_QUEUE_MAX)
        return found

    def _ask_beside(self, identity, line, to, timeout):
        """An ask of another thread: the actor's own reads its reply, when it does not handle a message."""
        place = self._asked[identity] = [allocate_lock(), None]
        place[0].acquire()
        self.put(line)
        came = not self.pipes.ended and place[0].acquire(True, timeout + ASK_GRACE_SECONDS)
        self._asked.pop(identity, None)
        if place[1] is not None:
            return place[1]
        if came or self.pipes.ended:
            raise AskError("CLOSED", "Input ended before '%s' replied" % to)
        self.late.append(identity)
        raise _late(to, timeout)

    def answered(self, raw):
        if self.acknowledge:
            self.pending.append(_Answered(raw))

    def ack(self, raw):
        if self.acknowledge and type(raw.get("message_id")) is str:
            self.put('{"ack":' + _quote(raw["message_id"]) + "}")

    def outdated(self, raw):
        """A late reply of an ask that was given up, or a Timeout of a cancelled timer."""
        if self.late and raw.get("correlation_id") in self.late:
            return True
        if raw.get("message_type") != "Timeout" or raw.get("sender_actor") not in (None, "$timer"):
            return False
        payload = raw.get("message")
        identity = payload.get("id") if type(payload) is dict else None
        if not isinstance(identity, (str, int, float)):
            return False
        place = (self.key_of(raw), identity)
        timer = self.timers.get(place)
        if timer is not None and not timer._periodic:
            del self.timers[place]
        return place in self.cancelled

    def key_of(self, raw):
        receiver = raw.get("receiver")
        if type(receiver) is str and "/" in receiver:
            return receiver.partition("/")[2]
        return None

    def refuse(self, raw, code, reason):
        """Tells the sender that its message was not understood, unless that would answer an answer."""
        sender = raw.get("sender_actor")
        if Envelope(raw).is_ask or self.is_routed(raw) or self.is_record(raw):
            return self.fail(raw, code, reason)
        silent = raw.get("correlation_id") is not None or "error" in raw or raw.get("topic") is not None
        if silent or raw.get("message_type") in BUILT_IN or type(sender) is not str or sender.startswith("$"):
            if not silent and sender is None and raw.get("message_type") not in BUILT_IN:
                _tell(reason)
            return
        told = {"message_type": raw.get("message_type"), "reason": reason, "code": code, "rejected_by": self.name}
        self.put(_line("Reject", told, self._answer_head(raw)))

    def fail(self, raw, code, text, details=None):
        """A failure reply, unless what is answered reports a failure itself or nobody is to be answered; a message
        on a route goes to `error-end`."""
        error = {"code": code, "message": text}
        if details is not None:
            error["details"] = details
        if self.is_routed(raw):
            key = self.key_of(raw)
            head = '"sender_key":%s,' % _quote(key) if self.keyed and key is not None else ""
            head += '"route":%s,' % _encode(raw["route"])
            if raw.get("headers") is not None:
                head += '"headers":%s,' % _encode(raw["headers"])
            self.put(_line(raw.get("message_type"), raw.get("message"), head + '"error":%s,' % _encode(error)))
            return
        if raw.get("error") is not None or type(raw.get("message_id")) is not str:
            return
        self.put(_line("Failure", None, self._answer_head(raw) + '"error":%s,' % _encode(error)))

    def is_record(self, raw):
        """Nobody has sent it: the engine is told what has become of it."""
        known = raw.get("sender_actor") is not None or raw.get("message_type") in BUILT_IN
        return not known and self.is_answerable(raw)

    def is_answerable(self, raw):
        """False for what answers something itself, for what the engine tells, and where nobody is to be answered:
        an error there is the actor's own."""
        if Envelope(raw).is_ask or self.is_routed(raw):
            return True
        if raw.get("error") is not None or raw.get("correlation_id") is not None:
            return False
        sender = raw.get("sender_actor")
        return type(raw.get("message_id")) is str and not (type(sender) is str and sender.startswith("$"))

    def is_routed(self, raw):
        return type(raw.get("route")) is dict and not Envelope(raw).is_ask

    def _answer_head(self, raw):
        head = ""
        if type(raw.get("sender_actor")) is str:
            head += '"receiver":%s,' % _quote(raw["sender_actor"])
        key = self.key_of(raw)
        if self.keyed and key is not None:
            head += '"sender_key":%s,' % _quote(key)
        if type(raw.get("message_id")) is str:
            head += '"correlation_id":%s,' % _quote(raw["message_id"])
        return head

    def broke(self, raw, error):
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
            self.put('{"nack":%s,"error":%s}' % (_quote(raw["message_id"]), _encode(told)))

    def left(self):
        """The actor has ended its process well: what it had in hand is handled, and its states are kept."""
        if self.acknowledge:  # What came after that is for its next process.
            self.put('{"receiver":"$flow","message_type":"Leave"}')
        self.flush()

    def give(self, actor, key, state, given=None):
        """What an instance has before its first hook."""
        given = given or {}
        actor._host = self
        actor.name = self.name
        actor.key = key
        actor._by = '"sender_key":' + _quote(key) + "," if self.keyed and key is not None else ""
        actor.args = given.get("args")
        actor.state = state
        actor._saved = _encode(state)


class _ClassHost(_Host):
    """Instances of a class; the one without a key is the actor itself."""

    def __init__(self, pipes, make):
        super().__init__(pipes)
        self._make = make
        self._instances = {}
        self._start = None
        self._own_key = None
        self._loop = None
        self._handling = {}

    def serve(self):
        try:
            self._serve()
        finally:
            if self._loop is not None:
                _close(self._loop)

    def _serve(self):
        handle, settled, take = self.handle, self.settled, self.take
        while True:
            raw = take()
            while raw is not None:
                if not handle(raw):
                    return
                settled()
                raw = take()
            if self.pipes.ended:
                self.handle({"message_type": "Shutdown"})
                return
            self.fill()

    def fill(self):
        """Tasks that coroutine handlers have begun go on while input is waited for."""
        self._handling = {}
        if self._loop is not None and self.pipes.real:
            self.flush()
            self._run_tasks()
        super().fill()

    def _run_tasks(self):
        import asyncio
        tasks = asyncio.all_tasks(self._loop)
        if not tasks:
            return
        ready = self._loop.create_future()
        try:
            self._loop.add_reader(self.pipes.input, lambda: ready.done() or ready.set_result(None))
        except OSError:
            return  # A regular file: reading does not wait.
        self._resting = True
        try:
            self._loop.run_until_complete(ready)
        finally:
            self._resting = False
            self._loop.remove_reader(self.pipes.input)

    def left(self):
        self.ack(self._handling)
        for actor, _ in self._instances.values():
            if actor.state is not None and _encode(actor.state) != actor._saved:
                actor.save()
        super().left()

    def key_of(self, raw):
        key = super().key_of(raw)
        return None if key == self._own_key else key

    def handle(self, raw):
        """One message; False after the last."""
        self._handling = raw
        kind = raw.get("message_type")
        if kind in LIFECYCLE:
            if raw.get("sender_actor") in (None, "$engine"):
                return self._lifecycle(kind, raw)
            self.ack(raw)  # A forged one.
            return True
        receiver = raw.get("receiver")
        key = self.key_of(raw) if type(receiver) is str and "/" in receiver else None
        found = self._instances.get(key)
        if found is None:
            found = self._activate(key, None, {"message_type": "Start" if key is None else "Activate"})
        actor, handlers = found
        handler = handlers.get(kind) or self._find(actor, handlers, kind)
        if (self.late or kind == "Timeout") and self.outdated(raw):
            handler = None
        elif handler is None:
            self.refuse(raw, "UNKNOWN_TYPE", "Unknown message type: %s" % kind)
        if handler is not None:
            try:
                env = _new_envelope(Envelope)  # Without a call of __init__: a tenth of what a message costs.
                env.raw = raw
                env._msg = None
                result = handler(env)
                if result is not None and hasattr(result, "__await__"):
                    self._finish(result)
            except _Unknown:
                self.refuse(raw, "UNKNOWN_TYPE", "Unknown message type: %s" % kind)
            except ActorError as error:
                if not self.is_answerable(raw):
                    if not self.pipes.real:
                        raise
                    self.broke(raw, error)
                    return True
                self.fail(raw, error.code, error.message, error.details)
            except _Unreadable as error:
                self.refuse(raw, "BAD_MESSAGE", "Cannot read message \"%s\": %s" % (kind, error))
            except (Fatal, MemoryError):
                raise
            except Exception as error:
                if not self.pipes.real:
                    raise
                self.broke(raw, error)
                return True
        if self.acknowledge:
            self.ack(raw)
        return True

    def _lifecycle(self, kind, raw):
        given = raw.get("message")
        given = given if type(given) is dict else {}
        if kind == "Start":
            self._start = given
            self.name = given.get("name") or self.name
            self._own_key = given.get("key")
            if not self.keyed or self._own_key is not None:
                self._activate(None, given.get("state"), raw)
        elif kind == "Activate":
            self.keyed = True
            key = self.key_of(raw) or given.get("key")
            self._activate(None if key == self._own_key else key, given.get("state"), raw)
        elif kind == "Deactivate":
            key = self.key_of(raw) or given.get("key")
            self._stop(None if key == self._own_key else key, "on_deactivate", raw)
        else:
            for key in list(self._instances) or ([] if self.keyed else [None]):
                if key not in self._instances:
                    self._activate(key, None, {"message_type": "Start"})
                self._stop(key, "on_shutdown", raw)
        self.ack(raw)
        return kind != "Shutdown"

    def _activate(self, key, state, raw):
        actor = self._make()
        self.give(actor, self._own_key if key is None else key, state, self._start)
        found = self._instances[key] = (actor, {})
        actor.pre_start()
        # One with a process for each key has its own in Start.
        started = getattr(actor, "on_activate", None) if actor.key is not None else None
        started = started or getattr(actor, "on_start", None)
        if started is not None:
            result = started(Envelope(raw))
            if result is not None and hasattr(result, "__await__"):
                self._finish(result)
        return found

    def _stop(self, key, hook, raw):
        """The last hooks of an instance, and its state saved."""
        import traceback
        actor, _ = self._instances.pop(key, (None, None))
        if actor is None:
            return
        own_stop = _takes(actor.on_stop, 0)
        for call in (getattr(actor, hook, None), actor.on_stop if own_stop else None):
            try:
                result = None if call is None else call(Envelope(raw)) if call != actor.on_stop else call()
                if result is not None and hasattr(result, "__await__"):
                    self._finish(result)
            except Exception as error:
                if not self.pipes.real or isinstance(error, (Fatal, MemoryError)):
                    raise
                self.failed = True
                traceback.print_exception(type(error), error, error.__traceback__)
        if actor.state is not None and (hook == "on_deactivate" or _encode(actor.state) != actor._saved):
            actor.save()

    def _find(self, actor, handlers, kind):
        """The method for a type; what was found is kept, what was not may be any text and is not."""
        method = None
        if kind is not None:
            name = "on_" + re.sub(r"\W", "_", kind.lower())
            method = getattr(actor, name, None)
            if name == "on_stop" and method is not None and not _takes(method, 1):
                method = None  # The hook, not a handler.
        if method is None and kind not in BUILT_IN:
            return getattr(actor, "on_receive", None)
        if method is not None:
            handlers[kind] = method
        return method

    def _finish(self, awaitable):
        """Runs a coroutine handler to its end."""
        import asyncio
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
        self._loop.run_until_complete(awaitable)


def _close(loop):
    """Tasks that still run are cancelled."""
    import asyncio
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.wait(tasks, timeout=1))
    loop.close()


def _takes(function, count):
    import inspect
    try:
        inspect.signature(function).bind(*range(count))
        return True
    except TypeError:
        return False


# --- receive loops --------------------------------------------------------------------------------------


class Context(_Verbs):
    """What a coroutine actor gets: `receive`, `send`, `ask`, `should_terminate`, and `async for request in ctx`.

    A request is the payload with the envelope's fields beside it (`request.message_id`); it counts as handled when
    the next one is received."""

    _saved = "null"

    def __init__(self, host):
        self._host = host
        self._next = None
        self._current = None
        self._asks = {}
        self._terminated = False
        self._received = 0
        self.on_reject = None

    @property
    def kernel_id(self):
        return self.name

    @property
    def envelope(self):
        """The envelope of the current request."""
        return None if self._current is None else Envelope(self._current)

    @property
    def is_active(self):
        return True

    async def wait_active(self):
        """The engine holds back the messages of an actor that is not active, so there is nothing to wait for."""

    @property
    def should_terminate(self):
        """Everything before Shutdown has been received."""
        self._advance()
        return self._terminated and self._next is None

    def _advance(self):
        host = self._host
        while self._next is None and not self._terminated:
            raw = host.take()
            if raw is None:
                self._terminated = host.pipes.ended
                return
            kind = raw.get("message_type")
            ours = raw.get("sender_actor") in (None, "$engine")
            if kind == "Shutdown" and ours:
                self._settle()
                self._terminated = True
                host.ack(raw)
            elif kind in LIFECYCLE or host.outdated(raw):
                host.ack(raw)
            elif kind == "Reject" or raw.get("error") is not None:
                if self.on_reject is None:
                    _tell("%s: %s" % (kind, _encode(raw.get("error") or raw.get("message"))))
                else:
                    self.on_reject(Envelope(raw))
                host.ack(raw)
            else:
                self._next = raw

    def _settle(self):
        if self._current is not None:
            self._host.ack(self._current)
            self._current = None
            self._host.settled()

    async def receive(self, timeout=None):
        """The next request. ReceiveTimeout (a TimeoutError) after `timeout` seconds, Terminated after Shutdown."""
        import asyncio
        self._settle()
        host = self._host
        deadline = None if timeout is None else host.pipes.clock() + timeout
        self._received += 1
        if self._received % 100 == 0:
            await asyncio.sleep(0)
        while True:
            self._advance()
            if self._next is not None:
                raw = self._current = self._next
                self._next = None
                try:
                    return _request(raw)
                except _Unreadable as error:
                    host.refuse(raw, "BAD_MESSAGE", "Cannot read message \"%s\": %s" % (raw["message_type"], error))
                    self._settle()
                    continue
            if self._terminated:
                raise Terminated("No message will come any more")
            if deadline is not None and deadline <= host.pipes.clock():
                raise ReceiveTimeout("No message within %g s" % timeout)
            await host.wait(deadline)

    def __aiter__(self):
        return self

    async def __anext__(self):
        try:
            return await self.receive()
        except Terminated:
            raise StopAsyncIteration from None

    async def send(self, message, data=_ABSENT, to=None, **options):
        """Without `to`, a message with a correlation_id (see @message) goes to whoever sent that id, any other
        one to the sender of the current request."""
        if to is None and "correlation_id" not in options and getattr(message, "correlation_id", None) is None:
            if self._current is None:
                raise ValueError("Cannot send without a receiver: no request is being handled")
            super().reply(Envelope(self._current), message, data, **options)
        else:
            super().send(to, message, data, **options)

    async def publish(self, topic, message, data=_ABSENT, **options):
        """To everybody whose `subscribe` matches the topic."""
        super().publish(topic, message, data, **options)

    async def reply(self, request, message, data=_ABSENT, **options):
        """Answers a request."""
        super().reply(request, message, data, **options)

    async def forward(self, request, payload, then=()):
        """To the next actor of the request's route, or to `happy-end` after the last; `then` come before that."""
        super().forward(request, payload, then)

    async def fail(self, request, code, text="", details=None):
        """A failure reply: a business error."""
        self._host.fail(request._envelope.raw, code, text, details)

    async def ask(self, to, message, data=_ABSENT, *, timeout=ASK_SECONDS, **options):
        """Sends, waits for the reply and gives its payload; several may wait at once."""
        import asyncio
        identity, line = self._ask_line(to, message, data, timeout, options)
        host = self._host
        future = host.asks[identity] = host.loop.create_future()
        try:
            host.put(line)
            host.flush()
            host.listen()
            raw = await asyncio.wait_for(future, timeout + ASK_GRACE_SECONDS)
        except _TIMEOUTS:
            host.late.append(identity)
            raise _late(to, timeout) from None
        finally:
            host.asks.pop(identity, None)
        return _answer(raw, to)

    fast_send = ask


KernelContext = Context


class _Request(Msg):
    """A payload and, where it has no such field, what its envelope has."""

    __slots__ = ("_envelope",)

    def __init__(self, payload, env):
        super().__init__(payload)
        object.__setattr__(self, "_envelope", env)

    def __getattr__(self, name):
        if name not in self and name in _ENVELOPE_FIELDS:
            return getattr(self._envelope, name)
        return super().__getattr__(name)


_ENVELOPE_FIELDS = frozenset(name for name in vars(Envelope) if not name.startswith("_"))


def _request(raw):
    env = Envelope(raw)
    if raw.get("message_type") in _registry:
        made = env.msg
        try:
            made._envelope = env
        except AttributeError:
            pass  # A class with slots: it can be answered by its correlation_id only.
        return made
    payload = raw.get("message")
    return _Request(payload if type(payload) is dict else {} if payload is None else {"value": payload}, env)


class _LoopHost(_Host):
    """A coroutine with a Context."""

    def __init__(self, pipes, function):
        super().__init__(pipes)
        self._function = function
        self.context = Context(self)
        self.asks = {}
        self.loop = None
        self._flushes = False
        self._waiter = None
        self._listening = False

    def serve(self):
        import asyncio
        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_until_complete(self.main())
        finally:
            _close(self.loop)

    def put(self, line):
        """A task beside the loop may have sent it: it is written when those that can go on have done so."""
        super().put(line)
        if self._out and not self._flushes and self.loop is not None and get_ident() == self._owner:
            self._flushes = True
            self.loop.call_soon(self._flush_soon)

    def _flush_soon(self):
        self._flushes = False
        self.flush()

    def left(self):
        self.context._settle()
        if self.context.state is not None and _encode(self.context.state) != self.context._saved:
            self.context.save()
        if self.context._terminated:
            self.flush()
        else:
            super().left()

    async def main(self):
        if self.pipes.real:
            self.listen()
            while not self.pending and not self.pipes.ended:
                await self.wait(None)
            raw = self.take()
            if raw is not None:
                self.begin(raw)
        await self._function(self.context)
        self.left()

    def begin(self, raw):
        """The first line should be Start; else nothing is known and the line is the first message."""
        given = raw.get("message")
        if raw.get("message_type") == "Start" and type(given) is dict:
            self.name = given.get("name") or self.name
            self.give(self.context, given.get("key"), given.get("state"), given)
            self.ack(raw)
        else:
            self.give(self.context, None, None)
            self.pending.appendleft(raw)

    def listen(self):
        if self._listening or not self.pipes.real or self.pipes.ended:
            return
        try:
            self.loop.add_reader(self.pipes.input, self._readable)
            self._listening = True
        except OSError:
            self._readable()  # A regular file: reading does not wait.

    def _readable(self):
        lines = self.pipes.read()
        if self.asks:
            for text in lines:
                self.arrive(text)
        else:
            self.pending.extend(lines)
        enough = self.pipes.ended or (len(self.pending) > (ASK_QUEUE_MAX if self.asks else QUEUE_MAX))
        if enough and self._listening:
            self.loop.remove_reader(self.pipes.input)
            self._listening = False
        if self.pipes.ended:
            for future in self.asks.values():
                if not future.done():
                    future.set_exception(AskError("CLOSED", "Input ended before the reply came"))
        elif enough:
            for future in self.asks.values():
                if not future.done():
                    future.set_exception(AskError("OVERFLOW", "Too many messages came before the reply"))
        self.wake()

    def arrive(self, text):
        if self.asks:
            raw = _decode(text)
            future = None if raw is None else self.asks.get(raw.get("correlation_id"))
            if future is not None and not future.done():
                future.set_result(raw)
                self.answered(raw)
                return
        self.pending.append(text)

    def wake(self):
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def wait(self, deadline):
        """Until something arrives or the clock says so."""
        self.flush()
        self.listen()
        if self.pending or self.pipes.ended:
            return
        self._waiter = self.loop.create_future()
        timer = None
        if self.pipes.real:
            if deadline is not None:
                timer = self.loop.call_later(max(0, deadline - self.pipes.clock()), self.wake)
        else:
            self.pipes.sleep(deadline, self.wake)
        try:
            await self._waiter
        finally:
            self._waiter = None
            if timer is not None:
                timer.cancel()
            self._looked = self.pipes.clock()


# --- functions and run ----------------------------------------------------------------------------------

_functions = {}


def handler(message_type):
    """Function decorator: `@handler("Add") def add(msg): return {...}`; `run()` serves all of them."""

    def register(function):
        _functions[message_type] = function
        return function

    return register


def ring_kernel(kernel_id=None, **_options):
    """Function decorator of receive loops; the name and the limits of an actor are in the flow file."""

    def register(function):
        function.kernel_id = kernel_id or function.__name__
        return function

    return register


def _function_actor(functions, default=None):
    """A class whose replies are what functions return; None is no reply."""

    class Functions(Actor):
        def on_receive(self, env):
            function = functions.get(env.message_type, default)
            if function is None:
                raise _Unknown()
            result = function(env.msg, env) if _takes(function, 2) else function(env.msg)
            return self._later(env, result) if hasattr(result, "__await__") else self._return(env, result)

        async def _later(self, env, result):
            self._return(env, await result)

        def _return(self, env, result):
            if result is not None:
                kind, payload = _typed(result, _ABSENT) if type(result) is not str else (None, result)
                self.reply(env, kind or "Reply", payload)

    return Functions


def _make_host(pipes, actor):
    import inspect
    if actor is None:
        actor = _function_actor(dict(_functions))
    if inspect.iscoroutinefunction(actor):
        return _LoopHost(pipes, actor)
    if inspect.isclass(actor):
        return _ClassHost(pipes, actor)
    if isinstance(actor, Actor):
        return _ClassHost(pipes, lambda: copy.copy(actor))
    if callable(actor):
        return _ClassHost(pipes, _function_actor({}, actor))
    raise TypeError("Cannot run a %s (expected a class, a function or a coroutine function)" % type(actor).__name__)


def _leave(host):
    """sys.exit(0) of an actor."""
    try:
        host.left()
        return 0
    except _Closed:
        return 1


def run(actor=None):
    """Serves an actor until Shutdown or the end of input, then exits the process: 0, or 1 after a fatal error."""
    import traceback
    host = _make_host(_Pipes(), actor)
    try:
        host.serve()
        host.flush()
        code = 1 if host.failed else 0
    except _Closed:
        code = 1
    except KeyboardInterrupt:
        code = 130
    except SystemExit as error:
        code = 0 if error.code is None else error.code if isinstance(error.code, int) else 1
        if isinstance(error.code, str):
            print(error.code, file=sys.stderr)
        if code == 0:
            code = _leave(host)
    except BaseException as error:
        traceback.print_exception(type(error), error, error.__traceback__)
        code = 1
    if code != 0:
        try:
            host.flush()
        except _Closed:
            pass
    sys.stdout.flush()
    sys.stderr.flush()
    sys.exit(code)


# --- unit tests -----------------------------------------------------------------------------------------


class _TestPipes:
    """What surrounds an actor in a test: lists instead of pipes, and a clock that stands still."""

    real = False
    ended = False

    def __init__(self):
        self.now = 0.0
        self.sent = []
        self.answers = {}
        self.state = None
        self.timers = {}
        self.sleepers = []
        self.host = None
        self._input = []

    def clock(self):
        return self.now

    def read(self, seconds=None):
        lines, self._input = self._input, []
        return lines

    def sleep(self, deadline, wake):
        self.sleepers.append((deadline, wake))

    def write(self, text):
        for line in text.rstrip("\n").split("\n"):
            raw = json.loads(line)
            env = Envelope(raw)
            system = {"$timer": self._timer, "$state": self._keep}.get(env.receiver)
            if system is not None:
                system(env)
            else:
                self.sent.append(env)
            if env.is_ask:
                self._answer(env)

    def _timer(self, env):
        given = env.message
        if env.message_type == "Cancel":
            self.timers.pop(given["id"], None)
        else:
            every = given["every"] / 1000 if env.message_type == "Every" else None
            self.timers[given["id"]] = [self.now + (every or given.get("after", 0) / 1000), every]

    def _keep(self, env):
        if env.message_type == "Save":
            self.state = env.message

    def _answer(self, env):
        answer = self.answers.get(env.message_type)
        reply = {"message_type": "Reply", "sender_actor": env.receiver, "correlation_id": env.message_id}
        if env.receiver == "$state":
            reply["message"] = {"state": self.state}
        elif answer is None:
            self.now += env.headers["ask"] / 1000
            reply["error"] = {"code": "TIMEOUT", "message": "No reply of '%s'" % env.receiver}
        else:
            try:
                reply["message"] = answer(env.msg) if callable(answer) else answer
            except ActorError as error:
                reply["error"] = {"code": error.code, "message": error.message, "details": error.details}
        line = _encode(reply)
        if isinstance(self.host, _LoopHost):
            self.host.arrive(line)
        else:
            self._input.append(line)


class ActorTest:
    """An actor without an engine; see test_actor."""

    def __init__(self, pipes, host, start):
        self._pipes = pipes
        self._host = host
        self._count = 0
        self._asked = None
        self._task = None
        self.started = self._do(start)

    @property
    def sent(self):
        """Everything that the actor has sent, but to $timer and $state."""
        return list(self._pipes.sent)

    @property
    def state(self):
        """What the actor has saved last."""
        return self._pipes.state

    @property
    def timers(self):
        """The ids of timers that run."""
        return list(self._pipes.timers)

    @property
    def now(self):
        """Seconds on the clock."""
        return self._pipes.now

    def answer(self, message_type, answer):
        """How asks of this type are answered: a payload, or a function that gives one or raises ActorError.
        An ask that nothing answers is late."""
        self._pipes.answers[message_type] = answer

    def send(self, message, data=_ABSENT, sender="tester", **options):
        """Gives the actor a message; what it sends meanwhile comes back, as envelopes."""
        kind, payload = _typed(message, data)
        self._count += 1
        self._asked = "message-%d" % self._count
        raw = dict({"message_id": self._asked}, **json.loads(_line(kind, payload, "")))
        raw.update(options, receiver=self._host.name, sender_actor=sender)
        self._asked = raw["message_id"]
        return self._do(raw)

    def ask(self, message, data=_ABSENT, **options):
        """As send, and gives the payload of the reply; its error is raised as AskError."""
        sent = self.send(message, data, headers={"ask": 1000}, **options)
        for env in sent:
            if env.correlation_id == self._asked:
                return _answer(env.raw, self._host.name)
        raise AssertionError("The actor has not replied; it sent %r" % (sent,))

    def advance(self, seconds):
        """Moves the clock; timers due meanwhile fire in their order. Gives what was sent."""
        end = self._pipes.now + seconds
        place = len(self._pipes.sent)
        while True:
            due = [(at, str(identity), identity) for identity, (at, _) in self._pipes.timers.items() if at <= end]
            sleeps = [at for at, _ in self._pipes.sleepers if at is not None and at <= end]
            if not due and not sleeps:
                break
            if sleeps and (not due or min(sleeps) < min(due)[0]):
                self._pipes.now = max(self._pipes.now, min(sleeps))
                self._run()
                continue
            at, _, identity = min(due)
            self._pipes.now = max(self._pipes.now, at)
            every = self._pipes.timers[identity][1]
            if every is None:
                del self._pipes.timers[identity]
            else:
                self._pipes.timers[identity][0] = at + every
            self._do({"message_type": "Timeout", "sender_actor": "$timer", "message": {"id": identity}})
        self._pipes.now = end
        return self._pipes.sent[place:]

    def shutdown(self):
        """The end of the run."""
        return self._do({"message_type": "Shutdown", "sender_actor": "$engine", "message": {}})

    def _do(self, raw):
        import asyncio
        place = len(self._pipes.sent)
        if isinstance(self._host, _ClassHost):
            self._host.handle(raw)
            while self._host.pending:
                self._host.handle(self._host.take())
            self._host.flush()
        elif raw.get("message_type") == "Start":
            self._host.begin(raw)
            self._host.loop = asyncio.new_event_loop()
            self._task = self._host.loop.create_task(self._host.main())
            self._run()
        else:
            self._host.pending.append(raw)
            self._run()
        return self._pipes.sent[place:]

    def _run(self):
        """Lets a receive loop go on until it waits again."""
        pipes, loop = self._pipes, self._host.loop
        due = [wake for at, wake in pipes.sleepers if self._host.pending or (at is not None and at <= pipes.now)]
        if due:
            pipes.sleepers = []
        for wake in due:
            wake()

        async def idle():
            import asyncio
            while not pipes.sleepers and not self._task.done():
                await asyncio.sleep(0)

        loop.run_until_complete(idle())
        if self._task.done():
            loop.close()
            self._host.flush()
            self._task.result()


def test_actor(actor, name="actor", key=None, args=None, state=None):
    """An actor in a unit test, with neither engine nor processes and a clock that only `advance` moves.

        pong = test_actor(Pong)
        assert pong.ask("Ping", {"count": 1}) == {"count": 1}
    """
    pipes = _TestPipes()
    # As a line would bring it: what the actor does to it is not done to what the test has.
    given = json.loads(_encode({"name": name, "key": key, "args": args, "state": state}))
    pipes.state = json.loads(_encode(state))
    host = pipes.host = _make_host(pipes, actor)
    host.name = name
    return ActorTest(pipes, host, {"message_type": "Start", "sender_actor": "$engine", "message": given})


test_actor.__test__ = False  # Not itself a test, whatever its name says to pytest.
