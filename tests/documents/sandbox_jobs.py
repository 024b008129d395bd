"""Jobs for a worker under test: good ones and such as hostile files cause."""

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable

from etrust.documents.sandbox_frames import Message


def answer(job: Message) -> Message:
    """Do what is asked."""
    do = str(job.data["do"])
    if do in _TRIED:
        return Message({"refused": _is_refused(_TRIED[do])})
    _DONE[do]()
    return Message({"process": os.getpid()}, job.parts)


def _spin() -> None:
    while True:
        pass


def _eat() -> None:
    bytearray(400 * 2**20)


def _eat_slowly() -> None:
    held: list[bytes] = []
    while True:
        held.append(bytes(2**20))


def _dig(depth: int = 0) -> int:
    return _dig(depth + 1) + 1


def _die() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def _connect() -> None:
    socket.create_connection(("127.0.0.1", 9), timeout=1)


def _resolve() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def _start() -> None:
    subprocess.run(["true"], check=True)


def _write() -> None:
    with tempfile.TemporaryFile(buffering=0) as file:
        file.write(b"x")


def _is_refused(work: Callable[[], object]) -> bool:
    try:
        work()
    except OSError:
        return True
    return False


_DONE: dict[str, Callable[[], object]] = {
    "echo": lambda: None, "sleep": lambda: time.sleep(60), "spin": _spin, "eat": _eat, "eat slowly": _eat_slowly, "dig": _dig,
    "die": _die,
}  # fmt: skip
_TRIED: dict[str, Callable[[], object]] = {"connect": _connect, "resolve": _resolve, "start": _start, "write": _write}
