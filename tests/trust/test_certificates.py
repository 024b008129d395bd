"""Certificates of a region: made by profile in P-256 and SM2, accepted by openssl, refused when anything is not as it should be."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509 as independent
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support import ISSUER, NOW
from tests.trust.authorities import YEAR, Authority, authority, openssl, request, write_pem

from etrust.errors import EtrustError
from etrust.signing import der, private_keys
from etrust.signing.files import FileSigner
from etrust.signing.model import Algorithm
from etrust.trust import writing, x509
from etrust.trust.certificates import Issuer, sign_checked, write_body, years_after
from etrust.trust.issuing import make_certificate, new_serial
from etrust.trust.lint import lint, problems_of
from etrust.trust.profiles import profiles

SM2_PROFILES = ("timestamp_sm2", "seal_maker", "seal")
P256_PROFILES = ("credential", "status", "document", "timestamp", "code", "receipt", "message", "encryption")
ED25519_PROFILES = ("log", "witness")


@pytest.fixture(scope="module")
def p256() -> Authority:
    return authority()


@pytest.fixture(scope="module")
def sm2_authority() -> Authority:
    return authority(Algorithm.SM2)


def openssl_verifies(tmp_path: Path, anchor: bytes, leaf: bytes, *more: str) -> str:
    told = openssl(
        "verify", "-x509_strict", "-attime", int(NOW.timestamp()) + 60, *more,
        "-CAfile", write_pem(tmp_path / "anchor.pem", anchor), write_pem(tmp_path / "leaf.pem", leaf),
    )  # fmt: skip
    return "" if told.returncode == 0 else told.stdout + told.stderr


@pytest.mark.parametrize("profile", P256_PROFILES)
def test_openssl_accepts_the_chain(tmp_path: Path, p256: Authority, profile: str) -> None:
    assert not openssl_verifies(tmp_path, p256.signer.certificate, p256.certify(profile).certificate)


@pytest.mark.parametrize("profile", SM2_PROFILES)
def test_openssl_accepts_the_chain_in_sm2(tmp_path: Path, sm2_authority: Authority, profile: str) -> None:
    leaf = sm2_authority.certify(profile).certificate
    identified = ("-vfyopt", "distid:1234567812345678")
    assert not openssl_verifies(tmp_path, sm2_authority.signer.certificate, leaf, *identified)


def test_an_ed25519_key_may_have_a_certificate_too(tmp_path: Path, p256: Authority) -> None:
    leaf = p256.certify("credential", Algorithm.EDDSA).certificate
    assert not openssl_verifies(tmp_path, p256.signer.certificate, leaf)


def test_a_certificate_says_what_its_profile_says(p256: Authority) -> None:
    found = independent.load_der_x509_certificate(p256.certify("timestamp").certificate)
    assert not found.extensions.get_extension_for_class(independent.BasicConstraints).value.ca
    purposes = found.extensions.get_extension_for_class(independent.ExtendedKeyUsage)
    assert purposes.critical
    assert [each.dotted_string for each in purposes.value] == [x509.TIME_STAMPING]
    assert ISSUER in found.subject.rfc4514_string()
    read = x509.read_certificate(p256.certify("timestamp").certificate)
    assert read.extensions.crl_points == {"https://etrust.example/crl/0102030405060708/1"}


def test_times_after_2049_are_written_as_the_rfc_wants(p256: Authority) -> None:
    late = NOW.replace(year=2045, microsecond=0)
    found = authority(at=late).signer.certificate
    assert independent.load_der_x509_certificate(found).not_valid_after_utc == years_after(late, 20)
    assert b"20651124" in found


BAD = {
    "too long": ({"not_after": NOW + 6 * YEAR}, "more than the 5 years"),
    "backwards": ({"not_after": NOW - YEAR}, "ends before it begins"),
    "parts of a second": ({"not_before": NOW + timedelta(microseconds=5)}, "whole seconds"),
    "short serial": ({"serial": 7}, "serial number of 3 bits"),
    "serial over 20 octets": ({"serial": 1 << 159}, "serial number of 160 bits"),
    "no name": ({"subject_name": "  "}, "is empty"),
    "name with a line break": ({"subject_name": "a\nb"}, "do not print"),
}


@pytest.mark.parametrize(("changes", "told"), BAD.values(), ids=BAD)
def test_a_request_outside_its_profile_is_not_signed(p256: Authority, changes: dict[str, object], told: str) -> None:
    spki = private_keys.generate(Algorithm.ES256).public_spki()
    with pytest.raises(EtrustError, match=told) as refused:
        make_certificate(replace(request("credential", spki), **changes), p256.signer)  # type: ignore[arg-type]
    assert refused.value.code == "certificate_lint"


def test_a_key_the_profile_does_not_allow_is_not_certified(p256: Authority) -> None:
    with pytest.raises(EtrustError, match="does not allow"):
        p256.certify("credential", Algorithm.SM2)


def test_a_point_that_is_not_on_the_curve_is_not_certified(p256: Authority, sm2_authority: Authority) -> None:
    for one, profile in ((p256, "credential"), (sm2_authority, "seal")):
        spki = private_keys.generate(one.algorithm).public_spki()
        with pytest.raises(EtrustError, match=r"certificate_lint|bad_key"):
            make_certificate(request(profile, spki[:-1] + bytes((spki[-1] ^ 1,))), one.signer)


def test_an_authority_does_not_certify_its_own_key_as_a_leaf(p256: Authority) -> None:
    with pytest.raises(EtrustError, match="its own authority"):
        make_certificate(request("credential", p256.signer.public_spki()), p256.signer)


def test_a_leaf_certifies_nothing(p256: Authority) -> None:
    leaf = p256.certify("credential")
    with pytest.raises(EtrustError, match="not_an_authority"):
        make_certificate(request("credential", leaf.public_spki()), leaf)


def test_a_certificate_never_outlives_its_authority() -> None:
    old = authority(at=NOW - 18 * YEAR)
    with pytest.raises(EtrustError, match="longer than its authority"):
        old.certify("credential")


# A writer with a fault: each of these bodies is what a mistake in this program could produce.
FAULTS = {
    "critical flag lost": (writing.TRUE + der.write(der.OCTETS, writing.sequence()), der.write(der.OCTETS, writing.sequence())),
    "another list": (b"/crl/0102030405060708/1", b"/crl/0102030405060708/2"),
    "another organization": (ISSUER.encode(), b"11650000MB1A0005XW"),
    "another purpose": (der.write_oid("1.3.6.1.5.5.7.3.36"), der.write_oid("1.3.6.1.5.5.7.3.8")),
    "another usage": (writing.named_bits(3), writing.named_bits(33)),
}


def rewritten(body: bytes, before: bytes = b"", after: bytes = b"", added: bytes = b"") -> bytes:
    """A TBSCertificate with its extensions changed, its lengths right."""
    *head, extensions = der.read(body).children()
    changed = [each.content.replace(before, after) if before else each.content for each in extensions.children()[0].children()]
    listed = [*(writing.sequence(each) for each in changed), *([added] if added else [])]
    start = b"".join(each.encoded.replace(before, after) if before else each.encoded for each in head)
    return writing.sequence(start, der.write(der.context(3), writing.sequence(*listed)))


@pytest.mark.parametrize(("before", "after"), FAULTS.values(), ids=FAULTS)
def test_a_fault_of_the_writer_is_found_before_signing(p256: Authority, before: bytes, after: bytes) -> None:
    wanted = request("document", private_keys.generate(Algorithm.ES256).public_spki())
    issuer = Issuer.of(p256.signer)
    good = write_body(wanted, issuer)
    lint(rewritten(good), wanted, issuer)
    bad = rewritten(good, before, after)
    assert bad != good
    with pytest.raises(EtrustError, match=r"extension|subject"):
        lint(bad, wanted, issuer)


def test_an_extension_too_many_is_found(p256: Authority) -> None:
    wanted = request("credential", private_keys.generate(Algorithm.ES256).public_spki())
    issuer = Issuer.of(p256.signer)
    smuggled = writing.extension("2.5.29.54", der.write_integer(0))
    with pytest.raises(EtrustError, match=r"2\.5\.29\.54 does not belong there"):
        lint(rewritten(write_body(wanted, issuer), added=smuggled), wanted, issuer)


class Swapping:
    """A signing device that signs something else than it was given, or with another key."""

    def __init__(self, real: FileSigner, other: FileSigner) -> None:
        self.algorithm, self.kid, self.certificate = real.algorithm, real.kid, real.certificate
        self._other = other

    def sign(self, data: bytes) -> bytes:
        return self._other.sign(data)


def test_a_device_that_signs_with_another_key_is_noticed(p256: Authority) -> None:
    spki = private_keys.generate(Algorithm.ES256).public_spki()
    with pytest.raises(EtrustError, match="certificate_differs"):
        make_certificate(request("credential", spki), Swapping(p256.signer, authority().signer))


def test_what_was_looked_at_is_what_is_signed(p256: Authority) -> None:
    wanted = request("credential", private_keys.generate(Algorithm.ES256).public_spki())
    issuer = Issuer.of(p256.signer)
    body = write_body(wanted, issuer)
    made = sign_checked(body, p256.signer, issuer.spki)
    assert x509.read_certificate(made).signed == body
    assert not problems_of(made, wanted, issuer)


@settings(max_examples=60, deadline=None)
@given(
    name=st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=80),
    years=st.integers(1, 5), seconds=st.integers(0, 86_399),
)  # fmt: skip
def test_every_name_and_time_reads_back_as_it_was_asked(p256: Authority, name: str, years: int, seconds: int) -> None:
    start = NOW.replace(microsecond=0) + timedelta(seconds=seconds)
    wanted = replace(
        request("seal_maker" if p256.algorithm is Algorithm.SM2 else "document", private_keys.generate(p256.algorithm).public_spki()),
        subject_name=name, not_before=start, not_after=years_after(start, years),
    )  # fmt: skip
    made = make_certificate(wanted, p256.signer)
    read = independent.load_der_x509_certificate(made)
    assert x509.read_certificate(made).subject == writing.subject(name[:64], ISSUER)
    assert read.not_valid_before_utc == start


def test_serial_numbers_are_long_positive_and_never_the_same() -> None:
    drawn = {new_serial() for _ in range(1000)}
    assert len(drawn) == 1000
    assert {number.bit_length() for number in drawn} == {127}


def test_every_profile_can_be_read_and_is_used() -> None:
    assert set(profiles()) == {"anchor", "anchor_sm2", *P256_PROFILES, *ED25519_PROFILES, *SM2_PROFILES}


@settings(deadline=None)
@given(bits=st.integers(0, 511))
def test_named_bits_read_back(bits: int) -> None:
    assert der.read(writing.named_bits(bits)).flags() == bits


@settings(deadline=None)
@given(value=st.integers(-(1 << 200), 1 << 200))
def test_integers_of_either_sign_read_back(value: int) -> None:
    assert der.read(writing.integer(value)).integer() == value
