"""Actors in unit tests, with neither engine nor processes."""
from __future__ import annotations

import json

from .class_host import ClassHost
from .envelope import ABSENT, Envelope, split_message, write_line
from .errors import ActorError
from .loop_host import LoopHost
from .running import make_host
from .verbs import read_answer
from .wire import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import Task
    from collections.abc import Callable
    from typing import Any, Union

    from typing_extensions import Unpack

    from .running import AnyHost
    from .verbs import Options
    from .wire import Raw

    Answer = Union[Callable[[Any], Any], Any]


class TestTimer:
    """A timer in a test: when it is due, and how often."""

    __slots__ = ("at", "every")

    def __init__(self, at: float, every: float | None) -> None:
        self.at = at
        self.every = every


class TestPipes:
    """What surrounds an actor in a test: lists instead of pipes, and a clock that stands still."""

    real = False
    ended = False
    input = -1
    host: AnyHost

    def __init__(self) -> None:
        self.now = 0.0
        self.sent: list[Envelope] = []
        self.answers: dict[str | None, Answer] = {}
        self.state: Any = None
        self.timers: dict[Any, TestTimer] = {}
        self.sleepers: list[tuple[float | None, Callable[[], None]]] = []
        self._input: list[str] = []

    def clock(self) -> float:
        return self.now

    def read(self, seconds: float | None = None) -> list[str]:
        lines, self._input = self._input, []
        return lines

    def sleep(self, deadline: float | None, wake: Callable[[], None]) -> None:
        self.sleepers.append((deadline, wake))

    def write(self, text: str) -> None:
        for line in text.rstrip("\n").split("\n"):
            raw = json.loads(line)
            env = Envelope(raw)
            if env.receiver == "$timer":
                self._timer(env)
            elif env.receiver == "$state":
                self._keep(env)
            else:
                self.sent.append(env)
            if env.is_ask:
                self._answer(env)

    def _timer(self, env: Envelope) -> None:
        given = env.message
        if env.message_type == "Cancel":
            self.timers.pop(given["id"], None)
        else:
            every = given["every"] / 1000 if env.message_type == "Every" else None
            self.timers[given["id"]] = TestTimer(self.now + (every or given.get("after", 0) / 1000), every)

    def _keep(self, env: Envelope) -> None:
        if env.message_type == "Save":
            self.state = env.message

    def _answer(self, env: Envelope) -> None:
        answer = self.answers.get(env.message_type)
        reply: Raw = {"message_type": "Reply", "sender_actor": env.receiver, "correlation_id": env.message_id}
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
        line = encode(reply)
        if isinstance(self.host, LoopHost):
            self.host.arrive(line)
        else:
            self._input.append(line)


