"""Packages changed in many ways at once: read and judged, or refused in words; never another error, never passed."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etrust.errors import EtrustError
from etrust.ses.attachments import attached
from etrust.ses.ofd import Ofd, judge_ofd
from etrust.trust.findings import Outcome
from tests.ses.judging import GROUND
from tests.ses.making import NS, SIGN, OfdRecipe, packed

DOCUMENT = f"<ofd:Document {NS}><ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments></ofd:Document>".encode()
LISTED = f'<ofd:Attachments {NS}><ofd:Attachment ID="1" Name="a"><ofd:FileLoc>a.json</ofd:FileLoc></ofd:Attachment></ofd:Attachments>'.encode()
RECIPE = OfdRecipe()
RECIPE = replace(RECIPE, files=tuple((dict(RECIPE.files) | {
    "Doc_0/Document.xml": DOCUMENT, "Doc_0/Attachs/Attachments.xml": LISTED, "Doc_0/Attachs/a.json": b"{}",
}).items()))  # fmt: skip
WORDS = [
    "/", "\\", "..", "../" * 9, "Doc_0", "OFD.xml", "\0", "%00", "//", "C:", "", "é", "𬭚", "x" * 600, "Signature.xml", "/Doc_0/Document.xml", "SM3", "MD5",
    "-1", "1e999", "nan", "<", "&amp;", "&#0;", "&lt;!DOCTYPE x&gt;", "]]>", "<!--", "<![CDATA[", "ofd:", "xmlns", " ", "\n", "\ud7ff", "\ufffe",
]  # fmt: skip
KEYS = [b"FileRef", b"BaseLoc", b"CheckValue", b"CheckMethod", b"SignedValue", b"References", b"SignedInfo", b"Signature", b"Seal", b"Type", b"/Doc_0/"]


@cache
def contents() -> dict[str, bytes]:
    return RECIPE.contents()


def swap(data: bytes, position: int, new: bytes) -> bytes:
    at = position % (len(data) + 1)
    return data[:at] + new + data[at + len(new) :]


def insert(data: bytes, position: int, new: bytes) -> bytes:
    at = position % (len(data) + 1)
    return data[:at] + new + data[at:]


def cut(data: bytes, position: int, new: bytes) -> bytes:
    at = position % (len(data) + 1)
    return data[:at] + data[at + len(new) * 3 + 1 :]


def rename(data: bytes, position: int, new: bytes) -> bytes:
    return data.replace(KEYS[position % len(KEYS)], new)


CHANGES: list[Callable[[bytes, int, bytes], bytes]] = [swap, insert, cut, rename]
NEW = st.sampled_from(WORDS).map(lambda word: word.encode("utf-8", "surrogatepass")) | st.binary(max_size=12)
EDITS = st.lists(
    st.tuples(st.sampled_from(sorted(contents())), st.sampled_from(CHANGES), st.integers(0, 40_000), NEW), max_size=3
)  # fmt: skip
NAMES = st.sampled_from([*sorted(contents()), *WORDS[:14], "doc_0/document.xml", SIGN, "a/" * 90]) | st.text(max_size=12)
ENTRIES = st.lists(st.tuples(NAMES, st.binary(max_size=40) | st.sampled_from(sorted(contents().values()))), max_size=3)


def judge(data: bytes) -> list[Outcome] | None:
    """The outcomes, or None for a refusal in words."""
    try:
        package = Ofd(data)
        found = judge_ofd(package, ground=GROUND)
    except EtrustError as error:
        assert error.zh
        assert error.en
        return None
    assert all(len(each.detail) <= 700 and each.step for each in found)
    try:
        attached(package)
    except EtrustError as error:
        assert error.code in ("missing_file", "bad_xml", "bad_package", "too_large")
    return [each.outcome for each in found if "now." not in each.step]


@pytest.mark.filterwarnings("ignore:Duplicate name")
@settings(max_examples=200, deadline=None)
@given(EDITS, ENTRIES, st.sampled_from([zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED]))
def test_files_changed_and_added(edits: list[tuple[str, Callable[[bytes, int, bytes], bytes], int, bytes]],
                                 entries: list[tuple[str, bytes]], method: int) -> None:  # fmt: skip
    files = dict(contents())
    for path, change, position, new in edits:
        files[path] = change(files[path], position, new)
    added = [(name, data) for name, data in entries if name and "\0" not in name]
    outcomes = judge(packed([*files.items(), *added], method))
    same = files == contents() and not [name for name, _ in added if not name.endswith(("/", "\\"))]
    if outcomes is not None and not same:
        # what the signature files themselves say beside what is signed may differ without harm, nothing else
        loose = {name for name in files if files[name] != contents()[name]} <= {"Doc_0/Signs/Signatures.xml"} and not added
        assert loose or set(outcomes) & {Outcome.FAILED, Outcome.UNKNOWN}


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1 << 20), st.binary(min_size=1, max_size=6)), min_size=1, max_size=4))
def test_the_zip_itself_damaged(changes: list[tuple[int, bytes]]) -> None:
    data = packed(list(contents().items()))
    for position, new in changes:
        data = swap(data, position, new)
    outcomes = judge(data)
    if outcomes is not None and not set(outcomes) & {Outcome.FAILED, Outcome.UNKNOWN}:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            assert {name: package.read(name) for name in package.namelist()} == contents()


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_anything_that_begins_as_a_zip(tail: bytes) -> None:
    assert judge(b"PK\x03\x04" + tail) is None
