"""`POST /api/v1/files/verify` over real HTTP: the verdict, the ETSI report, and what is refused."""

from xml.etree import ElementTree as ET

import aiohttp
import pytest
from pyhanko.sign.fields import MDPPerm

from etrust.access.model import Scope
from etrust.api.problems import of_error
from etrust.errors import EtrustError, Kind
from etrust.settings import Settings
from tests.api.calling import new_key, running
from tests.data.ses.generate import FOLDER
from tests.documents import attacks, hostile
from tests.documents.signed_pdfs import plain_pdf, sign

PATH = "/api/v1/files/verify"
NS = {"vr": "http://uri.etsi.org/19102/v1.2.1#"}
SIGNED = sign(plain_pdf(), "B-LTA", certify=True, permission=MDPPerm.NO_CHANGES)


async def test_files_are_judged_and_told_apart(region: Settings) -> None:
    """Each kind by its content, whatever its name; nobody of these is known to this region, so none passes."""
    async with running(region) as api:
        for data, kind in ((SIGNED, "pdf"), ((FOLDER / "v4.ofd").read_bytes(), "ofd"), ((FOLDER / "v5.esl").read_bytes(), "seal")):
            status, body, _ = await api.call("POST", PATH, data=data)
            assert (status, body["kind"], body["verdict"], body["status"]) == (200, kind, "INDETERMINATE", "unknown_issuer")
            assert body["sub_indication"] == "NO_CERTIFICATE_CHAIN_FOUND"
        status, body, _ = await api.call("POST", PATH, data=attacks.incremental_save(SIGNED))
        assert (status, body["verdict"], body["status"]) == (200, "TOTAL-FAILED", "bad_signature")
        assert "changed_after_signing" in {each["reason"] for each in body["findings"]}


async def test_a_form_may_bring_the_document_a_seal_stands_on(region: Settings) -> None:
    """The digest is over it."""
    async with running(region) as api:
        outcomes = []
        for document in (b"the document", b"another document"):
            form = aiohttp.FormData()
            form.add_field("file", (FOLDER / "v4.dat").read_bytes(), filename="SignedValue.dat")
            form.add_field("document", document, filename="x")
            _, body, _ = await api.call("POST", PATH, data=form)
            outcomes += [each["outcome"] for each in body["findings"] if each["step"] == "document_digest"]
    assert outcomes == ["passed", "failed"]


async def test_the_etsi_report_says_what_the_verdict_says(region: Settings) -> None:
    """For signed PDF only, and only where its writer is installed."""
    pytest.importorskip("xsdata")
    async with running(region) as api:
        for asked in ({"params": {"format": "etsi"}}, {"headers": {"Accept": "application/xml"}}):
            status, body, headers = await api.call("POST", PATH, data=SIGNED, **asked)
            assert (status, headers["Content-Type"]) == (200, "application/xml; charset=utf-8")
            report = ET.fromstring(body)  # noqa: S314 - our own report
            assert [each.text.rpartition(":")[2] for each in report.iterfind(".//vr:MainIndication", NS)] == ["indeterminate"]
            assert [each.text.rpartition(":")[2] for each in report.iterfind(".//vr:SubIndication", NS)] == ["NO_CERTIFICATE_CHAIN_FOUND"]
        status, body, _ = await api.call("POST", PATH, data=(FOLDER / "v4.ofd").read_bytes(), params={"format": "etsi"})
        assert (status, body["code"]) == (422, "no_report")


async def test_what_cannot_be_judged_is_said(region: Settings) -> None:
    """Nothing, too much, a time that is none, a key without the right."""
    async with running(region) as api:
        told = [await api.call("POST", PATH, data=b""), await api.call("POST", PATH, data=bytes(21 * 2**20))]
        told += [await api.call("POST", PATH, data=SIGNED, params={"at": each}) for each in ("yesterday", "2026-01-01", "2099-01-01T00:00:00Z")]
        told.append(await api.call("POST", PATH, data=SIGNED, key=await new_key(api.rooms, "officer", [Scope.ISSUE])))
        told.append(await api.call("POST", PATH, data=SIGNED, key=""))
        assert [(status, body["code"]) for status, body, _ in told] == [
            (422, "no_file"), (413, "too_large"), *[(422, "bad_time")] * 3, (403, "no_scope"), (401, "bad_api_key"),
        ]  # fmt: skip


async def test_the_plus_of_a_zone_may_arrive_as_a_space(region: Settings) -> None:
    """As in an address typed by hand, where nobody writes %2B."""
    async with running(region) as api:
        status, body, _ = await api.call("POST", f"{PATH}?at=2026-11-20T12:00:00+08:00", data=SIGNED)
    assert (status, body["at"]) == (200, "2026-11-20T12:00:00+08:00")


def test_who_finds_all_readers_busy_is_told_to_come_back_soon() -> None:
    """A reader is free within seconds; the wait after failed sign-ins is another matter."""
    busy = EtrustError(Kind.RATE_LIMITED, "too_many_checks", zh="忙", en="busy")
    closed = EtrustError(Kind.RATE_LIMITED, "too_many_failures", zh="已锁定", en="closed")
    assert [of_error(each).headers["Retry-After"] for each in (busy, closed)] == ["2", "600"]


async def test_hostile_files_end_in_a_word_and_the_server_goes_on(region: Settings) -> None:
    """The worker that was killed is replaced."""
    async with running(region) as api:
        for make in (hostile.nested_arrays, hostile.attached_bomb, hostile.nested_fields):
            _, body, _ = await api.call("POST", PATH, data=make())
            assert body["verdict"] != "TOTAL-PASSED"
            assert body["findings"][0]["reason"] in {"too_complex", "too_large", "too_slow"}
        _, body, _ = await api.call("POST", PATH, data=b"not a file of any kind \x00")
        assert (body["kind"], body["status"], body["findings"][0]["reason"]) == ("file", "malformed", "unknown_file")
        _, body, _ = await api.call("POST", PATH, data=SIGNED)
        assert body["status"] == "unknown_issuer"
