"""Files made to exhaust whoever reads them."""

import io
import zlib

import pikepdf

from tests.documents.attacks import stream
from tests.documents.signed_pdfs import plain_pdf, write_pdf

_BASE = {1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: b"<< /Type /Pages /Kids [] /Count 0 >>"}


def nested_arrays() -> bytes:
    """A hundred thousand arrays, one in the other, where every reader has to look."""
    return write_pdf({1: b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields " + b"[" * 100_000 + b"]" * 100_000 + b" >> >>", 2: _BASE[2]})


def nested_fields() -> bytes:
    """Form fields, each the child of the one before, twenty thousand deep."""
    fields = {10 + number: b"<< /T (a) /Kids [%d 0 R] >>" % (11 + number) for number in range(20_000)}
    return write_pdf({1: b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [10 0 R] >> >>", 2: _BASE[2], **fields})


def field_loop() -> bytes:
    """A field that is its own child, next to one that never ends."""
    return write_pdf({1: b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [10 0 R] >> >>", 2: _BASE[2], 10: b"<< /T (a) /Kids [10 0 R 10 0 R] >>"})


def many_signatures() -> bytes:
    """Ten thousand signature fields, all of them filled."""
    value = b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached /ByteRange [0 1 2 3] /Contents <3080> >>"
    fields = {10 + number: b"<< /FT /Sig /T (s%d) /V 9 0 R >>" % number for number in range(10_000)}
    kids = b" ".join(b"%d 0 R" % number for number in fields)
    return write_pdf({1: b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [" + kids + b"] >> >>", 2: _BASE[2], 9: value, **fields})


def huge_page_tree() -> bytes:
    """Two hundred thousand pages."""
    kids = b"10 0 R " * 200_000
    return write_pdf({1: _BASE[1], 2: b"<< /Type /Pages /Count 200000 /Kids [" + kids + b"] >>", 10: b"<< /Type /Page /Parent 2 0 R >>"})


def reference_loop() -> bytes:
    """Cross-references whose previous section is themselves."""
    return _looped(plain_pdf())


def _looped(pdf: bytes) -> bytes:
    start = len(pdf)
    return pdf + b"xref\n0 0\ntrailer\n<< /Size 12 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (start, start)


def many_revisions() -> bytes:
    """Two thousand incremental updates."""
    pdf = plain_pdf()
    previous = pdf.rindex(b"xref\n0")
    out = bytearray(pdf)
    for _ in range(2_000):
        start = len(out)
        out += b"xref\n0 0\ntrailer\n<< /Size 12 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (previous, start)
        previous = start
    return bytes(out)


def attached_bomb(megabytes: int = 500) -> bytes:
    """An attachment that unpacks to half a gigabyte, in a few hundred kilobytes."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(2**20)) for _ in range(megabytes)) + packer.flush()
    names = b"<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [(a) 4 0 R] >> >> >>"
    return write_pdf({1: names, 2: _BASE[2], 4: b"<< /Type /Filespec /F (a) /EF << /F 5 0 R >> >>", 5: stream(packed, b"/Filter /FlateDecode")})


def twice_packed_bomb() -> bytes:
    """The same, packed twice."""
    packed = zlib.compress(zlib.compress(bytes(200 * 2**20), 9), 9)
    names = b"<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [(a) 4 0 R] >> >> >>"
    return write_pdf({1: names, 2: _BASE[2], 4: b"<< /Type /Filespec /F (a) /EF << /F 5 0 R >> >>", 5: stream(packed, b"/Filter [/FlateDecode /FlateDecode]")})


def reference_bomb() -> bytes:
    """A cross-reference stream that unpacks to a hundred megabytes, and says so."""
    packed = zlib.compress(bytes(100 * 2**20), 9)
    body = b"1 0 obj\n<< /Type /XRef /W [1 8 1] /Size 10000000 /Root 2 0 R /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (len(packed), packed)
    head = b"%PDF-1.7\n"
    return head + body + b"startxref\n%d\n%%%%EOF\n" % len(head)


def object_stream_bomb() -> bytes:
    """An object stream with the catalog in it and two hundred megabytes of nothing behind it."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        out = io.BytesIO()
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    data = out.getvalue()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.Root.Padding = pikepdf.Array([pikepdf.String("0" * 1000)] * 100_000)
        out = io.BytesIO()
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate, recompress_flate=True)
    return out.getvalue()


def truncated() -> bytes:
    """Half of a file."""
    pdf = plain_pdf()
    return pdf[: len(pdf) // 2]


ALL = (
    nested_arrays, nested_fields, field_loop, many_signatures, huge_page_tree, reference_loop, many_revisions, attached_bomb,
    twice_packed_bomb, reference_bomb, object_stream_bomb, truncated,
)  # fmt: skip
