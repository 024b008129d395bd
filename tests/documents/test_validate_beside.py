"""Attacks that leave every signed page as it is: a picture over it in an empty field, another title, a certificate for else."""

import io
import re
from datetime import timedelta

import pypdfium2
import pytest
from pyhanko import sign as pyhanko
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, NumberObject, StreamObject, pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from etrust.documents.levels import Level
from etrust.documents.pades import PdfSigner
from etrust.documents.validate import judge_pdf
from etrust.trust.chains import Ground, Period
from etrust.trust.crls import CrlSet, read_crls
from etrust.trust.x509 import read_certificate
from etrust.verification.model import Overall
from etrust.verification.pdf import weigh_pdf
from tests.documents.attacks import Attack, stream, update
from tests.documents.making import NOW, WORDS, Region, face
from tests.documents.signed_pdfs import LEVELS, plain_pdf, sign
from tests.documents.signing_people import TODAY, Authority, make_authority, pdf_signer
from tests.documents.test_validate_attacks import reasons


def written(writer: IncrementalPdfFileWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def with_empty_field(pdf: bytes, *, drawn: bool) -> bytes:
    """One more signature field, which nobody signs, with or without a picture over the page."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    append_signature_field(writer, SigFieldSpec("Next", on_page=0, box=(0, 0, 595, 842)))
    field = next(each.get_object() for each in writer.root["/AcroForm"]["/Fields"] if each.get_object()["/T"] == "Next")
    field.pop("/AP", None)
    if drawn:
        picture = StreamObject({
            pdf_name("/Type"): pdf_name("/XObject"), pdf_name("/Subtype"): pdf_name("/Form"),
            pdf_name("/BBox"): ArrayObject([NumberObject(each) for each in (0, 0, 595, 842)]),
        }, stream_data=b"1 0 0 rg 0 0 595 842 re f")  # fmt: skip
        field[pdf_name("/AP")] = DictionaryObject({pdf_name("/N"): writer.add_object(picture)})
    writer.update_container(field)
    return written(writer)


def is_red(pdf: bytes) -> bool:
    """Whether an independent reader shows the picture instead of the page."""
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    red, green, _ = document[0].render(scale=0.2).to_pil().convert("RGB").resize((1, 1)).getpixel((0, 0))
    return bool(red > 200 and green < 100)


def retitled(pdf: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    writer.set_info(writer.add_object(DictionaryObject({pdf_name("/Title"): pdf_string("Another license")})))
    return written(writer)


def retold(pdf: bytes) -> bytes:
    """The same in XMP."""
    text = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:Description'
        b' xmlns:d="http://purl.org/dc/elements/1.1/"><d:title>Another license</d:title></r:Description></r:RDF></x:xmpmeta>'
    )
    metadata = int(re.findall(rb"/Metadata (\d+) 0 R", pdf)[-1])
    return update(pdf, {metadata: stream(text, b"/Type /Metadata /Subtype /XML")})


@pytest.mark.parametrize("level", LEVELS)
def test_an_empty_field_with_a_picture_is_shadow_content(level: str) -> None:
    pdf = with_empty_field(sign(plain_pdf(), level), drawn=True)
    assert is_red(pdf)
    assert "shadow_content" in reasons(pdf)


def test_room_for_the_next_signer_is_none() -> None:
    pdf = with_empty_field(sign(plain_pdf()), drawn=False)
    assert not is_red(pdf)
    assert reasons(pdf) == set()


@pytest.mark.parametrize("level", ["B-B", "B-LTA"])
@pytest.mark.parametrize("attack", [retitled, retold])
def test_another_title_is_a_change(attack: Attack, level: str) -> None:
    assert "changed_after_signing" in reasons(attack(sign(plain_pdf(), level)))


def test_another_title_on_our_own_faces_is_a_change() -> None:
    region = Region.make()
    ground = Ground(
        (read_certificate(region.authority.signer.certificate),), NOW, crls=CrlSet(read_crls(region.authority.crl(NOW)))
    )
    good = region.sign(face())
    assert weigh_pdf(judge_pdf(good, ground).findings).overall is Overall.PASSED
    assert weigh_pdf(judge_pdf(retitled(good), ground).findings).overall is Overall.FAILED


def test_metadata_that_say_the_same_may_be_written_again() -> None:
    """As readers do that add validation data."""
    writer = IncrementalPdfFileWriter(io.BytesIO(sign(plain_pdf(), "B-LT")))
    writer.set_info(writer.add_object(DictionaryObject({pdf_name("/Producer"): pdf_string("Another maker")})))
    assert reasons(written(writer)) == set()


def test_a_timestamp_services_certificate_signs_no_documents() -> None:
    region = Region.make()
    crl = region.authority.crl(NOW)
    ground = Ground((read_certificate(region.authority.signer.certificate),), NOW, crls=CrlSet(read_crls(crl)))
    pdf = PdfSigner(region.timestamp, region.chain, (crl,)).sign(face(), level=Level.B_B, at=NOW, words=WORDS)
    found = judge_pdf(pdf, ground).findings
    assert [each.step for each in found if each.reason == "key_usage"] == ["1.signer_key_usage"]
    assert weigh_pdf(found).overall is Overall.FAILED


@pytest.mark.parametrize("ended", [False, True])
def test_an_authority_that_was_given_up_does_not_come_back_in_the_file(ended: bool) -> None:
    """The reader trusts the root and no longer the authority below it; the file brings that one along."""
    root = make_authority("Root")
    between = root.issue("Between", authority=True)
    assert isinstance(between, Authority)
    out = io.BytesIO()
    pen = pyhanko.PdfSigner(pyhanko.PdfSignatureMetadata(field_name="Sig1"), pdf_signer(between.issue("Signer"), between))
    pen.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(plain_pdf())), output=out)
    middle = read_certificate(between.der)
    period = Period(TODAY - timedelta(days=9), TODAY - timedelta(days=2) if ended else None)
    lists = CrlSet((*read_crls(root.crl()), *read_crls(between.crl())))
    ground = Ground((read_certificate(root.der),), TODAY, others=(middle,), crls=lists, periods={middle.fingerprint: period})
    found = judge_pdf(out.getvalue(), ground).findings
    assert ("no_chain" in {each.reason for each in found if each.step == "1.signer_chain"}) == ended
