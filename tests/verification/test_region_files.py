"""A region's own documents through its own checks: the document and the license inside it, two answers in one verdict."""

import io
import zipfile
from dataclasses import replace
from datetime import timedelta

from tests.documents.attacks import garbage
from tests.documents.contents import sample
from tests.documents.making import WORDS, Authority
from tests.licenses.issuing import issue_company, officer
from tests.licenses.test_documents import data_of, make
from tests.licenses.test_status_changes import change

from etrust.clock import official_date
from etrust.documents.face import render_face
from etrust.documents.levels import Level
from etrust.documents.model import Attachment
from etrust.documents.pades import PdfSigner
from etrust.documents.register import DocumentKind
from etrust.licenses.document_copies import CopyRequest, make_copy
from etrust.licenses.model import Action, StoredLicense
from etrust.settings import Settings
from etrust.trust.crls import read_crls
from etrust.trust.x509 import read_certificate
from etrust.verification.files import conclude, examine
from etrust.verification.model import Overall, Status, Verdict
from etrust.wiring import open_rooms
from etrust.wiring.home import ANCHOR_KEY


def outcomes(verdict: Verdict) -> dict[str, str]:
    """Reason by step of what did not pass."""
    return {each.step: each.reason for each in verdict.findings if each.outcome in ("failed", "unknown")}


async def test_a_license_document_passes_until_the_license_is_revoked(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        stored = await issue_company(rooms)
        pdf, ofd = [await data_of(rooms, record) for record in await make(rooms, stored)]
        good = (await rooms.files.check(pdf)).verdict
        assert (good.verdict, good.kind, outcomes(good)) == (Overall.PASSED, "pdf", {})
        assert good.license is not None
        assert good.license["identifier"] == stored.identifier.text
        assert good.evidence.keys() == {"anchors", "trust_list", "status_list"}
        sealed = (await rooms.files.check(ofd)).verdict
        assert (sealed.verdict, sealed.kind) == (Overall.PASSED, "ofd"), outcomes(sealed)
        assert {each.outcome for each in sealed.findings if each.step.endswith("now.seal_state")} == {"passed"}
        spoiled = (await rooms.files.check(garbage(pdf))).verdict
        assert (spoiled.verdict, outcomes(spoiled)["file_end"]) == (Overall.FAILED, "unsigned_tail")
        await change(rooms, stored, Action.REVOKE)
        revoked = (await rooms.files.check(pdf)).verdict
        assert (revoked.verdict, revoked.status, outcomes(revoked)) == (
            Overall.FAILED, Status.REVOKED, {"license.status": "revoked"},
        )  # fmt: skip
        sealed = (await rooms.files.check(ofd)).verdict
        assert (sealed.verdict, sealed.status, outcomes(sealed)) == (
            Overall.FAILED, Status.REVOKED, {"license.status": "revoked"},
        )  # fmt: skip


async def test_a_license_in_an_ofd_counts_only_under_the_seal_of_its_own_body(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        stored = await issue_company(rooms)
        (record,) = await make(rooms, stored, [DocumentKind.OFD])
        report = await rooms.files.check(await data_of(rooms, record))
        assert [each.name for each in report.found.files] == ["license.cwt", "license.json"]
        assert [each.body for each in report.found.signatories] == [stored.issuer]
        foreign = replace(report.found, signatories=tuple(replace(each, body="11650000MB1A0003XT") for each in report.found.signatories))
        other = conclude(foreign, ground=report.ground)
        assert (other.status, outcomes(other)["license.body"]) == (Status.UNKNOWN_ISSUER, "document_of_another_body")


async def test_a_license_added_to_an_ofd_without_a_seal_is_not_believed(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        stored = await issue_company(rooms)
        (record,) = await make(rooms, stored, [DocumentKind.OFD])
        good = await data_of(rooms, record)
        entries = zipfile.ZipFile(io.BytesIO(good))
        changed = io.BytesIO()
        with zipfile.ZipFile(changed, "w") as package:
            for name in entries.namelist():
                data = entries.read(name)
                if name.endswith("Attachments.xml"):
                    data = data.replace(b"attach_1.cwt", b"attach_9.cwt")
                package.writestr(name, data)
            package.writestr("Doc_0/Attachs/attach_9.cwt", entries.read("Doc_0/Attachs/attach_1.cwt"))
        report = await rooms.files.check(changed.getvalue())
        assert "license.cwt" not in [each.name for each in report.found.files]
        assert report.verdict.verdict is Overall.FAILED
        assert outcomes(report.verdict)["1.references"] == "file_changed"


async def test_a_body_signs_documents_with_its_key_for_documents_only(region: Settings) -> None:
    """A genuine license on a face of somebody else's making, who has another certificate in the body's name."""
    async with open_rooms(region) as rooms:
        stored = await issue_company(rooms)
        pdf, _ = await make(rooms, stored)
        report = await rooms.files.check(await data_of(rooms, pdf))
        anchor, at = rooms.cabinet.named(ANCHOR_KEY), rooms.clock().replace(microsecond=0)
        elsewhere = Authority.make(at)
        trusted = (*report.ground.anchors, read_certificate(elsewhere.signer.certificate))
        lists = report.ground.crls.with_lists(read_crls(elsewhere.crl(at)))
        ground = replace(report.ground, anchors=trusted, crls=lists, now=rooms.clock())
        forger = elsewhere.issue("document", "forger", at=at, years=1, body=stored.issuer)
        for signer in (rooms.cabinet.of_body(stored.issuer), forger):
            signs = PdfSigner(signer, (anchor.certificate,))
            forged = signs.sign(face_with(stored), level=Level.B_B, at=at, words=WORDS)
            found = examine(forged, ground=ground)
            register = await rooms.files._register(found, None)
            verdict = conclude(found, ground=ground, register=register)
            assert (verdict.verdict, outcomes(verdict)) == (Overall.FAILED, {"license.body": "not_entitled"})


def face_with(stored: StoredLicense) -> bytes:
    """A face of one's own making with somebody's credential."""
    attached = Attachment("license.cwt", "application/cwt", stored.credential, "证照凭证")
    return render_face(
        replace(sample("business_license", seed=7), identifier=stored.identifier.text, attachments=(attached,))
    )


async def test_an_annotated_copy_says_what_it_is_for_and_ends(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        stored, today = await issue_company(rooms), official_date(rooms.clock())
        asked = CopyRequest("申请住房公积金贷款", "乌鲁木齐住房公积金管理中心", today + timedelta(days=5))
        async with rooms.stores.pool.acquire() as connection:
            _, (record,) = await make_copy(
                connection, rooms.documents.making, stored, asked, [DocumentKind.PDF], who=officer(rooms)
            )
        report = await rooms.files.check(await data_of(rooms, record))
        told = {each.step: each.detail for each in report.verdict.findings if each.step.startswith("copy.")}
        assert report.verdict.verdict is Overall.PASSED, outcomes(report.verdict)
        assert (told["copy.purpose"], told["copy.recipient"]) == (asked.purpose, asked.recipient)
        ended = conclude(report.found, ground=replace(report.ground, now=report.ground.now + timedelta(days=7)))
        assert (ended.status, outcomes(ended)["copy.validity"]) == (Status.EXPIRED, "copy_expired")
