"""What an actor can do, whatever its style."""
from __future__ import annotations

from .envelope import ABSENT, Envelope, split_message, write_line
from .errors import AskError, AskTimeout
from .limits import ASK_SECONDS
from .wire import checked, encode, new_id, quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, TypedDict

    from typing_extensions import Unpack

    from .host import Host
    from .wire import Raw

    class PublishOptions(TypedDict, total=False):
        """What an envelope may have beside receiver or topic, type and payload."""

        priority: int | None
        headers: dict[str, Any] | None
        correlation_id: str | None
        message_id: str | None
        route: dict[str, Any] | None
        error: dict[str, Any] | None

    class Options(PublishOptions, total=False):
        """The same, and a topic where the receiver is given."""

        topic: str | None


class Verbs:
    """What classes and receive loops share. `_host` is the process, `key` which instance this is."""

    _host: Host
    _by = ""  # The text of sender_key, for an instance of a shared host.
    _saved = "null"
    name = ""
    key: str | None = None
    args: Any = None
    state: Any = None

    def _head(self, receiver: str | None, options: Options) -> str:
        head = '"receiver":' + quote(receiver) + "," + self._by if receiver is not None else self._by
        for name, value in options.items():
            if value is not None:
                if name not in _OPTIONS:
                    raise TypeError("An envelope has no %r (it has: %s)" % (name, ", ".join(sorted(_OPTIONS))))
                head += '"%s":%s,' % (name, encode(value))
        return head

    def _put(self, line: str) -> None:
        self._host.put(checked(line))

    def _send(self, to: str | None, message: Any, data: Any = ABSENT, **options: Unpack[Options]) -> None:
        """Sends and goes on: `send("bank", Deposit(5))`, `send("bank", "Deposit", {"amount": 5}, priority=200)`."""
        if type(data) is dict and not options and type(message) is type(to) is str:
            self._put('{"message_type":%s,"receiver":%s,%s"message":%s}' % (
                quote(message), quote(to), self._by, encode(data)))
            return
        kind, payload = split_message(message, data)
        self._put(write_line(kind, payload, self._head(to, options)))

    def _publish(self, topic: str, message: Any, data: Any = ABSENT, **options: Unpack[PublishOptions]) -> None:
        """To everybody whose `subscribe` matches the topic."""
        kind, payload = split_message(message, data)
        self._put(write_line(kind, payload, self._head(None, {**options, "topic": topic})))

    def _reply(self, env: Any, message: Any, data: Any = ABSENT, **options: Unpack[Options]) -> None:
        """Answers a message; without anybody to answer nothing is sent."""
        raw = env.raw if type(env) is Envelope else env._envelope.raw
        sender = raw.get("sender_actor")
        identity = raw.get("message_id")
        if type(data) is dict and not options and type(message) is type(sender) is type(identity) is str:
            # What is nearly always written, in one piece.
            self._put('{"message_type":%s,"receiver":%s,%s"correlation_id":%s,"message":%s}' % (
                quote(message), quote(sender), self._by, quote(identity), encode(data)))
            return
        kind, payload = split_message(message, data)
        if sender is None and identity is None:
            return
        head = self._head(sender, options)
        if identity is not None:
            head += '"correlation_id":' + quote(identity) + ","
        self._put(write_line(kind, payload, head))

    def _forward(self, env: Any, payload: Any, then: Iterable[str] = ()) -> None:
        """To the next actor of the message's route, or to `happy-end` after the last; `then` come before that."""
        env = env if type(env) is Envelope else env._envelope
        given: dict[str, Any] = env.route if type(env.route) is dict else {"actors": [self.name], "current": 0}
        ahead = given.get("current", 0) + 1
        actors = list(given.get("actors") or [])
        route = dict(given, actors=actors[:ahead] + list(then) + actors[ahead:], current=ahead)
        head = self._head(None, {"route": route, "headers": env.headers or None})
        self._put(write_line(env.message_type, payload, head))

    def emit(self, value: Any) -> None:
        """Writes one JSON line to the actor's stdout stream, for byte actors that read it."""
        self._put(self._plain_line('"message":' + encode(value)))

    def _plain_line(self, text: str) -> str:
        return "{" + self._head(None, {}) + text + "}"

    def save(self, state: Any = ABSENT) -> None:
        """Saves the state (that given, else `self.state`): a later Start or Activate brings it back."""
        if state is not ABSENT:
            self.state = state
        text = encode(self.state)
        self._put('{"message_type":"Save",' + self._head("$state", {}) + '"message":' + text + "}")
        self._saved = text

    save_state = save

    def finish(self, reason: str | None = None, code: int = 0) -> None:
        """The run is over: its sources stop and every actor gets Shutdown. With a code other than 0 it has failed."""
        told: dict[str, Any] = {} if reason is None else {"reason": reason}
        self._send("$flow", "Finish", dict(told, code=code) if code else told)

    def log(self, text: str, level: str = "info", **fields: Any) -> None:
        """A line for the run's log, with fields."""
        self._send("$log", "Log", dict(fields, level=level, text=text))

    def get_ref(self, name: str) -> ActorRef:
        """A handle to send to: `self.get_ref("pong").send(Ping(1))`."""
        return ActorRef(self, name)

    @property
    def ref(self) -> ActorRef:
        """A handle to this actor, or to this instance of a keyed one."""
        return ActorRef(self, self.name if self.key is None else "%s/%s" % (self.name, self.key))

    _actor_ref = ref

    def flush(self) -> None:
        """Writes what has been sent so far now, not at the end of the handler."""
        self._host.flush()

    def ask(self, to: str, message: Any, data: Any = ABSENT, *, timeout: float, **options: Unpack[Options]) -> Any:
        raise NotImplementedError

    def _ask_line(self, to: str, message: Any, data: Any, timeout: float, options: Options) -> tuple[str, str]:
        if timeout is None or timeout <= 0:
            raise ValueError("An ask needs a timeout in seconds, got %s" % (timeout,))
        kind, payload = split_message(message, data)
        identity = options["message_id"] = new_id()
        options["headers"] = dict(options.get("headers") or {}, ask=int(timeout * 1000))
        return identity, checked(write_line(kind, payload, self._head(to, options)))


_OPTIONS = frozenset(("priority", "headers", "correlation_id", "message_id", "topic", "route", "error"))


def read_answer(raw: Raw) -> Any:
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


def late_error(to: str, timeout: float) -> AskTimeout:
    return AskTimeout("TIMEOUT", "No reply of '%s' within %g s" % (to, timeout))


class ActorRef:
    """A handle of another actor."""

    __slots__ = ("_owner", "name")

    def __init__(self, owner: Verbs, name: str) -> None:
        self._owner = owner
        self.name = name

    def send(self, message: Any, sender: Any = None, data: Any = ABSENT, **options: Unpack[Options]) -> None:
        """Sends and goes on. The sender is whose handle this is, whatever is given."""
        self._owner._send(self.name, message, data, **options)

    def ask(
        self, message: Any, sender: Any = None, data: Any = ABSENT, timeout: float = ASK_SECONDS,
        **options: Unpack[Options],
    ) -> Any:
        """Sends, waits for the reply and gives its payload; in a receive loop what is to be awaited for it."""
        return self._owner.ask(self.name, message, data, timeout=timeout, **options)

    fast_send = ask
