"""The lines of a process, whatever the style of its actor."""
from __future__ import annotations

import os
from _thread import RLock, allocate_lock, get_ident
from collections import deque
from itertools import islice

from .answers import Answers
from .errors import AskError, OutputClosed
from .limits import (
    ASK_GRACE_SECONDS, ASK_QUEUE_MAX, BATCH_LINES, EAGER_MESSAGES, LATE_ASKS_MAX, SLOW_SECONDS, WRITE_BYTES,
)
from .pipes import tell
from .remote import hosts
from .verbs import late_error
from .wire import decode, decode_batch, encode, quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Union

    from .pipes import Surroundings
    from .timers import Timer
    from .verbs import Verbs
    from .wire import Raw

    Pending = Union[str, Raw, "Answered"]
    TimerPlace = tuple[Union[str, None], Union[str, int, float]]  # The key of its instance, and its id.


class Answered:
    """The place of a reply that an ask has taken: it is acknowledged after what came before it."""

    __slots__ = ("raw",)

    def __init__(self, raw: Raw) -> None:
        self.raw = raw


class Question:
    """An ask of another thread: the lock is released when the reply is there, or none will come."""

    __slots__ = ("lock", "reply")

    def __init__(self) -> None:
        self.lock = allocate_lock()
        self.lock.acquire()
        self.reply: Raw | None = None


