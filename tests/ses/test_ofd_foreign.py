"""Packages as other makers write them: what differs in spelling is read, what differs in content is not passed."""

import io
import struct
import zipfile
from dataclasses import replace

import pytest

from etrust.ses.attachments import attached
from etrust.ses.ofd import Ofd, judge_ofd
from etrust.trust.findings import Outcome
from tests.ses.judging import GROUND, problems
from tests.ses.making import FILES, NS, SIGN, OfdRecipe, SignatureRecipe, packed

GOOD = OfdRecipe()
PAGE = "Doc_0/Pages/Page_0/Content.xml"
LIST = "Doc_0/Signs/Signatures.xml"


def judged(files: dict[str, bytes]) -> dict[str, str]:
    return problems(judge_ofd(Ofd(packed(list(files.items()))), ground=GROUND))


def with_xml(xml: str | bytes, **files: bytes) -> dict[str, bytes]:
    """The package with this Signature.xml, signed anew."""
    data = xml if isinstance(xml, bytes) else xml.encode()
    contents = replace(GOOD, signature_xml=data).contents()
    return {**contents, **files}


def listing(*signatures: str) -> bytes:
    return f"<ofd:Signatures {NS}>{''.join(signatures)}</ofd:Signatures>".encode()


@pytest.mark.parametrize("change", [
    lambda path: path.replace("/", "\\"), lambda path: "/" + path, lambda path: "./" + path, lambda path: path.upper() if path == PAGE else path,
], ids=["backslashes", "leading slash", "leading dot", "capitals"])  # fmt: skip
def test_names_of_entries(change: object) -> None:
    assert judged({change(path): data for path, data in GOOD.contents().items()}) == {}  # type: ignore[operator]  # a function each


@pytest.mark.parametrize("change", [
    lambda xml: xml.replace("/Doc_0/", "\\Doc_0\\"), lambda xml: xml.replace('FileRef="/', 'FileRef="'), lambda xml: xml.replace("ofd:", ""),
    lambda xml: xml.replace("ofd:", "x:").replace(":ofd", ":x"), lambda xml: xml.replace("http://www.ofdspec.org/2016", "http://www.ofdspec.org"),
    lambda xml: xml.replace("<ofd:CheckValue>", "<ofd:CheckValue>\r\n  ").replace("=</", "=\n</"), lambda xml: "\ufeff" + xml,
    lambda xml: '<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n<!-- 签章 -->' + xml, lambda xml: xml.replace('"SM3"', '" sm3 "'),
    lambda xml: xml.replace("/Doc_0/Signs/Sign_0/Seal.esl", "Seal.esl").replace("/Doc_0/Signs/Sign_0/SignedValue.dat", "./SignedValue.dat"),
    lambda xml: xml.replace("/Doc_0/Signs/Sign_0/Seal.esl", "Signs/Sign_0/Seal.esl"), lambda xml: xml.replace("Content.xml", "CONTENT.XML"),
], ids=["backslashes", "no slash", "no prefix", "other prefix", "other namespace", "line breaks", "byte order mark", "heading", "small letters",
        "beside", "from the document", "capitals"])  # fmt: skip
def test_spellings_of_the_signature_file(change: object) -> None:
    assert judged(with_xml(change(GOOD.xml().decode()))) == {}  # type: ignore[operator]  # a function each


def test_xml_in_gb18030() -> None:
    xml = '<?xml version="1.0" encoding="GB2312"?>' + GOOD.xml().decode().replace("<ofd:SignedInfo>", "<ofd:SignedInfo><!-- 电子签章 -->")
    assert judged(with_xml(xml.encode("gb18030"))) == {}
    assert judged(with_xml(xml.encode("gb18030").replace(b"<!--", b"<!--\xff"))) == {"1.format": "bad_xml"}


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_chinese_names_without_the_mark_of_their_encoding(encoding: str) -> None:
    name = "Doc_0/Attachs/证照数据.json"
    recipe = replace(GOOD, files=(*GOOD.files, (name, b"{}")))
    raw = name.encode(encoding)
    stand_in = "Doc_0/Attachs/" + "x" * (len(raw) - 14)  # of the same length
    data = packed([(stand_in if path == name else path, each) for path, each in recipe.contents().items()])
    data = data.replace(stand_in.encode(), raw)
    data = unmarked(data)
    assert name in Ofd(data).package.names
    assert problems(judge_ofd(Ofd(data), ground=GROUND)) == {}


