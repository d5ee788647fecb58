"""Actors of other programs, and whoever has sent a message, as something to send to."""
from __future__ import annotations

from .envelope import ABSENT, split_message, write_line
from .limits import ASK_SECONDS
from .wire import checked, quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .host import Host

NAMELESS = "@"  # The address of who gave no name, or no endpoint.

hosts: list[Host] = []  # That of this process; in tests the newest.


class Sender(str):
    """Who has sent a message: the address, as a text. `name` is the name alone, `send` sends to it."""

    __slots__ = ()

    @property
    def name(self) -> str:
        return self.split("@", 1)[0]

    @property
    def endpoint(self) -> str | None:
        """Where another program is reached; None for an actor of the flow."""
        return self.split("@", 1)[1] if "@" in self else None

    def send(self, message: Any, sender: Any = None, data: Any = ABSENT) -> None:
        """Sends and goes on: `env.sender.send(Pong(1))`."""
        owner = getattr(sender, "_owner", sender)
        if hasattr(owner, "_send"):
            owner._send(str(self), message, data)
            return
        kind, payload = split_message(message, data)
        hosts[-1].put(checked(write_line(kind, payload, '"receiver":' + quote(str(self)) + ",")))


class RemoteActorRef:
    """A handle of an actor in another program: `RemoteActorRef("pong", "tcp://localhost:5002")`.

    The engine holds the connection, so the third argument of the original (`ZmqSender`) is not needed, and not used.
    """

    __slots__ = ("name", "endpoint")

    def __init__(self, name: str, endpoint: str, zmq_sender: Any = None) -> None:
        self.name = name
        self.endpoint = endpoint

    @property
    def address(self) -> Sender:
        return Sender("%s@%s" % (self.name, self.endpoint))

    def send(self, message: Any, sender: Any = None, data: Any = ABSENT) -> None:
        """Sends and goes on."""
        self.address.send(message, sender, data)

    def ask(self, message: Any, sender: Any, data: Any = ABSENT, timeout: float = ASK_SECONDS) -> Any:
        """Sends, waits for the reply and gives its payload; `sender` is the actor that asks, or its handle."""
        owner = getattr(sender, "_owner", sender)
        return owner.ask(str(self.address), message, data, timeout=timeout)

    fast_send = ask
