"""The process of an actor that is a receive loop."""
from __future__ import annotations

from _thread import get_ident

from .class_host import close_loop
from .errors import AskError
from .host import Host
from .limits import ASK_QUEUE_MAX, QUEUE_MAX
from .receive_loop import Context
from .wire import decode, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future
    from collections.abc import Awaitable, Callable
    from typing import Any

    from .pipes import Surroundings
    from .wire import Raw


class LoopHost(Host):
    """A coroutine with a Context."""

    loop: AbstractEventLoop

    def __init__(self, pipes: Surroundings, function: Callable[[Context], Awaitable[Any]]) -> None:
        super().__init__(pipes)
        self._function = function
        self.context = Context(self)
        self.asks: dict[Any, Future[Raw]] = {}
        self.is_active = True
        self._flushes = False
        self._waiter: Future[None] | None = None
        self._listening = False

    def serve(self) -> None:
        """Runs the loop to its end."""
        import asyncio
        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_until_complete(self.main())
        finally:
            close_loop(self.loop)

    def put(self, line: str) -> None:
        """A task beside the loop may have sent it: it is written when those that can go on have done so."""
        super().put(line)
        if self._out and not self._flushes and get_ident() == self._owner:
            self._flushes = True
            self.loop.call_soon(self._flush_soon)

    def _flush_soon(self) -> None:
        self._flushes = False
        self.flush()

    def left(self) -> None:
        self.context._settle()
        if self.context.state is not None and encode(self.context.state) != self.context._saved:
            self.context.save()
        if self.context._terminated:
            self.flush()
        else:
            super().left()

    async def main(self) -> None:
        """Start, and then what the actor does."""
        if self.pipes.real:
            self.listen()
            while not self.pending and not self.pipes.ended:
                await self.wait(None)
            raw = self.take()
            if raw is not None:
                self.begin(raw)
        await self._function(self.context)
        self.left()

    def begin(self, raw: Raw) -> None:
        """The first line should be Start; else nothing is known and the line is the first message."""
        given = raw.get("message")
        if raw.get("message_type") == "Start" and type(given) is dict:
            self.name = given.get("name") or self.name
            self.give(self.context, given.get("key"), given.get("state"), given)
            self.ack(raw)
        else:
            self.give(self.context, None, None)
            self.pending.appendleft(raw)

    def listen(self) -> None:
        """Reads what comes, from now on."""
        if self._listening or not self.pipes.real or self.pipes.ended:
            return
        try:
            self.loop.add_reader(self.pipes.input, self._readable)
            self._listening = True
        except OSError:
            self._readable()  # A regular file: reading does not wait.

    def _readable(self) -> None:
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

    def arrive(self, text: str) -> None:
        """A line: the reply of an ask that waits, or one more message."""
        if self.asks:
            raw = decode(text)
            future = None if raw is None else self.asks.get(raw.get("correlation_id"))
            if raw is not None and future is not None and not future.done():
                future.set_result(raw)
                self.answered(raw)
                return
        self.pending.append(text)

    def wake(self) -> None:
        """Who waits for a message looks again."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def wait(self, deadline: float | None) -> None:
        """Until something arrives or the clock says so."""
        self.flush()
        self.listen()
        if not self.pending and not self.pipes.ended:
            await self._sleep(deadline)

    async def wait_active(self) -> None:
        """Until it is active; what comes meanwhile is kept."""
        self.flush()
        while not self.is_active and not self.pipes.ended:
            await self._sleep(None)

    async def _sleep(self, deadline: float | None) -> None:
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
