"""Timers of the engine."""
from __future__ import annotations

from .limits import LATE_ASKS_MAX
from .verbs import ActorRef

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Union

    from .verbs import Verbs

    Owner = Union[Verbs, ActorRef]
    TimerId = Union[str, int, float]


_timer_ids = 0


def next_timer_id() -> int:
    """A number that no timer of this process has yet."""
    global _timer_ids
    _timer_ids += 1
    return _timer_ids


class Timer:
    """A timer of the engine: `Timer.once(self, 5.0, timer_id=1)`; `on_timeout` gets `env.msg.id`."""

    def __init__(self, owner: Owner, timer_id: TimerId, *, periodic: bool) -> None:
        self._owner = owner._owner if isinstance(owner, ActorRef) else owner
        self.id = timer_id
        self.is_periodic = periodic
        host = self._owner._host
        host.timers[(self._owner.key, timer_id)] = self
        host.cancelled.pop((self._owner.key, timer_id), None)

    @classmethod
    def once(cls, actor: Owner, delay: float, timer_id: TimerId | None = None) -> Timer:
        """One Timeout after `delay` seconds."""
        timer = cls(actor, next_timer_id() if timer_id is None else timer_id, periodic=False)
        timer._owner._send("$timer", "Once", {"id": timer.id, "after": _milliseconds(delay)})
        return timer

    @classmethod
    def periodic(cls, actor: Owner, interval: float, timer_id: TimerId | None = None) -> Timer:
        """A Timeout every `interval` seconds, the first after one interval."""
        timer = cls(actor, next_timer_id() if timer_id is None else timer_id, periodic=True)
        timer._owner._send("$timer", "Every", {"id": timer.id, "every": _milliseconds(interval)})
        return timer

    def cancel(self) -> None:
        """No Timeout of it is handled from now on, not even one that is on its way."""
        host, place = self._owner._host, (self._owner.key, self.id)
        if host.timers.get(place) is not self:
            return
        del host.timers[place]
        host.cancelled[place] = True
        if len(host.cancelled) > LATE_ASKS_MAX:
            del host.cancelled[next(iter(host.cancelled))]
        self._owner._send("$timer", "Cancel", {"id": self.id})

    def is_running(self) -> bool:
        return self._owner._host.timers.get((self._owner.key, self.id)) is self


def _milliseconds(seconds: float) -> int | float:
    exact = round(seconds * 1000, 3)
    return int(exact) if exact == int(exact) else exact
