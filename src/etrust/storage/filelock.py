"""Locks on files (flock): the kernel gives them back when their holder dies, however it dies."""

import fcntl
import os
from pathlib import Path


class FileLock:
    """A lock on one file, for several holders (shared) or for one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1

    def take(self, *, shared: bool = False) -> bool:
        """Take the lock, or turn the one held into the other sort; False when others are in the way.

        A lock held is lost when turning it into the other sort fails.
        """
        if self._descriptor < 0:
            # Never inherited by a child: Python opens descriptors close-on-exec.
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def write(self, text: str) -> None:
        """Replace the file's content; the holder's word to others."""
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text.encode(), 0)

    def release(self) -> None:
        """Give the lock back."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def is_held(path: Path) -> bool:
    """Whether some process holds the lock alone."""
    lock = FileLock(path)
    try:
        return not lock.take(shared=True)
    finally:
        lock.release()
