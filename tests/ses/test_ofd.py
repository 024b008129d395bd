"""OFD packages: every reference, the path, the seal beside the signature, what lies outside; and hostile packages."""

import io
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etrust.errors import EtrustError
from etrust.ses import package
from etrust.ses.ofd import Ofd, judge_ofd
from etrust.trust.findings import Outcome
from tests.ses.judging import GROUND, ofd, problems
from tests.ses.making import FILES, NS, SIGN, OfdRecipe, SealRecipe, SignatureRecipe, key, packed

GOOD = OfdRecipe()
PAGE = "Doc_0/Pages/Page_0/Content.xml"


@pytest.mark.parametrize("recipe", [
    GOOD, replace(GOOD, method="SHA256"), replace(GOOD, method="1.2.156.10197.1.401"), replace(GOOD, method="sm3"),
    replace(GOOD, signature=SignatureRecipe(property_info=SIGN + "Signature.xml")),
    replace(GOOD, signature=SignatureRecipe(property_info="Signature.xml")),
    replace(GOOD, signature=SignatureRecipe(SealRecipe(1))), replace(GOOD, after=((PAGE, FILES[PAGE].encode()),)),
])  # fmt: skip
def test_good_packages(recipe: OfdRecipe) -> None:
    assert ofd(recipe) == {}


@pytest.mark.parametrize(("recipe", "found"), [
    (replace(GOOD, after=((PAGE, b"<changed/>"),)), {"references": "file_changed"}),
    (replace(GOOD, after=((PAGE, None),)), {"references": "file_changed"}),
    (replace(GOOD, after=(("Doc_0/PublicRes.xml", b"<added/>"),)), {"coverage": "unsigned_files"}),
    (replace(GOOD, unreferenced=(PAGE,)), {"coverage": "unsigned_files"}),
    (replace(GOOD, references=(("Doc_0/nowhere.xml", bytes(32)),)), {"references": "file_changed"}),
    (replace(GOOD, references=(("../../outside", bytes(32)),)), {"references": "file_changed"}),
    (replace(GOOD, method="MD5"), {"references": "weak_digest"}),
    (replace(GOOD, method=None), {"references": "weak_digest"}),
    (replace(GOOD, unreferenced=tuple(FILES)), {"references": "no_references", "coverage": "unsigned_files"}),
    (replace(GOOD, after=((SIGN + "Signature.xml", GOOD.xml() + b" "),)), {"document_digest": "document_changed"}),
    (replace(GOOD, signature=SignatureRecipe(property_info="/" + PAGE)), {"property_info": "digest_of_another_file"}),
    (replace(GOOD, seal_file=SealRecipe(code="1234").encoded()), {"seal_file": "another_seal"}),
    (replace(GOOD, after=((SIGN + "Seal.esl", None),)), {"seal_file": "missing_file"}),
    (replace(GOOD, value=b"0\x03\x02\x01\x01"), {"format": "bad_seal_signature"}),
    (replace(GOOD, after=((SIGN + "SignedValue.dat", None),)), {"format": "missing_file"}),
    (replace(GOOD, type="Sign"), {"format": "plain_signature"}),
    (replace(GOOD, signature=SignatureRecipe(signing_key=key("stranger"))), {"signature": "bad_signature"}),
], ids=lambda value: next(iter(value.values())) if isinstance(value, dict) else "")  # fmt: skip
def test_each_step_fails_alone(recipe: OfdRecipe, found: dict[str, str]) -> None:
    assert ofd(recipe) == found


def test_a_package_without_signatures_is_not_good() -> None:
    files = {**dict(GOOD.files), "OFD.xml": f"<ofd:OFD {NS}/>".encode()}
    assert problems(judge_ofd(Ofd(packed(list(files.items()))), ground=GROUND)) == {"signatures": "no_signature"}


def test_a_second_signature_cannot_hide_a_file_of_the_first() -> None:
    """An added Signature of the plain kind names the added file as its own, and the document still does not pass."""
    lists = f'<ofd:Signatures {NS}><ofd:Signature Type="Seal" BaseLoc="Sign_0/Signature.xml"/><ofd:Signature Type="Sign" BaseLoc="Sign_1/S.xml"/></ofd:Signatures>'
    second = f"<S {NS}><SignedInfo><References CheckMethod='SM3'/></SignedInfo><SignedValue>/Doc_0/PublicRes.xml</SignedValue></S>"
    recipe = replace(GOOD, after=(
        ("Doc_0/Signs/Signatures.xml", lists.encode()), ("Doc_0/Signs/Sign_1/S.xml", second.encode()), ("Doc_0/PublicRes.xml", b"<added/>"),
    ))  # fmt: skip
    found = problems(judge_ofd(Ofd(recipe.encoded()), ground=GROUND))
    assert found["2.format"] == "plain_signature"
    assert found["2.references"] == "no_references"


def test_two_signatures_are_told_apart() -> None:
    lists = f'<ofd:Signatures {NS}><ofd:Signature BaseLoc="Sign_0/Signature.xml"/><ofd:Signature BaseLoc="/{SIGN}Signature.xml"/></ofd:Signatures>'
    found = judge_ofd(Ofd(replace(GOOD, after=(("Doc_0/Signs/Signatures.xml", lists.encode()),)).encoded()), ground=GROUND)
    assert problems(found) == {}
    assert {each.step.split(".")[0] for each in found} == {"signatures", "1", "2"}
    assert len([each for each in found if each.step.endswith(".signature") and each.outcome is Outcome.PASSED]) == 2


