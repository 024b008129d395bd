"""Where the embedded servers' Unix sockets are: in the home, or in a short private folder if its path is long."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from etrust.errors import EtrustError, Kind
from etrust.storage.privileges import NOBODY

PATH_LIMIT = 103
"""Bytes of a socket's path: Linux allows 107, macOS 103."""


def socket_folder(home: Path, name: str, socket: str) -> Path:
    """Make the folder of one server's socket, mode 0700.

    Raises:
        EtrustError: ``foreign_socket_folder`` when the short folder is there but not ours alone.
    """
    folder = home / "sockets" / name
    if len(os.fsencode(folder / socket)) <= PATH_LIMIT:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder
    return _short_folder(home, name, socket)


def _short_folder(home: Path, name: str, socket: str) -> Path:
    digest = hashlib.sha256(os.fsencode(home.resolve()) + name.encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"etrust-{os.geteuid()}-{digest}"
    if len(os.fsencode(folder / socket)) > PATH_LIMIT:
        folder = Path("/tmp") / folder.name  # noqa: S108 - its owner and mode are checked below
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in _owners(home) or found.st_mode & 0o077:
        raise EtrustError(
            Kind.FORBIDDEN, "foreign_socket_folder", where=str(folder),
            zh=f"{folder} 属于其他用户或可被他人访问，不能使用。请删除它，或使用较短的工作目录路径。",
            en=f"{folder} belongs to someone else or is open to others. Remove it, or use a shorter home path.",
        )
    return folder


def _owners(home: Path) -> set[int]:
    """Whose the short folder may be: our own, and nobody's only where an earlier start has given nobody the data."""
    given = any(path.stat().st_uid == NOBODY for path in (home / "postgres", home / "valkey") if path.exists())
    return {os.geteuid()} | ({NOBODY} if os.geteuid() == 0 and given else set())
