"""The process in which uploaded files are read: bounded in memory, without network, and killed by its parent when slow.

Run as ``python -m etrust.documents.sandbox_worker MODULE:FUNCTION MEGABYTES``. It speaks frames over its standard streams (see
`etrust.documents.sandbox_frames`); what comes back to the parent is JSON and bytes, never a pickle.
"""

import contextlib
import ctypes
import gc
import importlib
import logging
import os
import resource
import socket
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import BinaryIO

from etrust.documents.sandbox_frames import Message, read_frame, write_frame
from etrust.errors import EtrustError

_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
_CPU_SECONDS = 3  # a job's own processor time; the parent's clock strikes first unless the parent is gone
_REFUSED = (
    "subprocess.Popen", "os.system", "os.exec", "os.fork", "os.posix_spawn", "ctypes.dlopen", "socket.connect", "socket.bind",
)  # fmt: skip

Answer = Callable[[Message], Message]


def main(arguments: Sequence[str]) -> None:
    """Serve jobs until the parent closes the stream."""
    name, megabytes = arguments
    jobs, answers = _streams()
    _leave_network()
    logging.disable(logging.CRITICAL)  # a library tells its tracebacks at length
    module, _, function = name.partition(":")
    loaded = importlib.import_module(module)
    answer: Answer = getattr(loaded, function)
    getattr(loaded, "warm", lambda: None)()
    gc.freeze()
    _limit(int(megabytes))
    sys.addaudithook(_refuse)
    write_frame(answers, Message({"ready": True}))
    while (job := read_frame(jobs)) is not None:
        resource.setrlimit(resource.RLIMIT_CPU, _cpu_limit())
        reply = _answer(answer, job)
        write_frame(answers, reply)
        if reply.data.get("last"):
            return


def _answer(answer: Answer, job: Message) -> Message:
    try:
        return answer(job)
    except MemoryError:
        # What is left of the job may still hold the memory: this process ends, and another takes its place.
        return Message({"error": "too_large", "last": True})
    except RecursionError:
        return Message({"error": "too_complex", "last": True})
    except EtrustError as error:
        return Message({"error": error.code, "where": error.where})
    except Exception as error:  # noqa: BLE001 - a reader that stumbles over a file must not fall
        frames = [f"{each.filename}:{each.lineno}" for each in traceback.extract_tb(error.__traceback__)]
        return Message({"error": "reader_failed", "where": type(error).__name__, "frames": frames[-8:], "last": True})


def _streams() -> tuple[BinaryIO, BinaryIO]:
    """The two ends of the conversation, out of the way of anything that prints."""
    jobs, answers = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1):
        os.dup2(null, standard)
    os.close(null)
    return os.fdopen(jobs, "rb"), os.fdopen(answers, "wb")


def _leave_network() -> None:
    """Move into a network of its own with nothing in it, where the system allows that; `_refuse` holds everywhere."""
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(_NEW_NET) != 0:
            libc.unshare(_NEW_USER | _NEW_NET)


def _limit(megabytes: int) -> None:
    """Bound memory (what is private and writable, imports included), files written, cores dumped."""
    size = megabytes * 2**20
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _cpu_limit() -> tuple[int, int]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return int(used.ru_utime + used.ru_stime) + _CPU_SECONDS, resource.RLIM_INFINITY


def _refuse(event: str, details: tuple[object, ...]) -> None:
    """No network and no other program for what a file makes the reader do."""
    if event in _REFUSED or (event == "socket.__new__" and details[1] != socket.AF_UNIX):
        raise PermissionError(event)


if __name__ == "__main__":
    main(sys.argv[1:])