class Host(Answers):
    """The lines of a process: reads them, sorts out what an actor need not see, writes what was sent."""

    def __init__(self, pipes: Surroundings) -> None:
        self.pipes = pipes
        hosts[:] = [self]
        environment: Mapping[str, str] = os.environ if pipes.real else {}
        self.acknowledge = environment.get("SLUICE_ACK") == "1"
        self.keyed = environment.get("SLUICE_SUPERVISOR") == "keyed"
        self.name = environment.get("SLUICE_ACTOR") or ""
        self.pending: deque[Pending] = deque()
        self.timers: dict[TimerPlace, Timer] = {}
        self.cancelled: dict[TimerPlace, bool] = {}
        self.late: deque[str] = deque(maxlen=LATE_ASKS_MAX)
        self.failed = False
        self._owner = get_ident()
        self._lock = RLock()
        self._asked: dict[str | None, Question] = {}  # By other threads.
        self._resting = False  # No message is handled, and other things go on.
        self._out: list[str] = []
        self._out_size = 0
        self._eager = 0
        self._alone = 0  # So many lines are decoded one by one, because one of them is no envelope.
        self._looked = 0.0

    def put(self, line: str) -> None:
        """A line to be written: at the end of the message, or at once when none is handled."""
        with self._lock:
            self._out.append(line)
            self._out_size = size = self._out_size + len(line)
            if size > WRITE_BYTES or self._resting or get_ident() != self._owner:
                self.flush()

    def flush(self) -> None:
        """Writes what is to be written."""
        with self._lock:
            if not self._out:
                return
            text = "\n".join(self._out) + "\n"
            self._out = []
            self._out_size = 0
            try:
                self.pipes.write(text)
            except OutputClosed:
                if get_ident() == self._owner:
                    raise
                raise SystemExit from None  # Ends the thread; the actor's own notices by itself.

    def fill(self) -> None:
        """Waits for input."""
        self.flush()
        lines = self.pipes.read()
        if self._asked:
            lines = [text for text in lines if not self._answers(text)]
        self.pending.extend(lines)
        if self.pipes.ended:
            for question in list(self._asked.values()):
                question.lock.release()
        self._looked = self.pipes.clock()

    def _answers(self, text: str) -> bool:
        """True for the reply that another thread waits for."""
        raw = decode(text) if '"correlation_id"' in text else None
        question = None if raw is None else self._asked.pop(raw.get("correlation_id"), None)
        if raw is None or question is None:
            return False
        question.reply = raw
        question.lock.release()
        self.answered(raw)
        return True

    def take(self) -> Raw | None:
        """The next envelope among what has been read, or None."""
        pending = self.pending
        while pending:
            line = pending.popleft()
            if isinstance(line, dict):
                return line
            if isinstance(line, Answered):
                self.ack(line.raw)
                continue
            if self._alone > 0:
                self._alone -= 1
            elif pending and self._take_many(line):
                continue
            raw = decode(line)
            if raw is not None:
                return raw
            if line.strip():
                tell("not an envelope: %s" % (line if len(line) <= 200 else line[:200] + "…"))
        return None

    def _take_many(self, first: str) -> bool:
        """Puts the envelopes in the next lines in their place, if they are lines and each has one."""
        pending = self.pending
        lines: list[Any] = [first]
        lines.extend(islice(pending, BATCH_LINES - 1))
        try:
            raws = decode_batch(lines)
        except TypeError:  # Something else is among them.
            raws = None
        if raws is None:
            self._alone = len(lines) - 1
            return False
        for _ in range(len(lines) - 1):
            pending.popleft()
        raws.reverse()
        pending.extendleft(raws)
        return True

    def settled(self) -> None:
        """After each message: writes, unless more input waits and handlers are quick."""
        now = self.pipes.clock()
        if now - self._looked > SLOW_SECONDS:
            self._eager = EAGER_MESSAGES
        self._looked = now
        if self._eager > 0:
            self._eager -= 1
            self.flush()

    def ask(self, identity: str, line: str, to: str, timeout: float) -> Raw:
        """Writes an ask and reads until its reply comes; everything else is kept for later."""
        if self.pipes.real and get_ident() != self._owner:
            return self._ask_beside(identity, line, to, timeout)
        self.put(line)
        self.flush()
        deadline = self.pipes.clock() + timeout + ASK_GRACE_SECONDS
        found: Raw | None = None
        while found is None:
            left = deadline - self.pipes.clock()
            if left <= 0:
                self.late.append(identity)
                raise late_error(to, timeout)
            lines = self.pipes.read(left)
            if not lines and self.pipes.ended:
                raise AskError("CLOSED", "Input ended before '%s' replied" % to)
            for text in lines:
                raw = decode(text) if found is None and identity in text else None
                if raw is not None and raw.get("correlation_id") == identity:
                    found = raw
                    self.answered(raw)
                elif not self._asked or not self._answers(text):
                    self.pending.append(text)
            if found is None and len(self.pending) > ASK_QUEUE_MAX:
                self.late.append(identity)
                raise AskError("OVERFLOW", "More than %d messages came before the reply" % ASK_QUEUE_MAX)
        return found

    def _ask_beside(self, identity: str, line: str, to: str, timeout: float) -> Raw:
        """An ask of another thread: the actor's own reads its reply, when it does not handle a message."""
        question = self._asked[identity] = Question()
        self.put(line)
        came = not self.pipes.ended and question.lock.acquire(True, timeout + ASK_GRACE_SECONDS)
        self._asked.pop(identity, None)
        if question.reply is not None:
            return question.reply
        if came or self.pipes.ended:
            raise AskError("CLOSED", "Input ended before '%s' replied" % to)
        self.late.append(identity)
        raise late_error(to, timeout)

    def answered(self, raw: Raw) -> None:
        """An ask has taken a reply: it counts as handled after what has come before it."""
        if self.acknowledge:
            self.pending.append(Answered(raw))

    def outdated(self, raw: Raw) -> bool:
        """A late reply of an ask that was given up, or a Timeout of a cancelled timer."""
        if self.late and raw.get("correlation_id") in self.late:
            return True
        if raw.get("message_type") != "Timeout" or raw.get("sender_actor") not in (None, "$timer"):
            return False
        payload = raw.get("message")
        identity = payload.get("id") if type(payload) is dict else None
        if not isinstance(identity, (str, int, float)):
            return False
        place = (self.key_of(raw), identity)
        timer = self.timers.get(place)
        if timer is not None and not timer.is_periodic:
            del self.timers[place]
        return place in self.cancelled

    def left(self) -> None:
        """The actor has ended its process well: what it had in hand is handled, and its states are kept."""
        if self.acknowledge:  # What came after that is for its next process.
            self.put('{"receiver":"$flow","message_type":"Leave"}')
        self.flush()

    def give(self, actor: Verbs, key: str | None, state: Any, given: Raw | None = None) -> None:
        """What an instance has before its first hook."""
        given = given or {}
        actor._host = self
        actor.name = self.name
        actor.key = key
        actor._by = '"sender_key":' + quote(key) + "," if self.keyed and key is not None else ""
        actor.args = given.get("args")
        actor.state = state
        actor._saved = encode(state)
