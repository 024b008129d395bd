"""DER: what is written is read again; whatever else comes ends in an EtrustError and nothing worse."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etrust.errors import EtrustError
from etrust.signing import der

READERS = ("integer", "octets", "bits", "flags", "oid", "boolean", "time", "children", "fields")
pieces = st.recursive(
    st.binary(max_size=20) | st.builds(der.write, st.sampled_from([1, 2, 3, 4, 6, 0x0C, 0x17, 0x18]), st.binary(max_size=12)),
    lambda inner: st.lists(inner, max_size=4).map(lambda parts: der.write(der.SEQUENCE, *parts)),
    max_leaves=12,
)


def walk(element: der.Element) -> None:
    for name in READERS:
        try:
            getattr(element, name)()
        except EtrustError:
            continue
    with suppress(EtrustError):
        element.text(der.UTF8, der.IA5)
    if element.tag & 0x20:
        for each in element.children():
            walk(each)


@given(st.binary(max_size=200) | pieces)
def test_anything_is_read_or_refused(data: bytes) -> None:
    try:
        walk(der.read(data))
    except EtrustError as error:
        assert error.code == "bad_der"
        assert error.zh


@given(st.integers(min_value=0, max_value=1 << 300))
def test_numbers(number: int) -> None:
    assert der.read(der.write_integer(number)).integer() == number


@given(st.lists(st.integers(min_value=0, max_value=1 << 64), max_size=6), st.sampled_from(["0.9", "1.2", "2.5", "2.999"]))
def test_object_identifiers(arcs: list[int], start: str) -> None:
    text = ".".join([start, *map(str, arcs)])
    assert der.read(der.write_oid(text)).oid() == text


@given(st.lists(st.binary(max_size=300), max_size=5))
def test_the_received_bytes_are_kept(parts: list[bytes]) -> None:
    encoded = [der.write(der.OCTETS, part) for part in parts]
    whole = der.write(der.SEQUENCE, *encoded)
    element = der.read(whole)
    assert element.encoded == whole
    assert [each.encoded for each in element.children()] == encoded
    assert [each.octets() for each in element.children()] == parts


@pytest.mark.parametrize("data", [
    b"", b"\x30", b"\x30\x01", b"\x30\x80\x00\x00", b"\x04\x81\x01a", b"\x04\x82\x00\x80" + bytes(128), b"\x1f\x81\x01\x00",
    b"\x30\x00\x00", b"\x04\x85\x00\x00\x00\x00\x01a", b"\x30\x03\x04\x02a",
], ids=lambda data: data.hex() or "empty")  # fmt: skip
def test_what_is_not_der_is_refused(data: bytes) -> None:
    with pytest.raises(EtrustError, match="bad_der"):
        der.read(data).children()


@pytest.mark.parametrize(("reader", "data"), [
    ("integer", "0200"), ("integer", "02020001"), ("integer", "0202ff80"), ("boolean", "010101"), ("boolean", "0100"),
    ("bits", "0300"), ("bits", "03020180"), ("flags", "03020880"), ("flags", "030101"), ("oid", "0600"), ("oid", "06028001"),
    ("oid", "060188"), ("time", "170b3236313132343034303030" + "30"), ("time", "180f32303236313333323034303030305a"),
    ("octets", "0500"),
])  # fmt: skip
def test_values_of_another_form_are_refused(reader: str, data: str) -> None:
    with pytest.raises(EtrustError, match="bad_der"):
        getattr(der.read(bytes.fromhex(data)), reader)()


@pytest.mark.parametrize(("tag", "text", "moment"), [
    (der.UTC_TIME, "261124040000Z", datetime(2026, 11, 24, 4, tzinfo=UTC)),
    (der.UTC_TIME, "991124040000Z", datetime(1999, 11, 24, 4, tzinfo=UTC)),
    (der.GENERAL_TIME, "20261124040000Z", datetime(2026, 11, 24, 4, tzinfo=UTC)),
    (der.GENERAL_TIME, "20261124120000+0800", datetime(2026, 11, 24, 4, tzinfo=UTC)),
    (der.GENERAL_TIME, "20261124040000.25Z", datetime(2026, 11, 24, 4, 0, 0, 250_000, tzinfo=UTC)),
])  # fmt: skip
def test_times(tag: int, text: str, moment: datetime) -> None:
    assert der.read(der.write(tag, text.encode())).time() == moment


def test_a_false_that_is_written_out_is_taken() -> None:
    for content, value in ((b"", False), (b"\x01\x01\x00", False), (b"\x01\x01\xff", True)):
        assert der.read(der.write(der.SEQUENCE, content)).fields().flag() is value


def test_fields_say_what_is_missing_or_too_much() -> None:
    two = der.write(der.SEQUENCE, der.write_integer(1), der.write_integer(2))
    fields = der.read(two).fields()
    fields.take(der.INTEGER)
    with pytest.raises(EtrustError, match="not expected"):
        fields.end()
    with pytest.raises(EtrustError, match="is expected"):
        fields.take(der.OCTETS)
    fields.take()
    with pytest.raises(EtrustError, match="too early"):
        fields.take()
    with pytest.raises(EtrustError, match="does not hold one"):
        der.read(der.write(der.SEQUENCE, der.write(der.context(0)))).fields().explicit(0)
