"""The folder in shared memory where the buffers of a run are, as files: who owns which, and what the dead have left.

Each process that owns buffers has a file there that it keeps locked. The system gives the lock back when the process
ends, however it ends, so whoever gets the lock of another knows that its buffers may go. The engine names the folder
(SLUICE_SHARED) and removes it with the run. Without an engine the first process makes one, which its end removes, or,
where that was killed, the next process that makes one.
"""
from __future__ import annotations

import fcntl
import mmap
import os
import stat

SHARED_MEMORY = "/dev/shm"
OWN_PREFIX = "sluice-shared-"
LOCK = ".lock"


class SharedFolder:
    """The folder of this process's run, and this process's part in it, which begins with the first buffer."""

    def __init__(self) -> None:
        given = os.environ.get("SLUICE_SHARED")
        self._folder_lock: int | None = None
        self._lock: int | None = None
        self._owner = ""
        self.path = given or self._make_folder()

    def make(self, number: int, size: int) -> tuple[str, mmap.mmap]:
        """A new file of this process, with memory behind all of it. OSError where there is no room."""
        name = "%s-%d" % (self._own(), number)
        path = os.path.join(self.path, name)
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(fd, 0, size)  # Else a full memory would kill whoever writes to it.
            else:
                os.ftruncate(fd, size)
            return name, mmap.mmap(fd, size)
        except BaseException:
            os.unlink(path)
            raise
        finally:
            os.close(fd)

    def map(self, name: str, *, write: bool) -> mmap.mmap | None:
        """The memory of a file, whoever owns it; None when it is not there."""
        try:
            fd = os.open(os.path.join(self.path, name), (os.O_RDWR if write else os.O_RDONLY) | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            return mmap.mmap(fd, 0, access=mmap.ACCESS_WRITE if write else mmap.ACCESS_READ)
        finally:
            os.close(fd)

    def rename(self, name: str, to: str) -> None:
        """Another name for a file, by which another owner may be known."""
        os.rename(os.path.join(self.path, name), os.path.join(self.path, to))

    def remove(self, name: str) -> None:
        """Removes a file, if it is there."""
        _unlink(os.path.join(self.path, name))

    def sweep(self) -> None:
        """Removes what processes have left that are no more."""
        names = _list(self.path)
        for lock in names:
            owner = lock[:-len(LOCK)] if lock.endswith(LOCK) else ""
            if owner in ("", "folder", self._owner):
                continue
            fd = _try_lock(os.path.join(self.path, lock))
            if fd is None:
                continue
            for name in names:
                if name.startswith(owner + "-"):
                    self.remove(name)
            self.remove(lock)
            os.close(fd)

    def close(self) -> None:
        """This process's part ends; and the folder, if this process has made it."""
        if self._lock is not None:
            self.remove(self._owner + LOCK)
            os.close(self._lock)
            self._lock = None
        if self._folder_lock is not None:
            _remove_folder(self.path)
            os.close(self._folder_lock)
            self._folder_lock = None
            os.environ.pop("SLUICE_SHARED", None)

    def _own(self) -> str:
        """The name of this process as an owner, and its lock from now on."""
        while self._lock is None:
            owner = os.urandom(8).hex()
            path = os.path.join(self.path, owner + LOCK)
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            os.close(fd)
            fd_locked = _try_lock(path)
            if fd_locked is not None:  # Else somebody who sweeps was faster.
                self._lock, self._owner = fd_locked, owner
        return self._owner

    def _make_folder(self) -> str:
        """A folder of a program without an engine; its children find it by the environment."""
        import tempfile
        root = SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK) else tempfile.gettempdir()
        for name in _list(root):
            if name.startswith(OWN_PREFIX):
                _remove_if_dead(os.path.join(root, name))
        folder = tempfile.mkdtemp(prefix=OWN_PREFIX, dir=root)
        lock = os.path.join(folder, "folder" + LOCK)
        os.close(os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        self._folder_lock = _try_lock(lock)
        os.environ["SLUICE_SHARED"] = folder
        return folder


def _remove_if_dead(folder: str) -> None:
    try:
        found = os.lstat(folder)
    except OSError:
        return
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        return
    fd = _try_lock(os.path.join(folder, "folder" + LOCK))
    if fd is not None:
        _remove_folder(folder)
        os.close(fd)


def _try_lock(path: str) -> int | None:
    """The lock of a file as a descriptor; None when somebody has it, or the file has gone."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(fd).st_nlink > 0:
            return fd
    except OSError:
        pass
    os.close(fd)
    return None


def _list(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def _remove_folder(folder: str) -> None:
    for name in _list(folder):
        _unlink(os.path.join(folder, name))
    try:
        os.rmdir(folder)
    except OSError:
        pass  # Somebody has just made a buffer in it.
