"""Several actors in one program, started and stopped by hand: for tests of receive loops and of who talks to whom.

    async with Runtime() as runtime:
        await runtime.launch("calculator", calculator)
        await runtime.activate("calculator")
        await runtime.send("calculator", Divide(10, 5))
        quotient = await runtime.receive("calculator", timeout=1)

There is neither engine nor process, and time is real. What an actor sends to another one that was launched reaches
it; everything else is received by the test.

    CREATED ──launch──▶ LAUNCHED ──activate──▶ ACTIVE ◀──activate, deactivate──▶ DEACTIVATED
                            └─────────────────────┴──terminate──▶ TERMINATED ◀───────┘
"""
from __future__ import annotations

import asyncio
import json
import time

from .class_host import ClassHost
from .envelope import ABSENT, split_message, write_line
from .errors import NotLaunched, ReceiveTimeout, StateError
from .limits import ASK_QUEUE_MAX
from .messages import BUILT_IN
from .receive_loop import to_request
from .running import make_host
from .verbs import read_answer
from .wire import encode, new_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any

    from .running import AnyHost
    from .wire import Raw

TERMINATE_SECONDS = 5.0
TESTER = "tester"


class Launched:
    """An actor, and what surrounds it instead of an engine."""

    real = False
    ended = False
    input = -1

    def __init__(self, runtime: Runtime, name: str, actor: Any) -> None:
        self.name = name
        self.state = "LAUNCHED"
        self.saved: Any = None
        self.timers: dict[Any, asyncio.TimerHandle] = {}
        self.outbox: asyncio.Queue[Raw | None] = asyncio.Queue()  # None when nothing will come any more.
        self.held: list[Raw] = []  # For an actor that is a class, while it is deactivated.
        self.task: asyncio.Task[None] | None = None
        self._runtime = runtime
        self.host: AnyHost = make_host(self, actor)
        self.host.name = name

    def clock(self) -> float:
        return time.monotonic()

    def read(self, seconds: float | None = None) -> list[str]:
        raise NotImplementedError("Cannot ask from a class in a Runtime: nobody else could act (see test_actor)")

    def sleep(self, deadline: float | None, wake: Callable[[], None]) -> None:
        if deadline is not None:
            asyncio.get_running_loop().call_later(max(0.0, deadline - self.clock()), wake)

    def write(self, text: str) -> None:
        for line in text.rstrip("\n").split("\n"):
            raw: Raw = json.loads(line)
            raw["sender_actor"] = self.name
            raw.setdefault("message_id", new_id())
            self._runtime._carry(self, raw)

    def deliver(self, raw: Raw) -> None:
        """Gives it a message."""
        if not isinstance(self.host, ClassHost):
            self.host.arrive(encode(raw))
            self.host.wake()
        elif self.state == "DEACTIVATED":
            self.held.append(raw)
        else:
            self.host.handle(raw)
            self.host.flush()

    async def serve(self) -> None:
        """Its life, from Start to the end; a class only reacts."""
        start: Raw = {"message_type": "Start", "sender_actor": "$engine", "message": {"name": self.name}}
        try:
            if isinstance(self.host, ClassHost):
                self.deliver(start)
            else:
                self.host.begin(start)
                await self.host.main()
        finally:
            if not isinstance(self.host, ClassHost):
                self.outbox.put_nowait(None)

    def on_timer(self, raw: Raw) -> None:
        """A timer is set or cancelled."""
        given = raw["message"]
        running = self.timers.pop(given["id"], None)
        if running is not None:
            running.cancel()
        if raw["message_type"] != "Cancel":
            self._set_timer(given["id"], after=given.get("every", given.get("after", 0)), every=given.get("every"))

    def _set_timer(self, identity: Any, *, after: float, every: float | None) -> None:
        def fire() -> None:
            del self.timers[identity]
            if every is not None:
                self._set_timer(identity, after=every, every=every)
            self.deliver({"message_type": "Timeout", "sender_actor": "$timer", "message": {"id": identity}})

        self.timers[identity] = asyncio.get_running_loop().call_later(after / 1000, fire)


