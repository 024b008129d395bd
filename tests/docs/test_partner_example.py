"""The example of docs/formats.md, which knows nothing of etrust, agrees with it on licenses that were really issued."""

import subprocess
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from etrust.credentials import base45
from etrust.credentials.code import ZIPPED, decode_code, encode_code
from etrust.licenses.model import Action, StoredLicense
from etrust.licenses.types import by_code, load_types
from etrust.settings import Settings
from etrust.verification.offline import OfflineVerifier
from etrust.wiring import Rooms, open_rooms
from tests.licenses.issuing import code_of, issue_company
from tests.licenses.test_status_changes import change

EXAMPLE = Path(__file__).parents[2] / "examples" / "verify_offline.py"


def load() -> ModuleType:
    """The example as a module."""
    spec = spec_from_file_location("verify_offline", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@dataclass
class Partner:
    """What a partner region has: the anchor, the lists it fetched, and both verifiers."""

    rooms: Rooms
    anchor: bytes = b""
    trust: bytes = b""
    status: bytes = b""
    example: ModuleType = field(default_factory=load)

    async def fetch(self) -> "Partner":
        """Fetch the lists as they are now."""
        await self.rooms.live.refresh()
        self.anchor = self.rooms.anchor_certificate()
        self.trust = await self.rooms.trust.token()
        self.status = await self.rooms.signed_lists.token(1, "cwt")
        return self

    def ask(self, code: str, later: timedelta = timedelta(0)) -> str:
        """The status by the example; etrust's own offline verifier must say the same."""
        now = self.rooms.clock() + later
        status, _ = self.example.verify(code, self.anchor, self.trust, self.status, now.timestamp())
        ours = OfflineVerifier.from_files(
            trust_list=self.trust, status_lists=[self.status], anchors=[self.anchor], now=now, types=by_code(load_types())
        )
        assert status == ours.check(code, at=now).status
        return str(status)


async def issued(rooms: Rooms, **cells: str) -> tuple[StoredLicense, Partner]:
    """A license and a partner who has fetched the lists since."""
    license_ = await issue_company(rooms, **cells)
    return license_, await Partner(rooms).fetch()


async def test_it_is_short_and_knows_nothing_of_us() -> None:
    text = EXAMPLE.read_text("utf-8")
    assert len(text.splitlines()) < 150
    assert "import etrust" not in text
    assert "from etrust" not in text


async def test_valid(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        license_, partner = await issued(rooms)
        assert partner.ask(code_of(license_)) == "valid"
        assert partner.ask("  " + code_of(license_).lower() + "\n") == "valid"


@pytest.mark.parametrize(("action", "status"), [(Action.REVOKE, "revoked"), (Action.SUSPEND, "suspended")])
async def test_a_change_of_status(region: Settings, action: Action, status: str) -> None:
    async with open_rooms(region) as rooms:
        license_, partner = await issued(rooms)
        await change(rooms, license_, action)
        assert partner.ask(code_of(license_)) == "valid"  # by the list fetched before
        await partner.fetch()
        assert partner.ask(code_of(license_)) == status


async def test_expired(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        license_, partner = await issued(rooms, 有效期截止日期="2025-05-30")
        assert partner.ask(code_of(license_)) == "expired"


async def test_every_altered_byte_is_noticed(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        license_, partner = await issued(rooms)
        raw = decode_code(code_of(license_))
        for place in range(0, len(raw), 7):
            altered = encode_code(raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :])
            status, _ = partner.example.verify(
                altered, partner.anchor, partner.trust, partner.status, rooms.clock().timestamp()
            )
            assert status in {"bad_signature", "malformed", "unknown_issuer"}, place


async def test_lists_out_of_their_time(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        license_, partner = await issued(rooms)
        after_the_status_list = timedelta(seconds=region.status_list_lifetime_seconds + 1)
        assert partner.ask(code_of(license_), after_the_status_list) == "unknown"
        with pytest.raises(SystemExit, match="out of its time"):
            partner.example.verify(
                code_of(license_), partner.anchor, partner.trust, partner.status, rooms.clock().timestamp() + 40 * 86_400
            )


async def test_another_anchor(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        license_, partner = await issued(rooms)
        strangers = rooms.cabinet.named("status").certificate
        with pytest.raises(SystemExit, match="not signed by this anchor"):
            partner.example.verify(
                code_of(license_), strangers, partner.trust, partner.status, rooms.clock().timestamp()
            )


async def test_a_status_list_of_nobody(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        license_, partner = await issued(rooms)
        broken = partner.status[:-1] + bytes([partner.status[-1] ^ 1])
        status, _ = partner.example.verify(
            code_of(license_), partner.anchor, partner.trust, broken, rooms.clock().timestamp()
        )
        assert status == "unknown"


@pytest.mark.parametrize("text", ["", "hello", "ET1:", "ET1:XX", "ET1:A", ZIPPED + base45.encode(b"\x78\xda"), "ET1:" + "0" * 5000])
async def test_what_is_no_code(region: Settings, text: str) -> None:
    async with open_rooms(region) as rooms:
        _, partner = await issued(rooms)
        assert partner.ask(text) == "malformed"


def run(folder: Path, code: str, *files: str) -> tuple[int, str]:
    """Exit code and first word of the example as a program."""
    done = subprocess.run(
        [sys.executable, EXAMPLE, code, *files], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout.split()[0] if done.stdout else done.stderr


async def test_as_a_program(region: Settings, tmp_path: Path) -> None:
    async with open_rooms(region) as rooms:
        license_, partner = await issued(rooms)
    files = {"anchor.crt": partner.anchor, "trust.jws": partner.trust, "status.cwt": partner.status}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    assert run(tmp_path, code_of(license_), *files) == (0, "valid")
    assert run(tmp_path, "hello", *files) == (1, "malformed")