class ActorTest:
    """An actor without an engine; see test_actor."""

    def __init__(self, pipes: TestPipes, host: AnyHost, start: Raw) -> None:
        self._pipes = pipes
        self._host = host
        self._count = 0
        self._asked: str | None = None
        self._task: Task[None] | None = None
        self.started = self._do(start)

    @property
    def sent(self) -> list[Envelope]:
        """Everything that the actor has sent, but to $timer and $state."""
        return list(self._pipes.sent)

    @property
    def state(self) -> Any:
        """What the actor has saved last."""
        return self._pipes.state

    @property
    def timers(self) -> list[Any]:
        """The ids of timers that run."""
        return list(self._pipes.timers)

    @property
    def now(self) -> float:
        """Seconds on the clock."""
        return self._pipes.now

    def answer(self, message_type: str, answer: Answer) -> None:
        """How asks of this type are answered: a payload, or a function that gives one or raises ActorError.
        An ask that nothing answers is late."""
        self._pipes.answers[message_type] = answer

    def send(
        self, message: Any, data: Any = ABSENT, sender: str | None = "tester", **options: Unpack[Options],
    ) -> list[Envelope]:
        """Gives the actor a message; what it sends meanwhile comes back, as envelopes."""
        kind, payload = split_message(message, data)
        self._count += 1
        self._asked = "message-%d" % self._count
        raw: Raw = dict({"message_id": self._asked}, **json.loads(write_line(kind, payload, "")))
        raw.update(options, receiver=self._host.name, sender_actor=sender)
        self._asked = raw["message_id"]
        return self._do(raw)

    def ask(self, message: Any, data: Any = ABSENT, **options: Unpack[Options]) -> Any:
        """As send, and gives the payload of the reply; its error is raised as AskError."""
        options["headers"] = dict(options.get("headers") or {}, ask=1000)
        sent = self.send(message, data, **options)
        for env in sent:
            if env.correlation_id == self._asked:
                return read_answer(env.raw)
        raise AssertionError("The actor has not replied; it sent %r" % (sent,))

    def advance(self, seconds: float) -> list[Envelope]:
        """Moves the clock; timers due meanwhile fire in their order. Gives what was sent."""
        end = self._pipes.now + seconds
        place = len(self._pipes.sent)
        while True:
            timers = self._pipes.timers.items()
            due = [(timer.at, str(identity), identity) for identity, timer in timers if timer.at <= end]
            sleeps = [at for at, _ in self._pipes.sleepers if at is not None and at <= end]
            if not due and not sleeps:
                break
            if sleeps and (not due or min(sleeps) < min(due)[0]):
                self._pipes.now = max(self._pipes.now, min(sleeps))
                if isinstance(self._host, LoopHost):
                    self._go_on(self._host, None)
                continue
            at, _, identity = min(due)
            self._pipes.now = max(self._pipes.now, at)
            timer = self._pipes.timers[identity]
            if timer.every is None:
                del self._pipes.timers[identity]
            else:
                timer.at += timer.every
            self._do({"message_type": "Timeout", "sender_actor": "$timer", "message": {"id": identity}})
        self._pipes.now = end
        return self._pipes.sent[place:]

    def shutdown(self) -> list[Envelope]:
        """The end of the run."""
        return self._do({"message_type": "Shutdown", "sender_actor": "$engine", "message": {}})

    def _do(self, raw: Raw) -> list[Envelope]:
        place = len(self._pipes.sent)
        if isinstance(self._host, ClassHost):
            self._handle(self._host, raw)
        else:
            self._go_on(self._host, raw)
        return self._pipes.sent[place:]

    def _handle(self, host: ClassHost, raw: Raw) -> None:
        given: Raw | None = raw
        while given is not None:
            host.handle(given)
            given = host.take()
        host.flush()

    def _go_on(self, host: LoopHost, raw: Raw | None) -> None:
        """Lets a receive loop go on until it waits again."""
        import asyncio
        if self._task is None:
            host.begin(raw or {})
            host.loop = asyncio.new_event_loop()
            self._task = host.loop.create_task(host.main())
        elif raw is not None:
            host.pending.append(raw)
        pipes, task = self._pipes, self._task
        due = [wake for at, wake in pipes.sleepers if host.pending or (at is not None and at <= pipes.now)]
        if due:
            pipes.sleepers = []
        for wake in due:
            wake()

        async def idle() -> None:
            while not pipes.sleepers and not task.done():
                await asyncio.sleep(0)

        host.loop.run_until_complete(idle())
        if task.done():
            host.loop.close()
            host.flush()
            task.result()


def test_actor(
    actor: Any, name: str = "actor", key: str | None = None, args: Any = None, state: Any = None,
) -> ActorTest:
    """An actor in a unit test, with neither engine nor processes and a clock that only `advance` moves.

        pong = test_actor(Pong)
        assert pong.ask("Ping", {"count": 1}) == {"count": 1}
    """
    pipes = TestPipes()
    # As a line would bring it: what the actor does to it is not done to what the test has.
    given = json.loads(encode({"name": name, "key": key, "args": args, "state": state}))
    pipes.state = json.loads(encode(state))
    host = pipes.host = make_host(pipes, actor)
    host.name = name
    return ActorTest(pipes, host, {"message_type": "Start", "sender_actor": "$engine", "message": given})


setattr(test_actor, "__test__", False)  # Not itself a test, whatever its name says to pytest.
