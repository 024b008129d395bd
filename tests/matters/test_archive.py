"""Archive packages: a case as one file that proves itself, is renewed, and says what was done to it."""

import io
import json
import warnings
import zipfile
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from etrust.clock import Clock
from etrust.errors import EtrustError
from etrust.matters.case_model import Action
from etrust.settings import Settings
from etrust.verification.archive_package import MANIFEST, Package, read_package, write_package
from etrust.verification.archives import judge_archive
from etrust.verification.model import Overall
from etrust.wiring import Rooms, open_rooms
from tests.family import issue_family
from tests.matters.scene import Scene, http_scene


async def packed(at: Scene) -> tuple[str, bytes]:
    """A birth, accepted, and its package."""
    check = await at.newborn()
    await at.rooms.matters.take_step(check.case_number, Action.ACCEPT, operator=at.clerk, reason="材料齐全")
    return check.case_number, await at.rooms.archives.of_case(check.case_number, at.clerk)


def reasons(rooms: Rooms, findings: object) -> set[str]:
    return {each.reason for each in findings if each.reason}  # type: ignore[attr-defined]


async def test_a_package_proves_itself(at: Scene) -> None:
    number, content = await packed(at)
    assert await at.rooms.archives.of_case(number, at.clerk) == content  # kept
    package = read_package(content)
    assert write_package(package.files) == content
    assert next(iter(package.files)) == MANIFEST
    assert {name.rpartition(".")[2] for name in package.files} == {"json", "cose", "pdf", "jws", "tst", "crl"}
    verdict = (await at.rooms.files.check(content)).verdict
    assert (verdict.verdict, verdict.kind) == (Overall.PASSED, "archive"), [each for each in verdict.findings if each.reason]
    assert verdict.license is not None
    assert number in json.dumps(verdict.license)
    alone = judge_archive(content, replace(await at.rooms.authorities.ground(), crls=type((await at.rooms.authorities.ground()).crls)()))
    assert reasons(at.rooms, alone.findings) == set()  # no list of this region but those inside


async def test_what_was_changed_is_named(at: Scene) -> None:
    _, content = await packed(at)
    files = dict(read_package(content).files)
    receipt = next(name for name in files if name.endswith(".cose"))
    page = next(name for name in files if name.endswith(".pdf"))
    ground = await at.rooms.authorities.ground()

    def said(**changes: object) -> list[tuple[str, str]]:
        told = {**files, **{name: data for name, data in changes.items() if data is not None}}
        for name, data in changes.items():
            if data is None:
                del told[name]
        found = judge_archive(write_package(told), ground).findings  # type: ignore[arg-type]
        return [(each.reason, each.detail) for each in found if each.reason]

    assert said(**{page: files[page] + b" "}) == [("file_changed", page)]
    assert said(**{page: None})[0] == ("file_missing", page)
    assert ("file_changed", receipt) in said(**{receipt: files[receipt][:-1] + bytes([files[receipt][-1] ^ 1])})
    assert said(**{"receipts/ABCDEFGH.cose": files[receipt]})[0] == ("file_not_listed", "receipts/ABCDEFGH.cose")
    manifest = json.loads(files[MANIFEST])
    manifest["files"] = [each for each in manifest["files"] if each["name"] != page]
    cut = json.dumps(manifest).encode()  # a whole manifest made anew: only the timestamp tells
    assert said(**{page: None, MANIFEST: cut})[0][0] == "timestamp_of_other_bytes"
    token = next(name for name in files if name.endswith(".tst"))
    assert said(**{token: None})[0][0] == "no_timestamp"
    assert said(**{token: b"nonsense"})[0][0] == "timestamp_malformed"


async def test_a_package_stands_for_decades_when_it_is_renewed(region: Settings) -> None:
    moment: list[datetime] = []
    clock: Clock = lambda: moment[0]  # noqa: E731 - a clock that is moved
    async with open_rooms(region) as now:
        moment.append(now.clock())
    async with open_rooms(region, clock=clock) as rooms:
        at = Scene(rooms, await issue_family(rooms), await rooms.operator("clerk"))
        _, content = await packed(at)
        began = moment[0]
        async with rooms.stores.pool.acquire() as connection:
            until = await connection.fetchval("SELECT timestamp_until FROM case_archives")
        ground = await rooms.authorities.ground()
        later = replace(ground, now=until + timedelta(days=1))
        assert "timestamp_lapsed" in reasons(rooms, judge_archive(content, later).findings)
        moment[0] = began + timedelta(days=400)
        renewed = await rooms.archives.renewed(content)
        assert renewed != content
        assert set(read_package(content).files) < set(read_package(renewed).files)
        judged = judge_archive(renewed, replace(await rooms.authorities.ground(), now=moment[0] + timedelta(days=1)))
        assert reasons(rooms, judged.findings) == set()
        assert judged.archived is not None
        assert judged.renewed is not None
        assert judged.archived < judged.renewed
        assert await rooms.archives.renew_due(at.clerk) == 0


async def test_hostile_packages_end_in_a_word(at: Scene) -> None:
    _, content = await packed(at)
    files = dict(read_package(content).files)
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w") as twice:
        warnings.simplefilter("ignore")
        for name in (MANIFEST, "case.json", "matter.json", "case.json"):
            twice.writestr(name, files[name])
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as large:
        large.writestr(MANIFEST, files[MANIFEST])
        large.writestr("case.json", bytes(70 * 1024 * 1024))
    for bad in (
        out.getvalue(), bomb.getvalue(), write_package({**files, "../../etc/passwd": b"x"}), write_package({MANIFEST: b"{}"}),
        write_package({**files, MANIFEST: b"[]"}), content[:-30], content[:200], write_package({**files, "receipts/ä.pdf": b""}),
    ):  # fmt: skip
        verdict = (await at.rooms.files.check(bad)).verdict
        assert verdict.verdict is Overall.FAILED
        assert verdict.status.value == "malformed"


async def test_only_the_body_gets_it(region: Settings) -> None:
    async with http_scene(region) as (at, http):
        number, content = await packed(at)
        status, sent, headers = await http.api.call("GET", f"/api/v1/cases/{number}/archive", key=http.key)
        assert (status, headers["Content-Type"]) == (200, "application/zip")
        assert sent == content
        receipt = next(name for name in read_package(content).files if name.endswith(".cose")).removeprefix("receipts/").removesuffix(".cose")
        status, cose, headers = await http.api.call("GET", f"/api/v1/receipts/{receipt}", key=http.key)
        assert (status, headers["Content-Type"], cose) == (200, "application/cose", read_package(content).files[f"receipts/{receipt}.cose"])
        status, _, headers = await http.api.call("GET", f"/api/v1/receipts/{receipt}.pdf", key=http.key)
        assert (status, headers["Content-Type"]) == (200, "application/pdf")
        status, _, _ = await http.api.call("GET", f"/api/v1/cases/{number[:-1]}9/archive", key=http.key)
        assert status == 404


def test_a_package_is_the_same_bytes_everywhere() -> None:
    files = {"case.json": b"{}", MANIFEST: b"{}", "matter.json": b"{}"}
    assert write_package(files) == write_package(dict(reversed(files.items())))
    assert Package(files).tokens == []
    with pytest.raises(EtrustError, match="bad_archive"):
        read_package(b"PK\x03\x04 nothing")
