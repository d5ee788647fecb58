"""What can go wrong, as classes."""
from __future__ import annotations

import sys


class ActorError(Exception):
    """A business error: the sender gets a reply with `error: {code, message, details}`; the actor goes on."""

    def __init__(self, code, message="", details=None):
        super().__init__("%s: %s" % (code, message) if message else code)
        self.code = code
        self.message = message
        self.details = details


class AskError(ActorError):
    """An ask was answered with an error; `reply` is the envelope, None when no reply came at all."""

    def __init__(self, code, message="", details=None, reply=None):
        super().__init__(code, message, details)
        self.reply = reply


# asyncio.TimeoutError is the built-in one from Python 3.11 on.
if sys.version_info >= (3, 11):
    TIMEOUTS = (TimeoutError,)
else:
    import asyncio

    TIMEOUTS = (asyncio.TimeoutError, TimeoutError)

AskTimeout = type("AskTimeout", (AskError,) + TIMEOUTS, {"__doc__": "No reply to an ask in time."})
ReceiveTimeout = type("ReceiveTimeout", TIMEOUTS, {"__doc__": "No message in time."})


class Terminated(ReceiveTimeout):
    """receive() after Shutdown: nothing will come any more."""


class Fatal(Exception):
    """The actor cannot go on: the process exits with 1 and its supervisor decides."""


class UnknownType(Exception):
    """A message type that no function takes."""


class UnreadableMessage(Exception):
    """A payload that its class does not take."""


class OutputClosed(BaseException):
    """Nobody reads what this actor writes."""
