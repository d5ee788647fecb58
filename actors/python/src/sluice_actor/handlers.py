"""Actors as plain functions."""
from __future__ import annotations

from .actor import Actor
from .class_host import takes
from .envelope import ABSENT, split_message
from .errors import UnknownType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from typing import Any, TypeVar

    from .envelope import Envelope

    Function = TypeVar("Function", bound="Callable[..., Any]")


registered_functions: dict[str | None, Callable[..., Any]] = {}


def handler(message_type: str) -> Callable[[Function], Function]:
    """Function decorator: `@handler("Add") def add(msg): return {...}`; `run()` serves all of them."""

    def register(function: Function) -> Function:
        registered_functions[message_type] = function
        return function

    return register


def ring_kernel(kernel_id: str | None = None, **_options: Any) -> Callable[[Function], Function]:
    """Function decorator of receive loops; the name and the limits of an actor are in the flow file."""

    def register(function: Function) -> Function:
        setattr(function, "kernel_id", kernel_id or function.__name__)
        return function

    return register


def function_actor(
    functions: Mapping[str | None, Callable[..., Any]], default: Callable[..., Any] | None = None,
) -> type[Actor]:
    """A class whose replies are what functions return; None is no reply."""

    class Functions(Actor):
        def on_receive(self, env: Envelope) -> Awaitable[None] | None:
            function = functions.get(env.message_type, default)
            if function is None:
                raise UnknownType()
            result = function(env.msg, env) if takes(function, 2) else function(env.msg)
            if hasattr(result, "__await__"):
                return self._later(env, result)
            self._return(env, result)
            return None

        async def _later(self, env: Envelope, result: Awaitable[Any]) -> None:
            self._return(env, await result)

        def _return(self, env: Envelope, result: Any) -> None:
            if result is not None:
                kind, payload = split_message(result, ABSENT) if type(result) is not str else (None, result)
                self.reply(env, kind or "Reply", payload)

    return Functions
