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


_MOST = 1e300  # No infinity, and nothing that is no number.
_timer_ids = 0


def next_timer_id() -> int:
    """A number that no timer of this process has yet."""
    global _timer_ids
    _timer_ids += 1
    return _timer_ids


class Timer:
    """A timer of the engine: `Timer.once(self, 5.0, timer_id=1)`; `on_timeout` gets `env.msg.id`."""

    def __init__(self, owner: Owner, timer_id: TimerId, *, periodic: bool) -> None:
        if not isinstance(timer_id, (str, int, float)):
            raise TypeError("Cannot set a timer: timer_id is a text or a number, not a %s" % type(timer_id).__name__)
        self._owner = owner._owner if isinstance(owner, ActorRef) else owner
        self.id = timer_id
        self.is_periodic = periodic
        host = self._owner._host
        host.timers[(self._owner.key, timer_id)] = self
        host.cancelled.pop((self._owner.key, timer_id), None)

    @classmethod
    def once(cls, actor: Owner, delay: float, timer_id: TimerId | None = None) -> Timer:
        """One Timeout after `delay` seconds."""
        after = _milliseconds("delay", delay)
        timer = cls(actor, next_timer_id() if timer_id is None else timer_id, periodic=False)
        timer._owner._send("$timer", "Once", {"id": timer.id, "after": after})
        return timer

    @classmethod
    def periodic(cls, actor: Owner, interval: float, timer_id: TimerId | None = None) -> Timer:
        """A Timeout every `interval` seconds, the first after one interval."""
        every = _milliseconds("interval", interval)
        timer = cls(actor, next_timer_id() if timer_id is None else timer_id, periodic=True)
        timer._owner._send("$timer", "Every", {"id": timer.id, "every": every})
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


def _milliseconds(argument: str, seconds: float) -> int | float:
    if not hasattr(type(seconds), "__float__"):
        raise TypeError("Cannot set a timer: %s is seconds as a number, not %r" % (argument, seconds))
    exact = round(float(seconds) * 1000, 3)
    if not -_MOST < exact < _MOST:
        raise ValueError("Cannot set a timer: %s is %r (expected seconds)" % (argument, seconds))
    return int(exact) if exact == int(exact) else exact
