"""Content streams cut into operations: every kind of operand, and qpdf's reader as the referee."""

import io

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etrust.documents.ofd_tokens import Name, Operation, operations
from etrust.errors import EtrustError
from tests.documents.ofd_making import face


@pytest.mark.parametrize(("data", "found"), [
    (b"1 -2.5 +.5 7. m", (1.0, -2.5, 0.5, 7.0)), (b"/A#20b /C m", ("A b", "C")), (b"(a\\(b\\)(c)\\101\\n\\\r\nd)m", (b"a(b)(c)A\nd",)),
    (b"<48 6F3>m", (b"Ho0",)), (b"[1[2]/X(s)]m", ([1.0, [2.0], "X", b"s"],)), (b"<</A 1/B<</C true>>>>m", ({"A": 1.0, "B": {"C": True}},)),
    (b"null false m", (None, False)), (b"% a note\n1 % another\r2 m", (1.0, 2.0)), (b"m", ()),
])  # fmt: skip
def test_operands(data: bytes, found: tuple[object, ...]) -> None:
    assert list(operations(data)) == [Operation("m", found)]


def test_names_are_told_from_strings() -> None:
    (found,) = operations(b"/a (a) x")
    assert isinstance(found.operands[0], Name)
    assert isinstance(found.operands[1], bytes)


def test_a_face_is_read_as_qpdf_reads_it() -> None:
    with pikepdf.open(io.BytesIO(face("business_license")[1])) as pdf:
        content = pikepdf.unparse_content_stream(pikepdf.parse_content_stream(pdf.pages[0]))
        theirs = [(str(each.operator), len(each.operands)) for each in pikepdf.parse_content_stream(pdf.pages[0])]
        raw = b"\n".join(each.read_bytes() for each in (pdf.pages[0].Contents if isinstance(pdf.pages[0].Contents, pikepdf.Array) else [pdf.pages[0].Contents]))
    assert [(each.operator, len(each.operands)) for each in operations(raw)] == theirs
    assert list(operations(raw)) == list(operations(content))


@settings(max_examples=300)
@given(st.binary(max_size=60) | st.text("()<>[]/%\\ 01.-aTjBI\n", max_size=40).map(str.encode))
def test_anything_is_read_or_refused(data: bytes) -> None:
    try:
        found = list(operations(data))
    except EtrustError as error:
        assert error.code == "page_not_understood"
    else:
        assert all(each.operator for each in found)
