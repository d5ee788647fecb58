"""What can go wrong, as classes."""
from __future__ import annotations

import sys

TYPE_CHECKING = False  # Without loading `typing`: an actor starts sooner.
if TYPE_CHECKING:
    from typing import Any

    from .envelope import Envelope


class ActorError(Exception):
    """A business error: the sender gets a reply with `error: {code, message, details}`; the actor goes on."""

    def __init__(self, code: str, message: str = "", details: Any = None) -> None:
        super().__init__("%s: %s" % (code, message) if message else code)
        self.code = code
        self.message = message
        self.details = details


class AskError(ActorError):
    """An ask was answered with an error; `reply` is the envelope, None when no reply came at all."""

    def __init__(self, code: str, message: str = "", details: Any = None, reply: Envelope | None = None) -> None:
        super().__init__(code, message, details)
        self.reply = reply


# asyncio.TimeoutError is the built-in one from Python 3.11 on.
if sys.version_info >= (3, 11):
    TIMEOUTS: tuple[type[Exception], ...] = (TimeoutError,)

    class AskTimeout(AskError, TimeoutError):
        """No reply to an ask in time."""

    class ReceiveTimeout(TimeoutError):
        """No message in time."""
else:
    import asyncio

    TIMEOUTS: tuple[type[Exception], ...] = (asyncio.TimeoutError, TimeoutError)

    class AskTimeout(AskError, asyncio.TimeoutError, TimeoutError):
        """No reply to an ask in time."""

    class ReceiveTimeout(asyncio.TimeoutError, TimeoutError):
        """No message in time."""


class Terminated(ReceiveTimeout):
    """receive() after Shutdown: nothing will come any more."""


class Fatal(Exception):
    """The actor cannot go on: the process exits with 1 and its supervisor decides."""


class StateError(Exception):
    """What is wanted of an actor does not go in its state."""


class NotLaunched(Exception):
    """An actor that was not launched."""


class UnknownType(Exception):
    """A message type that no function takes."""


class UnreadableMessage(Exception):
    """A payload that its class does not take."""


class OutputClosed(BaseException):
    """Nobody reads what this actor writes."""
