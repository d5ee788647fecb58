"""Standard input and output of an actor, as lines."""
from __future__ import annotations

import os
import select
import sys
import time

from .errors import OutputClosed
from .limits import LINE_BYTES_MAX, READ_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    class Surroundings(Protocol):
        """What surrounds a host: the pipes of a process, or in a test lists."""

        real: bool
        ended: bool

        @property
        def input(self) -> int: ...
        def clock(self) -> float: ...
        def read(self, seconds: float | None = None) -> list[str]: ...
        def write(self, text: str) -> None: ...
        def sleep(self, deadline: float | None, wake: Callable[[], None]) -> None: ...


class Pipes:
    """Standard input and output as lines; what is printed goes to stderr, what is started reads nothing of ours."""

    real = True
    clock = staticmethod(time.monotonic)

    def __init__(self) -> None:
        self.input, self.output = take_standard_streams()
        self._parts: list[bytes] = []
        self._size = 0
        self.ended = False

    def read(self, seconds: float | None = None) -> list[str]:
        """Lines that have come, waiting for the first at most so long; [] when there is none yet or none any more."""
        if self.ended or (seconds is not None and not _readable(self.input, seconds)):
            return []
        try:
            data = os.read(self.input, READ_BYTES)
        except OSError:
            data = b""  # A socket whose other side was killed.
        if not data:
            self.ended = True
            data = b"\n" if self._parts else b""
        end = data.rfind(b"\n")
        if end < 0:
            self._keep(data)
            return []
        whole = data[:end]
        if self._parts:
            self._parts.append(whole)
            whole = b"".join(self._parts)
            self._parts = []
        if self._size > LINE_BYTES_MAX:
            whole = whole.partition(b"\n")[2]
            tell("a line of more than %d bytes was left out" % LINE_BYTES_MAX)
        self._size = 0
        if end + 1 < len(data):
            self._keep(data[end + 1:])
        return _lines(whole)

    def _keep(self, data: bytes) -> None:
        self._size += len(data)
        if data and self._size <= LINE_BYTES_MAX:
            self._parts.append(data)

    def sleep(self, deadline: float | None, wake: Callable[[], None]) -> None:
        raise NotImplementedError("Real time goes on by itself")

    def write(self, text: str) -> None:
        # Half of a character, in the text of an error, is an escape of JSON so.
        left = memoryview(text.encode("utf-8", "backslashreplace"))
        while left:
            try:
                left = left[os.write(self.output, left):]
            except BlockingIOError:
                select.select([], [self.output], [])
            except OSError as error:
                raise OutputClosed from error


_taken: tuple[int, int] | None = None


def take_standard_streams() -> tuple[int, int]:
    """Standard input and output for envelopes alone, as descriptors; what is printed goes to stderr from now on."""
    global _taken
    if _taken is None:
        sys.stdout.flush()
        _taken = (os.dup(0), os.dup(1))
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        os.dup2(2, 1)
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(line_buffering=True)
    return _taken


def _readable(fd: int, seconds: float) -> bool:
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(fd, select.POLLIN)
        return bool(poll.poll(max(0, seconds) * 1000))
    return bool(select.select([fd], [], [], max(0, seconds))[0])


def _lines(data: bytes) -> list[str]:
    try:
        return data.decode("utf-8").split("\n")
    except UnicodeDecodeError:
        return [line.decode("utf-8", "replace") if _is_text(line) else "\ufffd" for line in data.split(b"\n")]


def _is_text(line: bytes) -> bool:
    try:
        line.decode("utf-8")
        return True
    except UnicodeDecodeError:
        return False


def tell(text: str) -> None:
    sys.stderr.write("sluice_actor: %s\n" % text)
    sys.stderr.flush()
