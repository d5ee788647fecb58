"""Actors as coroutines that receive: what they are given."""
from __future__ import annotations

from .envelope import ABSENT, Envelope
from .errors import TIMEOUTS, ReceiveTimeout, Terminated, UnreadableMessage
from .limits import ASK_GRACE_SECONDS, ASK_SECONDS
from .messages import LIFECYCLE, Msg, registry
from .pipes import tell
from .verbs import Verbs, late_error, read_answer
from .wire import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import Future
    from collections.abc import Callable, Iterable
    from typing import Any

    from typing_extensions import Unpack

    from .loop_host import LoopHost
    from .verbs import Options, PublishOptions
    from .wire import Raw


class Context(Verbs):
    """What a coroutine actor gets: `receive`, `send`, `ask`, `should_terminate`, and `async for request in ctx`.

    A request is the payload with the envelope's fields beside it (`request.message_id`); it counts as handled when
    the next one is received."""

    _host: LoopHost

    def __init__(self, host: LoopHost) -> None:
        self._host = host
        self._next: Raw | None = None
        self._current: Raw | None = None
        self._terminated = False
        self._received = 0
        self.on_reject: Callable[[Envelope], Any] | None = None

    @property
    def kernel_id(self) -> str:
        """The name."""
        return self.name

    @property
    def envelope(self) -> Envelope | None:
        """The envelope of the current request."""
        return None if self._current is None else Envelope(self._current)

    @property
    def is_active(self) -> bool:
        """False while it is deactivated, which a test can do. The engine holds back the messages instead."""
        return self._host.is_active

    async def wait_active(self) -> None:
        """Until it is active."""
        self._settle()
        await self._host.wait_active()

    @property
    def should_terminate(self) -> bool:
        """Everything before Shutdown has been received."""
        self._advance()
        return self._terminated and self._next is None

    def _advance(self) -> None:
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
                    tell("%s: %s" % (kind, encode(raw.get("error") or raw.get("message"))))
                else:
                    self.on_reject(Envelope(raw))
                host.ack(raw)
            else:
                self._next = raw

    def _settle(self) -> None:
        if self._current is not None:
            self._host.ack(self._current)
            self._current = None
            self._host.settled()

    async def receive(self, timeout: float | None = None) -> Any:
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
                    return to_request(raw)
                except UnreadableMessage as error:
                    host.refuse(raw, "BAD_MESSAGE", "Cannot read message \"%s\": %s" % (raw["message_type"], error))
                    self._settle()
                    continue
            if self._terminated:
                raise Terminated("No message will come any more")
            if timeout is not None and deadline is not None and deadline <= host.pipes.clock():
                raise ReceiveTimeout("No message within %g s" % timeout)
            await host.wait(deadline)

    def __aiter__(self) -> Context:
        return self

    async def __anext__(self) -> Any:
        try:
            return await self.receive()
        except Terminated:
            raise StopAsyncIteration from None

    async def send(
        self, message: Any, data: Any = ABSENT, to: str | None = None, **options: Unpack[Options],
    ) -> None:
        """Without `to`, a message with a correlation_id (see @message) goes to whoever sent that id, any other
        one to the sender of the current request."""
        if to is None and "correlation_id" not in options and getattr(message, "correlation_id", None) is None:
            if self._current is None:
                raise ValueError("Cannot send without a receiver: no request is being handled")
            self._reply(Envelope(self._current), message, data, **options)
        else:
            self._send(to, message, data, **options)

    async def publish(
        self, topic: str, message: Any, data: Any = ABSENT, **options: Unpack[PublishOptions],
    ) -> None:
        """To everybody whose `subscribe` matches the topic."""
        self._publish(topic, message, data, **options)

    async def reply(self, request: Any, message: Any, data: Any = ABSENT, **options: Unpack[Options]) -> None:
        """Answers a request."""
        self._reply(request, message, data, **options)

    async def forward(self, request: Any, payload: Any, then: Iterable[str] = ()) -> None:
        """To the next actor of the request's route, or to `happy-end` after the last; `then` come before that."""
        self._forward(request, payload, then)

    async def fail(self, request: Any, code: str, text: str = "", details: Any = None) -> None:
        """A failure reply: a business error."""
        self._host.fail(request._envelope.raw, code, text, details)

    async def ask(
        self, to: str, message: Any, data: Any = ABSENT, *, timeout: float = ASK_SECONDS, **options: Unpack[Options],
    ) -> Any:
        """Sends, waits for the reply and gives its payload; several may wait at once."""
        import asyncio
        identity, line = self._ask_line(to, message, data, timeout, options)
        host = self._host
        future: Future[Raw] = host.loop.create_future()
        host.asks[identity] = future
        try:
            host.put(line)
            host.flush()
            host.listen()
            raw = await asyncio.wait_for(future, timeout + ASK_GRACE_SECONDS)
        except TIMEOUTS:
            host.late.append(identity)
            raise late_error(to, timeout) from None
        finally:
            host.asks.pop(identity, None)
        return read_answer(raw)

    fast_send = ask


KernelContext = Context


class Request(Msg):
    """A payload and, where it has no such field, what its envelope has."""

    __slots__ = ("_envelope",)

    def __init__(self, payload: Raw, env: Envelope) -> None:
        super().__init__(payload)
        object.__setattr__(self, "_envelope", env)

    def __getattr__(self, name: str) -> Any:
        if name not in self and name in _ENVELOPE_FIELDS:
            return getattr(self._envelope, name)
        return super().__getattr__(name)


_ENVELOPE_FIELDS = frozenset(name for name in vars(Envelope) if not name.startswith("_"))


def to_request(raw: Raw) -> Any:
    """The payload as receive loops have it: an instance of its class, else a Request."""
    env = Envelope(raw)
    if raw.get("message_type") in registry:
        made = env.msg
        try:
            made._envelope = env
        except AttributeError:
            pass  # A class with slots: it can be answered by its correlation_id only.
        return made
    payload = raw.get("message")
    return Request(payload if type(payload) is dict else {} if payload is None else {"value": payload}, env)
