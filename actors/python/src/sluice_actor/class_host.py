"""The process of an actor that is a class: its instances, their hooks and handlers."""
from __future__ import annotations

import re

from .envelope import Envelope
from .errors import ActorError, Fatal, UnknownType, UnreadableMessage
from .host import Host
from .messages import BUILT_IN, LIFECYCLE
from .wire import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Awaitable, Callable
    from typing import Any

    from .actor import Actor
    from .pipes import Surroundings
    from .wire import Raw

    Handler = Callable[[Envelope], Any]
    Instance = tuple[Actor, dict[Any, Handler]]

_new_envelope: Callable[[type[Envelope]], Envelope] = object.__new__


class ClassHost(Host):
    """Instances of a class; the one without a key is the actor itself."""

    def __init__(self, pipes: Surroundings, make: Callable[[], Actor]) -> None:
        super().__init__(pipes)
        self._make = make
        self._instances: dict[str | None, Instance] = {}
        self._start: Raw | None = None
        self._own_key: str | None = None
        self._loop: AbstractEventLoop | None = None
        self._handling: Raw = {}

    def serve(self) -> None:
        """Handles messages until the last."""
        try:
            self._serve()
        finally:
            if self._loop is not None:
                close_loop(self._loop)

    def _serve(self) -> None:
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

    def fill(self) -> None:
        """Tasks that coroutine handlers have begun go on while input is waited for."""
        self._handling = {}
        if self._loop is not None and self.pipes.real:
            self.flush()
            self._run_tasks(self._loop)
        super().fill()

    def _run_tasks(self, loop: AbstractEventLoop) -> None:
        import asyncio
        tasks = asyncio.all_tasks(loop)
        if not tasks:
            return
        ready = loop.create_future()
        try:
            loop.add_reader(self.pipes.input, lambda: None if ready.done() else ready.set_result(None))
        except OSError:
            return  # A regular file: reading does not wait.
        self._resting = True
        try:
            loop.run_until_complete(ready)
        finally:
            self._resting = False
            loop.remove_reader(self.pipes.input)

    def left(self) -> None:
        self.ack(self._handling)
        for actor, _ in self._instances.values():
            if actor.state is not None and encode(actor.state) != actor._saved:
                actor.save()
        super().left()

    def key_of(self, raw: Raw) -> str | None:
        key = super().key_of(raw)
        return None if key == self._own_key else key

    def handle(self, raw: Raw) -> bool:
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
            except UnknownType:
                self.refuse(raw, "UNKNOWN_TYPE", "Unknown message type: %s" % kind)
            except ActorError as error:
                if not self.is_answerable(raw):
                    if not self.pipes.real:
                        raise
                    self.broke(raw, error)
                    return True
                self.fail(raw, error.code, error.message, error.details)
            except UnreadableMessage as error:
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

    def _lifecycle(self, kind: str, raw: Raw) -> bool:
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

    def _activate(self, key: str | None, state: Any, raw: Raw) -> Instance:
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

    def _stop(self, key: str | None, hook: str, raw: Raw) -> None:
        """The last hooks of an instance, and its state saved."""
        import traceback
        found = self._instances.pop(key, None)
        if found is None:
            return
        actor, _ = found
        last = getattr(actor, hook, None)
        calls: list[Callable[[], Any]] = [] if last is None else [lambda: last(Envelope(raw))]
        if takes(actor.on_stop, 0):
            calls.append(actor.on_stop)
        for call in calls:
            try:
                result = call()
                if result is not None and hasattr(result, "__await__"):
                    self._finish(result)
            except Exception as error:
                if not self.pipes.real or isinstance(error, (Fatal, MemoryError)):
                    raise
                self.failed = True
                traceback.print_exception(type(error), error, error.__traceback__)
        if actor.state is not None and (hook == "on_deactivate" or encode(actor.state) != actor._saved):
            actor.save()

    def _find(self, actor: Actor, handlers: dict[Any, Handler], kind: str | None) -> Handler | None:
        """The method for a type; what was found is kept, what was not may be any text and is not."""
        method = None
        if kind is not None:
            name = "on_" + re.sub(r"\W", "_", kind.lower())
            method = getattr(actor, name, None)
            if name == "on_stop" and method is not None and not takes(method, 1):
                method = None  # The hook, not a handler.
        if method is None and kind not in BUILT_IN:
            return getattr(actor, "on_receive", None)
        if method is not None:
            handlers[kind] = method
        return method

    def _finish(self, awaitable: Awaitable[Any]) -> None:
        """Runs a coroutine handler to its end."""
        import asyncio
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
        self._loop.run_until_complete(awaitable)


def close_loop(loop: AbstractEventLoop) -> None:
    """Tasks that still run are cancelled."""
    import asyncio
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.wait(tasks, timeout=1))
    loop.close()


def takes(function: Callable[..., Any], count: int) -> bool:
    """Whether it can be called with so many arguments."""
    import inspect
    try:
        inspect.signature(function).bind(*range(count))
        return True
    except TypeError:
        return False
