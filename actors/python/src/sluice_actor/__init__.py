"""Actors for Sluice in Python, without dependencies.

    from sluice_actor import Actor, run

    class Pong(Actor):
        def on_ping(self, env):
            self.reply(env, "Pong", {"count": env.msg.count})

    run(Pong)

An actor reads envelopes, one JSON object a line, and writes envelopes. What it prints goes to stderr.
Three styles: a class with `on_<message type in lower case>` methods (`actor`), a plain function from payload to
reply (`handlers`), and a coroutine with a receive loop (`receive_loop`: `async for request in ctx`). Beside them:
unit tests without an engine (`testing`), large arrays in shared memory (`memory`), flows in Python (`flows`).
"""
from __future__ import annotations

import os

from .actor import Actor
from .envelope import Envelope
from .errors import ActorError, AskError, AskTimeout, Fatal, ReceiveTimeout, Terminated
from .handlers import handler, ring_kernel
from .messages import MESSAGE_REGISTRY, Msg, Reject, Shutdown, Start, Timeout, message, register_message
from .pipes import take_standard_streams
from .receive_loop import Context, KernelContext
from .remote import RemoteActorRef
from .running import run
from .timers import Timer, next_timer_id
from .verbs import ActorRef

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .flows import Flow, FlowError, FlowResult, Stream, flow
    from .manager import LocalActorRef, Manager, ManagerHandle, ZmqReceiver, ZmqSender
    from .memory import Buffer, BufferGone, MemoryPool, PoolFull, get_memory_pool
    from .runtime import KernelNotFoundError, KernelStateError, NotLaunched, RingKernelRuntime, Runtime, StateError
    from .testing import test_actor

__all__ = [
    "Actor", "ActorError", "ActorRef", "AskError", "AskTimeout", "Buffer", "BufferGone", "Context", "Envelope",
    "Fatal", "Flow", "FlowError", "FlowResult", "KernelContext", "KernelNotFoundError", "KernelStateError",
    "LocalActorRef", "MESSAGE_REGISTRY", "Manager", "ManagerHandle", "MemoryPool", "Msg", "NotLaunched", "PoolFull",
    "ReceiveTimeout", "Reject", "RemoteActorRef", "RingKernelRuntime", "Runtime", "Shutdown", "Start", "StateError",
    "Stream", "Terminated", "Timeout", "Timer", "ZmqReceiver", "ZmqSender", "flow", "get_memory_pool", "handler",
    "message", "next_timer_id", "register_message", "ring_kernel", "run", "test_actor",
]

if os.environ.get("SLUICE_PROTOCOL") == "messages":
    take_standard_streams()  # From the import on, so that what the program prints while it loads is no envelope.


_LATER = {
    "test_actor": "testing",
    "Runtime": "runtime", "RingKernelRuntime": "runtime", "StateError": "runtime", "KernelStateError": "runtime",
    "NotLaunched": "runtime", "KernelNotFoundError": "runtime",
    "Buffer": "memory", "BufferGone": "memory", "MemoryPool": "memory", "PoolFull": "memory",
    "get_memory_pool": "memory",
    "LocalActorRef": "manager", "Manager": "manager", "ManagerHandle": "manager", "ZmqReceiver": "manager",
    "ZmqSender": "manager",
    "Flow": "flows", "FlowError": "flows", "FlowResult": "flows", "Stream": "flows", "flow": "flows",
}


def __getattr__(name: str) -> object:
    """What few actors need is loaded when it is asked for."""
    if name not in _LATER:
        raise AttributeError("module %r has no attribute %r" % (__name__, name))
    import importlib
    return getattr(importlib.import_module("." + _LATER[name], __name__), name)
