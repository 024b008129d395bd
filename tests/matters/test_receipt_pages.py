"""The receipt as a page: set, tagged, signed for the long term, kept; the receipt inside it is the one it shows."""

import io
from dataclasses import replace

import pikepdf
import pypdfium2

from etrust.documents.receipt_face import render_receipt
from etrust.licenses.types import load_types
from etrust.matters.model import Outcome
from etrust.matters.receipt_page import receipt_page
from etrust.settings import Settings
from etrust.verification.model import Overall
from etrust.wiring import open_rooms
from tests.matters.receiving import STATION, changed, given, school_check


async def test_made_once_and_in_order(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        check = await school_check(rooms)
        receipt = await given(rooms, check)
        pdf, again = await rooms.receipts.pdf(receipt, body=STATION), await rooms.receipts.pdf(receipt)
        cose = await rooms.receipts.cose(receipt)
        report = await rooms.files.check(pdf)
        alone = await rooms.files.check(cose)
        changed_one = await rooms.files.check(pdf + b"\n%more\n")
    assert pdf == again
    assert report.verdict.verdict is Overall.PASSED, report.verdict.findings
    assert report.verdict.license is not None
    assert report.verdict.license["type"] == "receipt"
    assert (alone.verdict.verdict, alone.verdict.kind) == (Overall.PASSED, "receipt")
    assert changed_one.verdict.verdict is not Overall.PASSED
    page = pypdfium2.PdfDocument(pdf)
    assert len(page) == 1
    assert check.case_number in page[0].get_textpage().get_text_range()
    with pikepdf.open(io.BytesIO(pdf)) as inner:
        assert inner.attachments["receipt.cose"].get_file().read_bytes() == cose
        assert inner.Root.MarkInfo.Marked
        assert b"pdfaid" in inner.Root.Metadata.read_bytes()


async def test_a_page_around_another_receipt_is_refused(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        first = await given(rooms)
        other = await given(rooms, changed(await school_check(rooms), step=3))
        page = receipt_page(await rooms.receipts.cose(first), rooms.types)
        shown = replace(page, cose=await rooms.receipts.cose(other))
        name, document = rooms.documents.making.document_key("11650000MB1A0004XU")
        assert name
        from etrust.documents.levels import Level, SignatureWords  # noqa: PLC0415 - writers are loaded late
        from etrust.documents.pades import sign_pdf  # noqa: PLC0415 - as above

        forged = sign_pdf(
            render_receipt(shown), level=Level.B_B, signer=document, at=rooms.clock(), words=SignatureWords("", "", "")
        )
        report = await rooms.files.check(forged)
    reasons = {each.reason for each in report.verdict.findings}
    assert report.verdict.verdict is Overall.FAILED
    assert {"page_of_another_receipt", "key_not_for_receipts"} <= reasons


async def test_every_outcome_has_its_mark_and_word(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        check = await school_check(rooms)
        first = check.materials[0]
        every = tuple(replace(first, key=f"m{place}", outcome=outcome) for place, outcome in enumerate(Outcome))
        cose = await rooms.receipts.cose(await given(rooms, changed(check, materials=every)))
    page = receipt_page(cose, load_types())
    assert len({line.word for line in page.lines}) == len(Outcome)
    assert {line.tone for line in page.lines} == {"good", "open", "bad"}
    assert render_receipt(page) == render_receipt(page)
