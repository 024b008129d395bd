"""Signed PDFs at every level, held against pyHanko, qpdf and OpenSSL; what a level needs and lacks is refused."""

import io
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter

from etrust.documents.dss import read_dss
from etrust.documents.levels import Level
from etrust.documents.pades import PdfSigner, sign_pdf
from etrust.errors import EtrustError
from etrust.signing.model import Algorithm
from tests.documents.making import NOW, WORDS, Region, face, make_stamper
from tests.documents.referee import holds, valid_now
from tests.support import make_signer


@pytest.fixture(scope="module")
def region() -> Region:
    return Region.make()


@pytest.fixture(scope="module")
def unsigned() -> bytes:
    return face()


def qpdf_finds(pdf: bytes, path: Path) -> str:
    """What qpdf has against a file; nothing where it is not installed."""
    if shutil.which("qpdf") is None:
        return ""
    path.write_bytes(pdf)
    checked = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, check=False)
    return "" if checked.returncode == 0 else checked.stdout + checked.stderr


@pytest.mark.parametrize("level", list(Level))
async def test_every_level_is_valid_and_covers_the_file(region: Region, unsigned: bytes, level: Level, tmp_path: Path) -> None:
    pdf = region.sign(unsigned, level)
    assert pdf.startswith(unsigned)  # the face stays as it is
    assert await valid_now(pdf, region.chain, NOW, [region.authority.crl(NOW)])
    reader = PdfFileReader(io.BytesIO(pdf))
    (signature,) = reader.embedded_regular_signatures
    assert len(list(extract_tst_data_iter(signature.signer_info, signed=False))) == (0 if level is Level.B_B else 1)
    assert len(reader.embedded_timestamp_signatures) == (1 if level is Level.B_LTA else 0)
    assert len(read_dss(reader).crls) == (1 if level in (Level.B_LT, Level.B_LTA) else 0)
    assert qpdf_finds(pdf, tmp_path / "signed.pdf") == ""


@pytest.mark.parametrize("algorithm", [Algorithm.ES256, Algorithm.RS256])
def test_openssl_verifies_the_cms(unsigned: bytes, algorithm: Algorithm, tmp_path: Path) -> None:
    region = Region.make(algorithm=algorithm)
    pdf = region.sign(unsigned, Level.B_T)
    signature = PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures[0]
    first, length, second, rest = (int(each) for each in signature.byte_range)
    (tmp_path / "content").write_bytes(pdf[first : first + length] + pdf[second : second + rest])
    (tmp_path / "cms").write_bytes(signature.pkcs7_content)
    anchor = x509.load_der_x509_certificate(region.authority.signer.certificate)
    (tmp_path / "anchor.pem").write_bytes(anchor.public_bytes(Encoding.PEM))
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "cms", "-content", "content", "-CAfile", "anchor.pem",
               "-purpose", "any", "-attime", str(int(NOW.timestamp())), "-out", "out"]  # fmt: skip
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (tmp_path / "content").write_bytes(pdf[first : first + length] + pdf[second : second + rest] + b" ")
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode != 0


def test_the_face_stays_archivable_and_says_who_signed(region: Region, unsigned: bytes) -> None:
    pdf = region.sign(unsigned)
    with pikepdf.open(io.BytesIO(pdf)) as opened, pikepdf.open(io.BytesIO(unsigned)) as before:
        assert opened.Root.Metadata.read_bytes() == before.Root.Metadata.read_bytes()
        assert b"<pdfaid:part>3</pdfaid:part>" in opened.Root.Metadata.read_bytes()
        assert opened.Root.MarkInfo.Marked
        signature = opened.Root.AcroForm.Fields[0].V
        assert (str(signature.Reason), str(signature.Location), str(signature.Name)) == (WORDS.reason, WORDS.location, WORDS.name)
        assert int(opened.Root.Perms.DocMDP.Reference[0].TransformParams.P) == 1
        for field in opened.Root.AcroForm.Fields:
            assert int(field.F) & 0b100111 == 0b100  # ISO 19005-3, 6.3.2: printed, neither hidden nor invisible
            assert [float(each) for each in field.Rect] == [0, 0, 0, 0]


async def test_a_changed_byte_is_noticed(region: Region, unsigned: bytes) -> None:
    pdf = bytearray(region.sign(unsigned))
    pdf[len(unsigned) // 2] ^= 1
    assert not await holds(bytes(pdf), region.chain, NOW, [region.authority.crl(NOW)])


async def test_a_signer_revoked_before_signing_does_not_hold(unsigned: bytes) -> None:
    region = Region.make(NOW - timedelta(days=30))
    region.authority.revoke(region.document, NOW - timedelta(days=10))
    pdf = region.sign(unsigned, Level.B_LTA, NOW)
    assert not await holds(pdf, region.chain, NOW, [region.authority.crl(NOW)])


async def test_the_second_signature_takes_less_room(region: Region, unsigned: bytes) -> None:
    signer = PdfSigner(region.document, region.chain, [region.authority.crl(NOW)])
    stamper = region.stamper()
    first, second = (signer.sign(unsigned, level=Level.B_LTA, at=NOW, words=WORDS, stamper=stamper) for _ in range(2))
    assert len(second) < len(first)
    assert await valid_now(second, region.chain, NOW, [region.authority.crl(NOW)])


def test_what_a_level_needs_must_be_given(region: Region, unsigned: bytes) -> None:
    bare = make_stamper(region.timestamp, region.chain, (), lambda: NOW)
    for changes, code in (({"stamper": None}, "no_timestamps"), ({"stamper": bare}, "no_validation_data")):
        with pytest.raises(EtrustError) as refused:
            sign_pdf(unsigned, level=Level.B_LTA, signer=region.document, at=NOW, words=WORDS, chain=region.chain, **changes)  # type: ignore[arg-type]
        assert refused.value.code == code


@pytest.mark.parametrize("algorithm", [Algorithm.EDDSA])
def test_keys_that_readers_of_pdf_do_not_know_are_refused(unsigned: bytes, algorithm: Algorithm) -> None:
    with pytest.raises(EtrustError) as refused:
        sign_pdf(unsigned, level=Level.B_B, signer=make_signer(algorithm=algorithm), at=NOW, words=WORDS)
    assert refused.value.code == "no_pdf_algorithm"


def test_a_signed_pdf_is_not_signed_again_and_rubbish_not_at_all(region: Region, unsigned: bytes) -> None:
    for data, code in ((region.sign(unsigned, Level.B_B), "already_signed"), (b"%PDF-1.7 nothing", "bad_pdf"), (b"", "bad_pdf")):
        with pytest.raises(EtrustError) as refused:
            region.sign(data, Level.B_B)
        assert refused.value.code == code
