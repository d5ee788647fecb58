"""Actors as classes."""
from __future__ import annotations

from .envelope import ABSENT
from .limits import ASK_SECONDS
from .verbs import Verbs, read_answer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Unpack

    from .verbs import Options


class Actor(Verbs):
    """An actor with a method for each message type: `on_` and the type in lower case, other signs as `_`.

    `on_receive` takes what has no method of its own. Hooks: `pre_start()` before anything else, `on_start(env)`,
    `on_shutdown(env)`, `on_stop()` last; for an instance of a keyed actor `on_activate(env)` (or else `on_start`)
    and `on_deactivate(env)`. `name`, `key`, `args`, `state` are set before `pre_start`. A `state` that is not None
    is saved when the instance is deactivated or shut down."""

    send = Verbs._send
    publish = Verbs._publish
    reply = Verbs._reply
    forward = Verbs._forward

    def pre_start(self) -> None:
        """Before the first message."""

    def on_stop(self) -> None:
        """After the last message."""

    def ask(
        self, to: str, message: Any, data: Any = ABSENT, *, timeout: float = ASK_SECONDS, **options: Unpack[Options],
    ) -> Any:
        """Sends, waits for the reply and gives its payload. AskError tells why there is none, AskTimeout that it
        is late. Messages that come meanwhile are handled afterwards."""
        identity, line = self._ask_line(to, message, data, timeout, options)
        return read_answer(self._host.ask(identity, line, to, timeout))

    fast_send = ask

    def load_state(self, timeout: float = ASK_SECONDS) -> Any:
        """The state as it was last saved."""
        return self.ask("$state", "Load", {}, timeout=timeout).get("state")