class Runtime:
    """Actors that a test launches, activates, talks to, deactivates and terminates."""

    def __init__(self) -> None:
        self._actors: dict[str, Launched] = {}
        self._senders: dict[str, str] = {}  # Who has sent a message, by its id: an answer may name only that.

    async def __aenter__(self) -> Runtime:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        await self.shutdown()

    def state_of(self, name: str) -> str:
        """CREATED before it is launched, then LAUNCHED, ACTIVE, DEACTIVATED, TERMINATED."""
        return self._actors[name].state if name in self._actors else "CREATED"

    async def launch(self, name: str, actor: Any) -> None:
        """Makes an actor (a receive loop, a class or a function) known by a name; it does not run yet."""
        if name in self._actors:
            raise StateError("Cannot launch '%s': it was launched already" % name)
        self._actors[name] = Launched(self, name, actor)

    async def activate(self, name: str) -> None:
        """It runs from now on, or again."""
        actor = self._find(name, "activate", "LAUNCHED", "DEACTIVATED")
        actor.state = "ACTIVE"
        if not isinstance(actor.host, ClassHost):
            actor.host.is_active = True
        if actor.task is None:
            loop = asyncio.get_running_loop()
            if not isinstance(actor.host, ClassHost):
                actor.host.loop = loop
            actor.task = loop.create_task(actor.serve())
        elif isinstance(actor.host, ClassHost):
            held, actor.held = actor.held, []
            for raw in held:
                actor.deliver(raw)
        else:
            actor.host.wake()
        await asyncio.sleep(0)

    async def deactivate(self, name: str) -> None:
        """It keeps its state and its messages, and handles none until it is activated again."""
        actor = self._find(name, "deactivate", "ACTIVE")
        actor.state = "DEACTIVATED"
        if not isinstance(actor.host, ClassHost):
            actor.host.is_active = False

    async def send(self, name: str, message: Any, data: Any = ABSENT) -> None:
        """Gives it a message: `send("a", Ping(1))`, `send("a", "Ping", {"n": 1})`."""
        actor = self._find(name, "send message to", "ACTIVE", "DEACTIVATED")
        kind, payload = split_message(message, data)
        raw: Raw = json.loads(write_line(kind, payload, ""))
        raw.setdefault("message_id", new_id())
        raw.update(sender_actor=TESTER, receiver=name)
        actor.deliver(raw)
        self._raise_failure(actor)

    async def receive(self, name: str, timeout: float | None = None) -> Any:
        """The next message that it has sent to nobody who was launched. ReceiveTimeout after `timeout` seconds; what
        has ended the actor is raised."""
        actor = self._find(name, "receive message from", "ACTIVE", "DEACTIVATED", "TERMINATED")
        try:
            raw = await asyncio.wait_for(actor.outbox.get(), timeout)
        except asyncio.TimeoutError:
            told = "Timeout (%gs) waiting to receive message from '%s'" % (timeout or 0, name)
            raise ReceiveTimeout(told) from None
        if raw is None:
            actor.outbox.put_nowait(None)
            self._raise_failure(actor)
            raise ReceiveTimeout("'%s' has ended: no message will come from it" % name)
        return to_request(raw)

    async def ask(self, name: str, message: Any, data: Any = ABSENT, timeout: float = TERMINATE_SECONDS) -> Any:
        """Sends, and gives the payload of the first message that answers it; its error is raised as AskError."""
        kind, payload = split_message(message, data)
        raw: Raw = json.loads(write_line(kind, payload, ""))
        identity = raw.setdefault("message_id", new_id())
        raw.update(sender_actor=TESTER, receiver=name, headers={"ask": int(timeout * 1000)})
        actor = self._find(name, "ask", "ACTIVE", "DEACTIVATED")
        actor.deliver(raw)
        deadline = time.monotonic() + timeout
        others: list[Raw | None] = []
        try:
            while True:
                left = max(0.0, deadline - time.monotonic())
                answer = await asyncio.wait_for(actor.outbox.get(), left)
                if answer is not None and answer.get("correlation_id") == identity:
                    return read_answer(answer)
                others.append(answer)
                if answer is None:
                    self._raise_failure(actor)
                    raise ReceiveTimeout("'%s' has ended without an answer" % name)
        except asyncio.TimeoutError:
            raise ReceiveTimeout("No answer of '%s' within %g s" % (name, timeout)) from None
        finally:
            for each in others:
                actor.outbox.put_nowait(each)

    async def terminate(self, name: str, timeout: float = TERMINATE_SECONDS) -> None:
        """Gives it Shutdown, waits until it has ended, and cancels it after `timeout` seconds."""
        actor = self._find(name, "terminate", "LAUNCHED", "ACTIVE", "DEACTIVATED", "TERMINATED")
        if actor.state == "TERMINATED":
            return
        began = actor.task is not None
        if actor.state == "DEACTIVATED":
            await self.activate(name)
        actor.state = "TERMINATED"
        for timer in actor.timers.values():
            timer.cancel()
        if actor.task is None or not began:
            return
        if not actor.task.done() or isinstance(actor.host, ClassHost):
            actor.deliver({"message_type": "Shutdown", "sender_actor": "$engine", "message": {}})
        done, _ = await asyncio.wait([actor.task], timeout=timeout)
        if not done:
            actor.task.cancel()
            await asyncio.wait([actor.task])
        if isinstance(actor.host, ClassHost):
            actor.outbox.put_nowait(None)
        self._raise_failure(actor)

    async def shutdown(self, timeout: float = TERMINATE_SECONDS) -> None:
        """Terminates all; the first failure is raised when all have ended."""
        failures: list[BaseException] = []
        for name in list(self._actors):
            try:
                await self.terminate(name, timeout)
            except Exception as error:
                failures.append(error)
        if failures:
            raise failures[0]

    def _find(self, name: str, operation: str, *states: str) -> Launched:
        actor = self._actors.get(name)
        if actor is None:
            known = ", ".join(self._actors) or "none"
            raise NotLaunched("Cannot %s '%s': it was not launched (launched: %s)" % (operation, name, known))
        if actor.state not in states:
            raise StateError("Cannot %s '%s' from state '%s'" % (operation, name, actor.state))
        return actor

    def _raise_failure(self, actor: Launched) -> None:
        task = actor.task
        if task is not None and task.done() and not task.cancelled():
            task.result()

    def _carry(self, sender: Launched, raw: Raw) -> None:
        receiver = raw.get("receiver") or self._senders.get(raw.get("correlation_id") or "")
        if receiver == "$timer":
            sender.on_timer(raw)
        elif receiver == "$state" and raw["message_type"] == "Save":
            sender.saved = raw.get("message")
        elif receiver == "$state":
            kept = {"state": sender.saved}
            sender.deliver({"message_type": "Reply", "correlation_id": raw["message_id"], "message": kept})
        elif receiver is not None and receiver in self._actors and raw.get("message_type") not in BUILT_IN:
            other = self._actors[receiver]
            self._senders[raw["message_id"]] = sender.name
            if len(self._senders) > ASK_QUEUE_MAX:
                del self._senders[next(iter(self._senders))]
            asyncio.get_running_loop().call_soon(other.deliver, raw)
        else:
            sender.outbox.put_nowait(raw)


__all__ = ["KernelNotFoundError", "KernelStateError", "NotLaunched", "RingKernelRuntime", "Runtime", "StateError"]

# As other libraries call them.
RingKernelRuntime = Runtime
KernelStateError = StateError
KernelNotFoundError = NotLaunched