@pytest.mark.parametrize("names", [
    ("OFD.xml", "OFD.xml"), ("OFD.xml", "ofd.XML"), ("OFD.xml", "/OFD.xml"), ("../evil",), ("a/../b",), ("a//b",), ("..\\b",), ("a\\..\\b",), ("OFD.xml", "\\OFD.xml"), ("x" * 600,),
    ("//evil",),
], ids=str)  # fmt: skip
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_that_lead_elsewhere_or_stand_twice(names: tuple[str, ...]) -> None:
    with pytest.raises(EtrustError, match="bad_package"):
        Ofd(packed([(name, b"<x/>") for name in names]))


def test_a_name_that_ends_early_for_one_reader_only() -> None:
    data = packed([("OFD.xml_x", b"<x/>")]).replace(b"OFD.xml_x", b"OFD.xml\0x")
    with pytest.raises(EtrustError, match="bad_package"):
        Ofd(data)


def test_bombs_are_refused_before_they_are_unpacked() -> None:
    bomb = packed([(f"{number}", bytes(10 << 20)) for number in range(13)])
    assert len(bomb) < 1 << 20
    with pytest.raises(EtrustError, match="too_large"):
        Ofd(bomb)
    with pytest.raises(EtrustError, match="too_large"):
        Ofd(packed([("OFD.xml", b" " * (package.MAX_XML + 1))]))
    with pytest.raises(EtrustError, match="too_large"):
        Ofd(packed([(f"{number}", b"") for number in range(package.MAX_ENTRIES + 1)], zipfile.ZIP_STORED))
    with pytest.raises(EtrustError, match="too_large"):
        Ofd(b"PK\x03\x04" + b"PK\x01\x02" * 3 * package.MAX_ENTRIES)
    with pytest.raises(EtrustError, match="too_large"):
        Ofd(b"PK\x03\x04" + bytes(package.MAX_PACKAGE))


def test_a_size_that_lies() -> None:
    data = packed([("OFD.xml", b"<x>" + b" " * 5000 + b"</x>")])
    for lie in (10, 1 << 20):
        with pytest.raises(EtrustError):
            Ofd(data.replace((5007).to_bytes(4, "little"), lie.to_bytes(4, "little")))


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_packing_is_refused(method: int) -> None:
    with pytest.raises(EtrustError, match="bad_package"):
        Ofd(packed([("OFD.xml", b"<x/>")], method))


@pytest.mark.parametrize("xml", [
    b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>', b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', b"<x>", b"",
    b"<x>" * 70 + b"</x>" * 70, b"<x>" + b"<y/>" * 100_001 + b"</x>", b"\xff\xfe", b"<x>&undefined;</x>", b'<?xml version="1.0" encoding="nowhere"?><x/>',
], ids=["entities", "external", "open", "empty", "deep", "many", "bytes", "undefined", "encoding"])  # fmt: skip
def test_xml_that_is_refused(xml: bytes) -> None:
    with pytest.raises(EtrustError, match="bad_xml"):
        Ofd(packed([("OFD.xml", xml)]))


def test_too_many_signatures_or_references() -> None:
    many = f"<ofd:Signatures {NS}>" + f'<ofd:Signature BaseLoc="/{SIGN}Signature.xml"/>' * 65 + "</ofd:Signatures>"
    with pytest.raises(EtrustError, match="bad_ofd"):
        Ofd(replace(GOOD, after=(("Doc_0/Signs/Signatures.xml", many.encode()),)).encoded())
    xml = b"<S><SignedInfo><References>" + b"<Reference/>" * 10_001 + b"</References></SignedInfo><SignedValue>x</SignedValue></S>"
    with pytest.raises(EtrustError, match="bad_ofd"):
        Ofd(replace(GOOD, signature_xml=xml, value=b"x").encoded())


def test_one_file_listed_many_times_costs_no_more_than_many_files() -> None:
    """64 signatures by one large file would be parsed, or digested, 64 times."""
    many = f"<ofd:Signatures {NS}>" + f'<ofd:Signature BaseLoc="/{SIGN}Signature.xml"/>' * 64 + "</ofd:Signatures>"
    listed = ("Doc_0/Signs/Signatures.xml", many.encode())
    with pytest.raises(EtrustError, match="too_large"):
        Ofd(replace(GOOD, signature_xml=GOOD.xml() + b" " * 3_000_000, after=(listed,)).encoded())
    with pytest.raises(EtrustError, match="too_large"):
        Ofd(replace(GOOD, value=bytes(9 << 20), after=(listed,)).encoded())
    few = ("Doc_0/Signs/Signatures.xml", many.replace(f'<ofd:Signature BaseLoc="/{SIGN}Signature.xml"/>', "", 54).encode())
    crowded = GOOD.xml().replace(b"<ofd:SignedInfo>", b"<ofd:SignedInfo>" + b"<x/>" * 60_000)
    found = problems(judge_ofd(Ofd(replace(GOOD, signature_xml=crowded, after=(few,)).encoded()), ground=GROUND))
    assert "1.format" not in found
    assert {found[f"{number}.format"] for number in range(2, 11)} == {"bad_xml"}


WHOLE = GOOD.encoded()


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damage_never_passes_and_never_ends_in_another_error(data: st.DataObject) -> None:
    """A change anywhere in the package is refused or found, unless it touches what ZIP readers do not look at."""
    whole = WHOLE
    position, bit = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 7))
    changed = bytearray(whole)
    changed[position] ^= 1 << bit
    try:
        found = problems(judge_ofd(Ofd(bytes(changed)), ground=GROUND))
    except EtrustError:
        return
    assert found or contents(bytes(changed)) == contents(whole)


def contents(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}
