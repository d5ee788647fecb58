"""Actors as plain functions."""
from __future__ import annotations

from .actor import Actor
from .class_host import takes
from .envelope import ABSENT, split_message
from .errors import UnknownType


registered_functions = {}


def handler(message_type):
    """Function decorator: `@handler("Add") def add(msg): return {...}`; `run()` serves all of them."""

    def register(function):
        registered_functions[message_type] = function
        return function

    return register


def ring_kernel(kernel_id=None, **_options):
    """Function decorator of receive loops; the name and the limits of an actor are in the flow file."""

    def register(function):
        function.kernel_id = kernel_id or function.__name__
        return function

    return register


def function_actor(functions, default=None):
    """A class whose replies are what functions return; None is no reply."""

    class Functions(Actor):
        def on_receive(self, env):
            function = functions.get(env.message_type, default)
            if function is None:
                raise UnknownType()
            result = function(env.msg, env) if takes(function, 2) else function(env.msg)
            return self._later(env, result) if hasattr(result, "__await__") else self._return(env, result)

        async def _later(self, env, result):
            self._return(env, await result)

        def _return(self, env, result):
            if result is not None:
                kind, payload = split_message(result, ABSENT) if type(result) is not str else (None, result)
                self.reply(env, kind or "Reply", payload)

    return Functions
