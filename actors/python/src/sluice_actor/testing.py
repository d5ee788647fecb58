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


class TestPipes:
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
        line = encode(reply)
        if isinstance(self.host, LoopHost):
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

    def send(self, message, data=ABSENT, sender="tester", **options):
        """Gives the actor a message; what it sends meanwhile comes back, as envelopes."""
        kind, payload = split_message(message, data)
        self._count += 1
        self._asked = "message-%d" % self._count
        raw = dict({"message_id": self._asked}, **json.loads(write_line(kind, payload, "")))
        raw.update(options, receiver=self._host.name, sender_actor=sender)
        self._asked = raw["message_id"]
        return self._do(raw)

    def ask(self, message, data=ABSENT, **options):
        """As send, and gives the payload of the reply; its error is raised as AskError."""
        sent = self.send(message, data, headers={"ask": 1000}, **options)
        for env in sent:
            if env.correlation_id == self._asked:
                return read_answer(env.raw, self._host.name)
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
        if isinstance(self._host, ClassHost):
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
    pipes = TestPipes()
    # As a line would bring it: what the actor does to it is not done to what the test has.
    given = json.loads(encode({"name": name, "key": key, "args": args, "state": state}))
    pipes.state = json.loads(encode(state))
    host = pipes.host = make_host(pipes, actor)
    host.name = name
    return ActorTest(pipes, host, {"message_type": "Start", "sender_actor": "$engine", "message": given})


test_actor.__test__ = False  # Not itself a test, whatever its name says to pytest.
