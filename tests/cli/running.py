"""Runs the `etrust` command in a process of its own, as a person or a script would."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Told:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, object]:
        """The machine output."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


@dataclass(frozen=True)
class Etrust:
    """The command with its home and its stores."""

    home: Path
    environment: dict[str, str]

    def __call__(self, *arguments: object, stdin: bytes = b"") -> Told:
        """Run one command to its end."""
        done = subprocess.run(
            [sys.executable, "-m", "etrust", "--home", str(self.home), *map(str, arguments)], input=stdin, check=False,
            capture_output=True, env={**os.environ, **self.environment}, cwd=ROOT, timeout=120,
        )  # fmt: skip
        told = Told(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert "Traceback" not in told.out + told.err, told.err
        return told
