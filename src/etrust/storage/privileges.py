"""How a server process is started: without privileges, and so that it dies with the process that started it.

PostgreSQL refuses to run as root, and neither server needs to. Two ways are known; the first that works is taken.

1. A user namespace in which root's files belong to nobody (65534): no owner is changed, inside the home or outside.
2. The real user nobody (65534); data and sockets inside the home are given to it, and it must be able to reach both
   the home and the programs.

An ordinary user drops nothing. Death with the parent is Linux's PR_SET_PDEATHSIG; elsewhere a server left over by
a killed keeper is ended by the next start (see `keeper`). Nothing of util-linux is needed.
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from etrust.errors import EtrustError, Kind

NOBODY = 65534
_UNREACHABLE = 13  # exit code of the trial below
_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


class Drop(StrEnum):
    """The way in which privileges are dropped."""

    NOTHING = "nothing"
    NAMESPACE = "user namespace"
    NOBODY = "user nobody"


def choose(program: Path, home: Path, sockets: Path) -> Drop:
    """The first way that works here, for a program and a home it must reach.

    Raises:
        EtrustError: ``cannot_drop_privileges``, with what stood in the way.
    """
    if os.geteuid() != 0:
        return Drop.NOTHING
    reasons = []
    for drop in (Drop.NAMESPACE, Drop.NOBODY):
        problem = _try(drop, program, home, sockets)
        if not problem:
            return drop
        reasons.append(f"{drop}: {problem}")
    told = "; ".join(reasons)
    raise EtrustError(
        Kind.UNAVAILABLE, "cannot_drop_privileges", where=str(home),
        zh=f"内置数据库不能以 root 身份运行，且无法降低权限（{told}）。"
           "请以普通用户运行，或配置 database_url 与 redis_url。",
        en=f"The embedded stores must not run as root and no way to drop privileges works here ({told})."
           " Run as an ordinary user, or configure database_url and redis_url.",
    )  # fmt: skip


def start(
    drop: Drop, command: Sequence[str], *, death_signal: int, **options: Any
) -> "subprocess.Popen[bytes]":
    """Start a server; must be called from a process with one thread, which is the parent it dies with."""
    if drop is Drop.NOBODY:
        options |= {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    options.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.Popen(  # noqa: S603 - our own servers, with arguments made here
        command, preexec_fn=_in_child(drop, death_signal, os.getpid()), start_new_session=True,  # noqa: PLW1509
        **options,
    )  # fmt: skip


def give(drop: Drop, path: Path) -> None:
    """Let the server's user own a folder inside the home, with all that is in it."""
    if drop is not Drop.NOBODY:
        return
    for place, _, files in os.walk(path):
        for name in (place, *(os.path.join(place, file) for file in files)):  # noqa: PTH118 - os.walk gives text
            os.chown(name, NOBODY, NOBODY, follow_symlinks=False)


def _in_child(drop: Drop, death_signal: int, parent: int) -> Callable[[], None]:
    def enter() -> None:
        if drop is Drop.NAMESPACE:
            _enter_namespace()
        if sys.platform == "linux":
            # After the change of user, which would clear it.
            _LIBC.prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)  # the parent died before the line above

    return enter


def _enter_namespace() -> None:
    user, group = os.geteuid(), os.getegid()
    if not hasattr(_LIBC, "unshare"):
        raise OSError("no user namespaces on this system")
    if _LIBC.unshare(_CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    Path("/proc/self/setgroups").write_text("deny", "ascii")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} {user} 1", "ascii")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {group} 1", "ascii")


def _try(drop: Drop, program: Path, home: Path, sockets: Path) -> str:
    """Run the program with its version question; what went wrong, or nothing."""
    if drop is Drop.NOBODY:
        home.chmod(home.stat().st_mode | 0o011)  # to be passed through, not read
        give(drop, sockets)
    reach = f'test -w "$1" || exit {_UNREACHABLE}; exec "$0" --version'
    try:
        process = start(
            drop, ["/bin/sh", "-c", reach, str(program), str(sockets)], death_signal=signal.SIGKILL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        _, errors = process.communicate(timeout=30)
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    if process.returncode == _UNREACHABLE:
        return "this user cannot reach the home"
    return "" if process.returncode == 0 else errors.decode(errors="replace").strip()