def unmarked(data: bytes) -> bytes:
    """A package without the bit that says names are UTF-8."""
    changed = bytearray(data)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        position = changed.find(mark)
        while position >= 0:
            (bits,) = struct.unpack_from("<H", changed, position + at)
            struct.pack_into("<H", changed, position + at, bits & ~0x800)
            position = changed.find(mark, position + 1)
    return bytes(changed)


class Stream(io.BytesIO):
    """A file that cannot be sought in, so that sizes come after the data."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: object) -> int:
        raise OSError


def test_sizes_behind_the_data() -> None:
    room = Stream()
    with zipfile.ZipFile(room, "w", zipfile.ZIP_DEFLATED) as package:
        for path, data in GOOD.contents().items():
            package.writestr(path, data)
    data = room.getvalue()
    assert b"PK\x07\x08" in data
    assert problems(judge_ofd(Ofd(data), ground=GROUND)) == {}


def test_entries_of_zip64() -> None:
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w", zipfile.ZIP_DEFLATED) as package:
        for path, data in GOOD.contents().items():
            with package.open(path, "w", force_zip64=True) as entry:
                entry.write(data)
    assert problems(judge_ofd(Ofd(room.getvalue()), ground=GROUND)) == {}


def test_folders_and_a_comment_in_the_zip_are_no_files() -> None:
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w") as package:
        package.comment = b"made by somebody"
        for folder in ("Doc_0/", "Doc_0/Signs/", "Doc_0\\Tpls\\"):
            package.writestr(folder, b"")
        for path, data in GOOD.contents().items():
            package.writestr(path, data)
    assert problems(judge_ofd(Ofd(room.getvalue()), ground=GROUND)) == {}


def test_a_document_folder_of_another_name_and_signatures_elsewhere() -> None:
    moved = {"Doc_0/": "Dokument/", "Signs/": "Stamps/", "Sign_0/": "1/"}

    def move(text: str) -> str:
        for old, new in moved.items():
            text = text.replace(old, new)
        return text

    recipe = replace(
        GOOD, files=tuple((move(path), move(data.decode()).encode()) for path, data in GOOD.files),
        signature=SignatureRecipe(property_info="/Dokument/Stamps/1/Signature.xml"),
    )  # fmt: skip
    moved_xml = move(recipe.xml().decode()).encode()
    contents = {move(path): data for path, data in replace(recipe, signature_xml=moved_xml).contents().items()}
    contents[move(LIST)] = move(contents[move(LIST)].decode()).encode()
    assert judged(contents) == {}
    assert "Dokument/Stamps/1/Seal.esl" in contents


def test_without_a_seal_file_the_seal_of_the_signature_counts() -> None:
    xml = GOOD.xml().decode()
    start, end = xml.index("<ofd:Seal>"), xml.index("</ofd:Seal>") + len("</ofd:Seal>")
    contents = with_xml(xml[:start] + xml[end:])
    del contents[SIGN + "Seal.esl"]
    findings = judge_ofd(Ofd(packed(list(contents.items()))), ground=GROUND)
    assert problems(findings) == {}
    assert [each.outcome for each in findings if each.step == "1.seal_file"] == [Outcome.SKIPPED]


@pytest.mark.parametrize("kind", ["Seal", "seal", " SEAL ", None])
def test_ways_to_say_that_it_is_a_seal(kind: str | None) -> None:
    attribute = "" if kind is None else f' Type="{kind}"'
    assert judged({**GOOD.contents(), LIST: listing(f'<ofd:Signature ID="1"{attribute} BaseLoc="Sign_0/Signature.xml"/>')}) == {}


def test_an_index_that_was_left_out_of_the_references_is_a_note() -> None:
    findings = judge_ofd(Ofd(replace(GOOD, unreferenced=("OFD.xml",)).encoded()), ground=GROUND)
    assert problems(findings) == {}
    assert [each.reason for each in findings if each.step == "1.coverage"] == ["index_unsigned"]


def test_an_index_that_leads_to_an_unsigned_document_is_not() -> None:
    elsewhere = dict(GOOD.files)["OFD.xml"].replace(b"Doc_0/Document.xml", b"Doc_1/Document.xml")
    recipe = replace(GOOD, unreferenced=("OFD.xml",), after=(("OFD.xml", elsewhere), ("Doc_1/Document.xml", b"<Document/>")))
    assert judged(recipe.contents()) == {"1.coverage": "unsigned_files"}
    only_the_index = replace(GOOD, unreferenced=("OFD.xml",), after=(("OFD.xml", elsewhere),))
    assert judged(only_the_index.contents()) == {"1.coverage": "unsigned_files"}


def test_an_unsigned_index_may_not_lead_to_a_file_that_is_no_document() -> None:
    page = next(path for path, _ in GOOD.files if path.endswith("Content.xml"))
    elsewhere = dict(GOOD.files)["OFD.xml"].replace(b"Doc_0/Document.xml", page.encode())
    assert judged(replace(GOOD, unreferenced=("OFD.xml",), after=(("OFD.xml", elsewhere),)).contents()) == {"1.coverage": "unsigned_files"}


def test_a_second_signature_may_protect_the_first() -> None:
    first = GOOD.contents()
    second = replace(
        GOOD, files=(*GOOD.files, *((SIGN + name, first[SIGN + name]) for name in ("Signature.xml", "SignedValue.dat", "Seal.esl"))),
        signature=SignatureRecipe(property_info="/Doc_0/Signs/Sign_1/Signature.xml"),
    )  # fmt: skip
    xml = second.xml().decode()
    tail = xml.index("<ofd:SignedValue>")
    xml = xml[:tail] + xml[tail:].replace("Sign_0", "Sign_1")
    xml = xml.replace(f"<ofd:BaseLoc>/{SIGN}Seal.esl", "<ofd:BaseLoc>/Doc_0/Signs/Sign_1/Seal.esl", 1)
    value = replace(second.signature, document=xml.encode()).encoded()
    contents = {
        **first, LIST: listing(*(f'<ofd:Signature ID="{n}" Type="Seal" BaseLoc="Sign_{n}/Signature.xml"/>' for n in (0, 1))),
        "Doc_0/Signs/Sign_1/Signature.xml": xml.encode(), "Doc_0/Signs/Sign_1/SignedValue.dat": value, "Doc_0/Signs/Sign_1/Seal.esl": first[SIGN + "Seal.esl"],
    }  # fmt: skip
    assert judged(contents) == {}
    contents[SIGN + "SignedValue.dat"] = SignatureRecipe(document=b"another").encoded()
    assert judged(contents) == {"1.document_digest": "document_changed", "2.references": "file_changed"}


@pytest.mark.parametrize(("data", "reason"), [(None, "missing_file"), (b"<x", "bad_xml"), (b"<x/>", "bad_ofd")], ids=["missing", "broken", "empty"])
def test_a_broken_signature_does_not_hide_the_other(data: bytes | None, reason: str) -> None:
    listed = listing('<ofd:Signature BaseLoc="Sign_9/Signature.xml"/>', '<ofd:Signature BaseLoc="Sign_0/Signature.xml"/>')
    contents = {**GOOD.contents(), LIST: listed} | ({} if data is None else {"Doc_0/Signs/Sign_9/Signature.xml": data})
    findings = judge_ofd(Ofd(packed(list(contents.items()))), ground=GROUND)
    found = problems(findings)
    assert found.pop("1.format") == reason
    assert found == ({} if data is None else {"2.coverage": "unsigned_files"})
    assert {each.step: each.outcome for each in findings}["2.signature"] is Outcome.PASSED


def test_signatures_that_nobody_lists_are_named() -> None:
    contents = {**GOOD.contents(), "OFD.xml": FILES["OFD.xml"].replace("<ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures>", "").encode()}
    (finding,) = judge_ofd(Ofd(packed(list(contents.items()))), ground=GROUND)
    assert finding.reason == "no_signature"
    assert SIGN + "Signature.xml" in finding.detail


def test_names_that_differ_in_capitals_only_are_refused() -> None:
    contents = GOOD.contents()
    contents[PAGE.upper()] = b"<x/>"
    with pytest.raises(Exception, match="bad_package"):
        Ofd(packed(list(contents.items())))


def test_attachments_with_who_signed_them() -> None:
    document = f"<ofd:Document {NS}><ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments></ofd:Document>".encode()
    listed = f'<ofd:Attachments {NS}><ofd:Attachment ID="1" Name="证照数据.json"><ofd:FileLoc>a.json</ofd:FileLoc></ofd:Attachment></ofd:Attachments>'.encode()
    files = dict(GOOD.files) | {"Doc_0/Document.xml": document, "Doc_0/Attachs/Attachments.xml": listed, "Doc_0/Attachs/a.json": b"{}"}
    recipe = replace(GOOD, files=tuple(files.items()))
    (found,) = attached(Ofd(recipe.encoded()))
    assert (found.name, found.path, found.data, found.signed_by) == ("证照数据.json", "Doc_0/Attachs/a.json", b"{}", (1,))
    (unsigned,) = attached(Ofd(replace(recipe, unreferenced=("Doc_0/Attachs/a.json",)).encoded()))
    assert unsigned.signed_by == ()
    assert attached(Ofd(GOOD.encoded())) == ()
