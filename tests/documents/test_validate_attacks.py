"""Every attack is refused, and called what it is; the file it was made from passes."""

import pytest
from pyhanko.sign.fields import MDPPerm

from etrust.documents.validate import judge_pdf
from etrust.verification.model import Overall
from etrust.verification.pdf import weigh_pdf
from tests.documents import attacks
from tests.documents.signed_pdfs import LEVELS, plain_pdf, sign, stamp, world
from tests.documents.signing_people import make_authority

OVERLAY = {
    20: attacks.stream(b"0 0 300 300 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 300 300]"),
    30: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents 31 0 R >>",
    31: attacks.stream(b"BT /F1 24 Tf 72 700 Td (hidden) Tj ET"),
    10: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> /XObject << /X 20 0 R >> >>"
    b" /Contents 11 0 R >>",
}  # fmt: skip
ATTACHED = {
    1: b"<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [(a.txt) 40 0 R] >> >> >>",
    40: b"<< /Type /Filespec /F (a.txt) /UF (a.txt) /EF << /F 41 0 R >> >>",
    41: attacks.stream(b"genuine", b"/Type /EmbeddedFile"),
}


def reasons(pdf: bytes, *, crls: bool = True) -> set[str]:
    """What speaks against a file; nothing when it passes."""
    found = judge_pdf(pdf, world().ground(crls=crls)).findings
    decides = weigh_pdf(found)
    told = {each.reason for each in found if each.outcome in ("failed", "unknown") and "now." not in each.step}
    assert (decides.overall is Overall.PASSED) == (not told)
    return told


@pytest.mark.parametrize("level", LEVELS)
def test_a_good_file_passes_at_every_level(level: str) -> None:
    """The base of all the attacks below."""
    assert reasons(sign(plain_pdf(), level)) == set()


@pytest.mark.parametrize("level", ["B-B", "B-LTA"])
@pytest.mark.parametrize(
    ("attack", "reason"),
    [
        (attacks.incremental_save, "changed_after_signing"),
        (attacks.new_page, "changed_after_signing"),
        (attacks.hide, "shadow_content"),
        (attacks.swap_overlay, "shadow_content"),
        (attacks.replace_font, "shadow_content"),
        (attacks.hide_and_replace, "shadow_content"),
        (attacks.annotate, "changed_after_signing"),
        (attacks.garbage, "unsigned_tail"),
        (attacks.second_end, "unsigned_tail"),
        (attacks.remove_signature, "signature_removed"),
    ],
)
def test_what_comes_after_the_signature_is_named(attack: attacks.Attack, reason: str, level: str) -> None:
    """Incremental saves, shadow attacks, unsigned tails, a signature taken away."""
    good = sign(plain_pdf(extra=OVERLAY), level)
    assert reasons(good) == set()
    assert reason in reasons(attack(good))


def test_a_document_timestamp_after_the_change_heals_nothing() -> None:
    """The attacker has the changed file stamped by an honest service."""
    assert "changed_after_signing" in reasons(stamp(attacks.incremental_save(sign(plain_pdf()))))


def test_wrapping_is_named() -> None:
    """The digest still fits, the document does not."""
    found = judge_pdf(attacks.wrap(sign(plain_pdf())), world().ground()).findings
    assert [each.reason for each in found if each.step == "1.byte_range"] == ["signature_wrapping"]
    assert [each.outcome for each in found if each.step == "1.document_digest"] == ["passed"]
    assert weigh_pdf(found).overall is Overall.FAILED


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda n: [n[0], n[1], n[2], n[3] - 50], "document_changed"),
        (lambda n: [n[0], n[1], n[1] - 5, n[3]], "byte_range"),
        (lambda n: [n[0], n[1], n[2], n[3] * 9], "byte_range"),
        (lambda n: [1, n[1], n[2], n[3]], "byte_range"),
        (lambda n: [-1, n[1], n[2], n[3]], "byte_range"),
        (lambda n: [n[0], n[1], n[2]], "byte_range"),
        (lambda n: [n[0], n[1], n[1], n[3]], "byte_range"),
        (lambda n: [n[0], n[1] - 40, n[2], n[3]], "signature_wrapping"),
        (lambda n: [0, 0, 0, 0], "byte_range"),
    ],
)
def test_forged_ranges_are_named(change, reason: str) -> None:  # type: ignore[no-untyped-def]
    """Gaps, overlaps, ends beyond the file."""
    assert reason in reasons(attacks.set_range(sign(plain_pdf()), change))


@pytest.mark.parametrize(
    "forge",
    [attacks.empty_value, lambda pdf: attacks.without(pdf, b"/Contents"), lambda pdf: attacks.without(pdf, b"/ByteRange")],
)
def test_universal_forgeries_are_named(forge: attacks.Attack) -> None:
    """Signature dictionaries that lack what must be verified."""
    assert "universal_forgery" in reasons(forge(sign(plain_pdf())))


@pytest.mark.parametrize("permission", [MDPPerm.FILL_FORMS, MDPPerm.ANNOTATE])
def test_an_annotation_over_a_certified_document_is_named(permission: MDPPerm) -> None:
    """Even where the certification allows annotations: they can cover what was certified."""
    good = sign(plain_pdf(), certify=True, permission=permission)
    assert reasons(good) == set()
    assert "annotation_on_certified" in reasons(attacks.annotate(good))


def test_a_changed_attachment_is_named() -> None:
    """The data that travels inside is part of what was signed."""
    good = sign(plain_pdf(extra=ATTACHED))
    assert reasons(good) == set()
    assert "attachment_changed" in reasons(attacks.change_attachment(good))


def test_forged_validation_data_proves_nothing() -> None:
    """Lists of another authority, and of one that only bears the same name."""
    signed, impostor = sign(plain_pdf()), make_authority("Anchor")
    assert reasons(attacks.forge_dss(signed, [impostor.crl(), make_authority("Other").crl()]), crls=False) == {"no_crl"}
    assert reasons(attacks.forge_dss(signed, [world().anchor.crl()]), crls=False) == set()


def test_a_file_cut_back_to_before_its_signature_has_none() -> None:
    """Nothing says that it was ever signed."""
    original = plain_pdf()
    assert reasons(sign(original)[: len(original)]) == {"no_signature"}
