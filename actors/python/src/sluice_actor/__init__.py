"""Actors for Sluice in Python, without dependencies.

    from sluice_actor import Actor, run

    class Pong(Actor):
        def on_ping(self, env):
            self.reply(env, "Pong", {"count": env.msg.count})

    run(Pong)

An actor reads envelopes, one JSON object a line, and writes envelopes. What it prints goes to stderr.
Three styles: a class with `on_<message type in lower case>` methods (`actor`), a plain function from payload to
reply (`handlers`), and a coroutine with a receive loop (`receive_loop`: `async for request in ctx`).
"""
from __future__ import annotations

import os

from .actor import Actor
from .envelope import Envelope
from .errors import ActorError, AskError, AskTimeout, Fatal, ReceiveTimeout, Terminated
from .handlers import handler, ring_kernel
from .messages import Msg, Reject, Shutdown, Start, Timeout, message, register_message
from .pipes import take_standard_streams
from .receive_loop import Context, KernelContext
from .running import run
from .timers import Timer, next_timer_id
from .verbs import ActorRef

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .testing import test_actor

__all__ = [
    "Actor", "ActorError", "ActorRef", "AskError", "AskTimeout", "Context", "Envelope", "Fatal", "KernelContext",
    "Msg", "ReceiveTimeout", "Reject", "Shutdown", "Start", "Terminated", "Timeout", "Timer", "handler",
    "message", "next_timer_id", "register_message", "ring_kernel", "run", "test_actor",
]

if os.environ.get("SLUICE_PROTOCOL") == "messages":
    take_standard_streams()  # From the import on, so that what the program prints while it loads is no envelope.


def __getattr__(name: str) -> object:
    """What only tests need is loaded when a test asks for it."""
    if name == "test_actor":
        from .testing import test_actor
        return test_actor
    raise AttributeError("module %r has no attribute %r" % (__name__, name))
