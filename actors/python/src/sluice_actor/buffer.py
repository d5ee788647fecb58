"""A buffer of a memory pool: values with a shape and a type, in memory that several processes look at."""
from __future__ import annotations

import math

from .errors import ActorError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mmap import mmap
    from types import TracebackType
    from typing import Any

    from .memory import MemoryPool

HEAD_BYTES = 64  # In front of the values: the generation. Keeps them aligned.
FORMATS = {
    "bool": "?", "int8": "b", "uint8": "B", "int16": "h", "uint16": "H", "int32": "i", "uint32": "I",
    "int64": "q", "uint64": "Q", "float16": "e", "float32": "f", "float64": "d",
}
SIZES = {"?": 1, "b": 1, "B": 1, "h": 2, "H": 2, "i": 4, "I": 4, "q": 8, "Q": 8, "e": 2, "f": 4, "d": 8}


class BufferGone(ActorError):
    """A handle whose buffer is no longer there: its owner has released it, or has ended."""

    def __init__(self, message: str) -> None:
        super().__init__("BUFFER_GONE", message)


class Buffer:
    """Values in shared memory, with a shape and a type of values; `with` releases it at the end."""

    def __init__(
        self, pool: MemoryPool, name: str, mapped: mmap, *, shape: tuple[int, ...], dtype: str, is_own: bool,
    ) -> None:
        self._pool = pool
        self._mapped = mapped
        self._is_released = False
        self.name = name
        self.shape = shape
        self.dtype = dtype
        self.is_own = is_own  # This process has acquired it; else it was opened.
        self.generation = generation_of(mapped)

    @property
    def nbytes(self) -> int:
        """Bytes of all values."""
        return math.prod(self.shape) * SIZES[FORMATS[self.dtype]]

    @property
    def memory(self) -> Any:
        """The values as a memoryview of this shape."""
        self._check()
        return self._values().cast("B").cast(FORMATS[self.dtype], list(self.shape))

    @property
    def array(self) -> Any:
        """The values as an array of numpy, which has to be installed; nothing is copied."""
        self._check()
        try:
            import numpy
        except ImportError:
            told = "Cannot give a buffer as an array: numpy is not installed (pip install numpy, or use .memory)"
            raise ImportError(told) from None
        count = math.prod(self.shape)
        return numpy.frombuffer(self._mapped, self.dtype, count, HEAD_BYTES).reshape(self.shape)

    host = device = array  # Names of libraries whose buffers may lie elsewhere.

    @property
    def is_valid(self) -> bool:
        """What was opened is still what it was: its owner has not released it."""
        return not self._is_released and generation_of(self._mapped) == self.generation

    def copy_from(self, values: Any) -> None:
        """Fills it with as many values: bytes, an array, or a list of lists."""
        self._check()
        if hasattr(values, "astype"):
            self.array[...] = values.reshape(self.shape)  # One of numpy, which is there then.
            return
        if isinstance(values, (bytes, bytearray)):
            if len(values) != self.nbytes:
                raise ValueError("Cannot fill a buffer of %d bytes with %d" % (self.nbytes, len(values)))
            self._values()[:] = values
            return
        flat = _flatten(values)
        whole = self._values().cast(FORMATS[self.dtype])
        if len(flat) != len(whole):
            told = "Cannot fill a buffer of %d values with %d (shape %r)"
            raise ValueError(told % (len(whole), len(flat), self.shape))
        convert: type = float if self.dtype.startswith("float") else bool if self.dtype == "bool" else int
        for place, value in enumerate(flat):
            whole[place] = convert(value)

    def tolist(self) -> Any:
        """The values as lists of numbers."""
        return self.memory.tolist()

    def to_handle(self) -> dict[str, Any]:
        """Where it is, as JSON: what a message has in its place."""
        self._check()
        return {"buffer": self.name, "generation": self.generation, "shape": list(self.shape), "dtype": self.dtype}

    def release(self) -> None:
        """As pool.release(buffer)."""
        self._pool.release(self)

    def _values(self) -> Any:
        return memoryview(self._mapped)[HEAD_BYTES:HEAD_BYTES + self.nbytes]

    def _check(self) -> None:
        if self._is_released:
            raise BufferGone("Cannot use buffer %s: it was released" % self.name)

    def __enter__(self) -> Buffer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        self._pool.release(self)


def generation_of(mapped: mmap) -> int:
    return int.from_bytes(mapped[0:8], "little")


def _flatten(values: Any) -> list[Any]:
    plain = values.tolist() if hasattr(values, "tolist") else values
    if not hasattr(plain, "__iter__"):
        return [plain]
    return [each for part in plain for each in _flatten(part)]
