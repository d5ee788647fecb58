"""Buffers in shared memory: large arrays go from process to process, and a message holds only where they are.

    pool = get_memory_pool()
    frame = pool.acquire((1080, 1920, 3), dtype="uint8")
    frame.array[:] = camera.read()                           # with numpy; without it frame.memory
    self.send("blur", "Frame", {"image": pool.give(frame)})  # who gets it releases it

    with pool.open(env.msg.image) as image:                  # over there
        image.array.mean()

A buffer belongs to the process that has acquired it until that releases it, gives it away, or ends. Others may open
it meanwhile. What a process leaves behind that was killed goes with the next buffer that any process acquires, and
everything with the run.
"""
from __future__ import annotations

import atexit
import math
import mmap
import os
import re

from .buffer import FORMATS, HEAD_BYTES, SIZES, Buffer, BufferGone
from .errors import ActorError
from .limits import POOL_BYTES_MAX
from .shared_folder import SharedFolder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, Union

    Shape = Union[int, Iterable[int]]

__all__ = ["Buffer", "BufferGone", "MemoryPool", "PoolFull", "get_memory_pool"]

PAGE_BYTES = 4096
ALIASES = {"float": "float64", "double": "float64", "int": "int64", "byte": "uint8"}
NAME = re.compile(r"(given-)?[0-9a-f]{16}-[0-9]{1,18}\Z")


class PoolFull(ActorError):
    """There is no room for a buffer: the pool has reached its limit, or the system has no more shared memory."""

    def __init__(self, message: str) -> None:
        super().__init__("POOL_FULL", message)


