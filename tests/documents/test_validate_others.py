"""Signed PDF as other makers write it: algorithms, formats, several signatures, times and anchors."""

import io
from datetime import timedelta

import pikepdf
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter

from etrust.documents.validate import judge_pdf
from etrust.errors import EtrustError
from etrust.trust.chains import Ground
from etrust.verification.pdf import weigh_pdf
from tests.documents.signed_pdfs import World, plain_pdf, sign, stamp, world
from tests.documents.signing_people import TODAY, YEAR, make_authority, rsa_key

SOON = TODAY + timedelta(hours=1)


def indication(pdf: bytes, ground: Ground | None = None) -> tuple[str, str]:
    """Overall word and sub-indication."""
    weight = weigh_pdf(judge_pdf(pdf, ground or world().ground()).findings)
    return weight.overall.value, weight.indication


PASSED = ("TOTAL-PASSED", "")


@pytest.mark.parametrize(
    ("key", "md"),
    [(ec.SECP256R1(), "sha256"), (ec.SECP384R1(), "sha384"), (ec.SECP521R1(), "sha512"), (None, "sha256"), (None, "sha512")],
)
@pytest.mark.parametrize("subfilter", [SigSeedSubFilter.PADES, SigSeedSubFilter.ADOBE_PKCS7_DETACHED])
def test_keys_digests_and_formats(key: ec.EllipticCurve | None, md: str, subfilter: SigSeedSubFilter) -> None:
    party = world().anchor.issue("Other", rsa_key() if key is None else ec.generate_private_key(key))
    assert indication(sign(plain_pdf(), signer=party, md=md, subfilter=subfilter)) == PASSED


def test_rsa_pss() -> None:
    party = world().anchor.issue("Pss", rsa_key())
    assert indication(sign(plain_pdf(), signer=party, pss=True, md="sha384")) == PASSED


def test_an_authority_with_another_kind_of_key() -> None:
    of = World(make_authority("RSA anchor", rsa_key(2)))
    assert indication(sign(plain_pdf(), "B-LTA", of=of), of.ground(crls=False)) == PASSED


def test_several_signatures_and_a_later_timestamp() -> None:
    second = world().anchor.issue("Second")
    twice = sign(sign(plain_pdf(), certify=True, permission=MDPPerm.FILL_FORMS), signer=second, name="Sig2")
    assert indication(twice) == PASSED
    assert indication(stamp(twice)) == PASSED


def test_a_stranger_among_the_signers_leaves_it_open() -> None:
    stranger = World(make_authority("Stranger"))
    both = sign(sign(plain_pdf()), of=stranger, name="Sig2")
    assert indication(both) == ("INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND")


def test_a_timestamp_of_a_stranger_takes_nothing_away_and_proves_nothing() -> None:
    stranger = World(make_authority("Stranger"))
    report = judge_pdf(sign(plain_pdf(), stamps=stranger.stamps, level="B-T"), world().ground())
    assert {each.reason for each in report.findings} >= {"timestamp_not_trusted", "stated_by_signer"}
    assert weigh_pdf(report.findings).overall == "TOTAL-PASSED"


def test_without_the_anchor_or_the_list_nothing_passes() -> None:
    signed = sign(plain_pdf(), "B-B")
    assert indication(signed, world().ground(anchors=False)) == ("INDETERMINATE", "NO_CERTIFICATE_CHAIN_FOUND")
    assert indication(signed, world().ground(crls=False)) == ("INDETERMINATE", "TRY_LATER")


def test_expired_without_a_proof_of_its_time() -> None:
    later = TODAY + 3 * YEAR
    assert indication(sign(plain_pdf()), world().ground(later)) == ("INDETERMINATE", "OUT_OF_BOUNDS_NO_POE")
    assert indication(sign(plain_pdf(), "B-LTA"), world().ground(later)) == ("INDETERMINATE", "OUT_OF_BOUNDS_NO_POE")


def test_long_term_files_outlive_the_signer_while_their_timestamps_hold() -> None:
    of = World()
    of.stamps = of.anchor.issue("Lasting stamps", rsa_key(), stamps=True, end=TODAY + 9 * YEAR)
    kept = sign(plain_pdf(), "B-LTA", of=of)
    assert indication(kept, of.ground(TODAY + 8 * YEAR)) == PASSED
    assert indication(kept, of.ground(TODAY + 8 * YEAR, crls=False)) == PASSED
    assert indication(kept, of.ground(TODAY + 10 * YEAR))[0] == "INDETERMINATE"


def test_revoked_before_and_after() -> None:
    of = World()
    early, lasting = sign(plain_pdf(), "B-B", of=of), sign(plain_pdf(), "B-LTA", of=of)
    of.anchor.revoked[of.signer.certificate.serial_number] = SOON
    late = SOON + timedelta(hours=1)
    assert indication(early, of.ground(late)) == ("INDETERMINATE", "REVOKED_NO_POE")
    assert indication(lasting, of.ground(late)) == PASSED
    of.anchor.revoked[of.signer.certificate.serial_number] = TODAY - timedelta(days=1)
    assert indication(early, of.ground(late)) == ("TOTAL-FAILED", "REVOKED")


def test_weak_digests_prove_nothing() -> None:
    assert indication(sign(plain_pdf(), md="sha1")) == ("INDETERMINATE", "CRYPTO_CONSTRAINTS_FAILURE")


def test_a_short_key_proves_nothing() -> None:
    party = world().anchor.issue("Short", rsa_key(9, 1024))
    assert indication(sign(plain_pdf(), signer=party)) == ("INDETERMINATE", "CRYPTO_CONSTRAINTS_FAILURE")


def test_a_certificate_that_may_not_sign() -> None:
    party = world().anchor.issue("Only agrees", signs=False)
    assert indication(sign(plain_pdf(), signer=party)) == ("TOTAL-FAILED", "CHAIN_CONSTRAINTS_FAILURE")


def test_encrypted_files_are_told_apart() -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain_pdf())) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    with pytest.raises(EtrustError, match="encrypted"):
        judge_pdf(out.getvalue(), world().ground())