class MemoryPool:
    """The buffers of this process; released ones are used again."""

    def __init__(self, limit_bytes: int = POOL_BYTES_MAX) -> None:
        self.limit_bytes = limit_bytes
        self._folder = SharedFolder()
        self._pid = os.getpid()
        self._count = 0
        self._own: dict[str, mmap.mmap] = {}  # Acquired and free ones.
        self._free: dict[str, mmap.mmap] = {}  # The longest unused first.
        atexit.register(self.close)

    @property
    def used_bytes(self) -> int:
        """What its buffers take, free ones too."""
        return sum(len(each) for each in self._own.values())

    def acquire(self, shape: Shape, dtype: Any = "float32") -> Buffer:
        """A buffer of this process for values of a type, as numpy calls it: its class, its dtype or its name.

        What is in it is not defined. PoolFull when there is no room."""
        sizes, kind = _to_shape(shape), _to_dtype(dtype)
        wanted = math.prod(sizes) * SIZES[FORMATS[kind]] + HEAD_BYTES
        largest = 2 * wanted + PAGE_BYTES
        fitting = [(len(each), name) for name, each in self._free.items() if wanted <= len(each) <= largest]
        if fitting:
            name = min(fitting)[1]
            mapped = self._free.pop(name)
        else:
            name, mapped = self._make(-(-wanted // PAGE_BYTES) * PAGE_BYTES)
        return Buffer(self, name, mapped, shape=sizes, dtype=kind, is_own=True)

    def open(self, handle: Mapping[str, Any] | Buffer, *, write: bool = False) -> Buffer:
        """The buffer of a handle that came in a message: to be read, with `write` also to be written.

        One that was given away may be written, and releasing it removes it. BufferGone when it is not there."""
        given = handle.to_handle() if isinstance(handle, Buffer) else handle
        name, generation, shape, dtype = _read_handle(given)
        mapped = self._folder.map(name, write=write or name.startswith("given-"))
        if mapped is None:
            raise BufferGone("Cannot open buffer %s: its owner has released it or has ended" % name)
        buffer = Buffer(self, name, mapped, shape=shape, dtype=dtype, is_own=False)
        if buffer.generation != generation:
            raise BufferGone("Cannot open buffer %s: its owner has released it" % name)
        if buffer.nbytes + HEAD_BYTES > len(mapped):
            raise ValueError("Cannot open buffer %s: it is smaller than its handle says" % name)
        return buffer

    def give(self, buffer: Buffer) -> dict[str, Any]:
        """Gives a buffer of this process away: the handle of it, for a message to the one that will release it.

        It stays when this process ends; what nobody releases goes with the run."""
        buffer._check()
        if not buffer.is_own:
            raise ValueError("Cannot give buffer %s away: it belongs to another process" % buffer.name)
        name = "given-" + buffer.name
        self._folder.rename(buffer.name, name)
        del self._own[buffer.name]
        handle = dict(buffer.to_handle(), buffer=name)
        buffer._is_released = True
        return handle

    def release(self, buffer: Buffer) -> None:
        """No longer needed: what this process has acquired is used again, what was given to it is removed."""
        if buffer._is_released:
            return
        buffer._is_released = True
        if buffer.is_own and buffer.name in self._own:
            _set_generation(buffer._mapped, buffer.generation + 1)
            self._free[buffer.name] = buffer._mapped
        elif buffer.name.startswith("given-"):
            self._folder.remove(buffer.name)
        if not buffer.is_own:
            _unmap(buffer._mapped)

    def close(self) -> None:
        """Removes the buffers of this process; so does its end."""
        if self._pid != os.getpid():
            return  # After a fork they are the parent's.
        for name, mapped in self._own.items():
            self._folder.remove(name)
            _unmap(mapped)
        self._own = {}
        self._free = {}
        self._folder.close()

    def _make(self, size: int) -> tuple[str, mmap.mmap]:
        self._folder.sweep()
        while self._free and self.used_bytes + size > self.limit_bytes:
            oldest = next(iter(self._free))
            self._folder.remove(oldest)
            _unmap(self._free.pop(oldest))
            del self._own[oldest]
        if self.used_bytes + size > self.limit_bytes:
            told = "Cannot acquire %d bytes: %d are in use (expected at most %d; see get_memory_pool(limit_bytes=…))"
            raise PoolFull(told % (size, self.used_bytes, self.limit_bytes))
        self._count += 1
        try:
            name, mapped = self._folder.make(self._count, size)
        except OSError as error:
            raise PoolFull("Cannot acquire %d bytes in %s: %s" % (size, self._folder.path, error.strerror)) from error
        self._own[name] = mapped
        _set_generation(mapped, 1)
        return name, mapped


_pool: MemoryPool | None = None


def get_memory_pool(limit_bytes: int | None = None) -> MemoryPool:
    """The pool of this process; `limit_bytes` changes how much it may have."""
    global _pool
    if _pool is None or _pool._pid != os.getpid():
        _pool = MemoryPool()
    if limit_bytes is not None:
        _pool.limit_bytes = limit_bytes
    return _pool


def _set_generation(mapped: mmap.mmap, generation: int) -> None:
    mapped[0:8] = generation.to_bytes(8, "little")


def _unmap(mapped: mmap.mmap) -> None:
    try:
        mapped.close()
    except BufferError:
        pass  # An array still looks at it: the memory goes with that.


def _to_shape(shape: Shape) -> tuple[int, ...]:
    sizes = (shape,) if isinstance(shape, int) else tuple(int(each) for each in shape)
    if not sizes or any(each < 1 for each in sizes):
        raise ValueError("Cannot acquire a buffer of shape %r (expected sizes of at least 1)" % (sizes,))
    return sizes


def _to_dtype(dtype: Any) -> str:
    name = dtype if isinstance(dtype, str) else getattr(dtype, "__name__", None) or getattr(dtype, "name", None)
    name = ALIASES.get(str(name), str(name))
    if name not in FORMATS:
        raise ValueError("Cannot acquire a buffer of %s (expected one of %s)" % (name, ", ".join(FORMATS)))
    return name


def _read_handle(handle: Mapping[str, Any]) -> tuple[str, int, tuple[int, ...], str]:
    try:
        name, generation, shape, dtype = (handle[key] for key in ("buffer", "generation", "shape", "dtype"))
        if not NAME.match(name):
            raise ValueError(name)
        return name, int(generation), _to_shape(shape), _to_dtype(dtype)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("Cannot open %r: it is no handle of a buffer" % (handle,)) from error
