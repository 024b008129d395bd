"""Chains of certificates: what an authority must be, and that no path without one is ever found."""

import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509 as reference
from tests.ses.making import (
    AUTHORITY_USAGE,
    MAKER,
    NOW,
    ROOT,
    SIGNED,
    SIGNER,
    CertificateRecipe,
    P256Key,
    RsaKey,
    crl,
    extension,
    key,
    made,
    named_bits,
)

from etrust.errors import EtrustError
from etrust.signing import der
from etrust.trust import x509
from etrust.trust.chains import Chain, Ground, check_chain, check_key_usage, check_revocation, check_validity
from etrust.trust.crls import CrlSet, read_crls
from etrust.trust.findings import Outcome
from etrust.trust.x509 import read_certificate, read_certificates

DAY = timedelta(days=1)
MIDDLE = CertificateRecipe("Middle", key("Middle"), serial=20, authority=True, key_usage=AUTHORITY_USAGE)
LEAF = replace(SIGNER, issuer="Middle", issuer_key=key("Middle"))


def chain_of(leaf: CertificateRecipe, *others: CertificateRecipe, anchors: tuple[CertificateRecipe, ...] = (ROOT,)) -> Chain:
    ground = Ground(tuple(read_certificate(made(each)) for each in anchors), NOW, tuple(read_certificate(made(each)) for each in others))
    return check_chain("chain", read_certificate(made(leaf)), at=NOW, ground=ground)


def tower(height: int) -> list[CertificateRecipe]:
    """A leaf and as many authorities above it."""
    found = [replace(SIGNER, issuer="A0", issuer_key=key("A0"))]
    for number in range(height):
        above = (f"A{number + 1}", key(f"A{number + 1}")) if number + 1 < height else ("Root", key("Root"))
        found.append(CertificateRecipe(f"A{number}", key(f"A{number}"), *above, authority=True, key_usage=AUTHORITY_USAGE))
    return found


@pytest.mark.parametrize("leaf_key", [key("Signer"), P256Key("leaf"), RsaKey()], ids=["sm2", "p256", "rsa"])
@pytest.mark.parametrize("root_key", [key("Root"), P256Key("root"), RsaKey()], ids=["sm2", "p256", "rsa"])
def test_a_chain_of_any_algorithms(leaf_key: x509.Certificate, root_key: x509.Certificate) -> None:
    root = replace(ROOT, key=root_key, issuer_key=root_key)
    found = chain_of(replace(SIGNER, key=leaf_key, issuer_key=root_key), anchors=(root,))
    assert found.finding.outcome is Outcome.PASSED
    assert [each.name for each in found.path] == [SIGNER.subject, "Root"]


def test_a_certificate_between_is_found() -> None:
    assert [each.name for each in chain_of(LEAF, MIDDLE).path] == [SIGNER.subject, "Middle", "Root"]
    assert chain_of(LEAF).finding.reason == "no_chain"


def test_a_certificate_that_is_itself_trusted() -> None:
    assert chain_of(SIGNER, anchors=(SIGNER,)).finding.outcome is Outcome.PASSED


def test_names_are_compared_by_what_they_say() -> None:
    assert chain_of(replace(SIGNER, issuer_tag=der.PRINTABLE)).finding.outcome is Outcome.PASSED
    assert chain_of(replace(SIGNER, issuer="ROOT")).finding.outcome is Outcome.PASSED
    assert chain_of(replace(SIGNER, issuer="Root2")).finding.reason == "no_chain"


@pytest.mark.parametrize(("middle", "reason"), [
    (replace(MIDDLE, authority=None), "issuer_no_authority"),
    (replace(MIDDLE, authority=False), "issuer_no_authority"),
    (replace(MIDDLE, key_usage=x509.DIGITAL_SIGNATURE), "issuer_key_usage"),
    (replace(MIDDLE, not_after=NOW - DAY), "issuer_not_in_force"),
    (replace(MIDDLE, not_before=NOW + DAY), "issuer_not_in_force"),
    (replace(MIDDLE, extra=(extension("1.2.3", b"", critical=True),)), "critical_extension"),
    (replace(MIDDLE, key=key("another")), "chain_signature_bad"),
    (replace(MIDDLE, issuer_key=key("another")), "chain_signature_bad"),
    (replace(MIDDLE, issuer="Nobody"), "no_chain"),
])  # fmt: skip
def test_an_authority_that_may_not(middle: CertificateRecipe, reason: str) -> None:
    found = chain_of(LEAF, middle)
    assert (found.finding.reason, found.path) == (reason, ())
    assert found.finding.outcome is not Outcome.PASSED


def test_an_anchor_must_be_an_authority_too() -> None:
    """A certificate trusted as a signer does not make its holder an authority."""
    forged = replace(MAKER, issuer=SIGNER.subject, issuer_key=SIGNER.key)
    assert chain_of(forged, anchors=(SIGNER,)).finding.reason == "issuer_no_authority"


def test_path_length() -> None:
    root = replace(ROOT, path_length=0)
    assert chain_of(SIGNER, anchors=(root,)).finding.outcome is Outcome.PASSED
    assert chain_of(LEAF, MIDDLE, anchors=(root,)).finding.reason == "path_too_long"


@pytest.mark.parametrize(("height", "outcome"), [(1, "passed"), (3, "passed"), (4, "failed"), (6, "failed")])
def test_five_certificates_at_most(height: int, outcome: str) -> None:
    leaf, *others = tower(height)
    assert chain_of(leaf, *others).finding.outcome == outcome


def test_a_circle_ends() -> None:
    one = CertificateRecipe("One", key("One"), "Two", key("Two"), authority=True)
    two = CertificateRecipe("Two", key("Two"), "One", key("One"), authority=True)
    assert chain_of(replace(SIGNER, issuer="One", issuer_key=key("One")), one, two).finding.outcome is not Outcome.PASSED


def test_many_of_one_name_end_too() -> None:
    many = [replace(MIDDLE, serial=number, key=key("another")) for number in range(200)]
    assert chain_of(LEAF, *many).finding.outcome is Outcome.FAILED


def test_a_good_way_is_found_behind_a_bad_one() -> None:
    assert chain_of(LEAF, replace(MIDDLE, key=key("another"), serial=21), MIDDLE).finding.outcome is Outcome.PASSED


def test_an_authority_revoked() -> None:
    found = chain_of(LEAF, MIDDLE)
    middle_crl = crl(issuer="Middle", signer=key("Middle"))
    for revoked, reason in ((((20, SIGNED, None),), "certificate_revoked"), ((), "")):
        lists = CrlSet((*read_crls(crl(revoked)), *read_crls(middle_crl)))
        ground = Ground((read_certificate(made(ROOT)),), NOW, crls=lists)
        assert check_revocation("revocation", found, at=NOW, ground=ground).reason == reason
    only_one = Ground((read_certificate(made(ROOT)),), NOW, crls=CrlSet(read_crls(middle_crl)))
    assert check_revocation("revocation", found, at=NOW, ground=only_one).reason == "no_crl"


def test_a_hold_that_was_lifted_counts_no_more() -> None:
    held = crl([(SIGNER.serial, SIGNED, 6)], issued=NOW - 3 * DAY)
    lifted, gone = crl(), crl([(SIGNER.serial, SIGNED, 1)], issued=NOW - 3 * DAY)
    leaf, root = read_certificate(made(SIGNER)), read_certificate(made(ROOT))

    def asked(*lists: bytes) -> object:
        return CrlSet([each for data in lists for each in read_crls(data)]).look_up(leaf, root, at=NOW, now=NOW)

    assert asked(held) is not None
    assert asked(held, lifted) is None
    assert asked(gone, lifted) is not None  # left out of a later list it stays revoked


def test_usage_and_validity() -> None:
    leaf = read_certificate(made(SIGNER))
    assert check_key_usage("usage", leaf).outcome is Outcome.PASSED
    assert check_key_usage("usage", leaf, timestamps=True).reason == "key_usage"
    assert check_key_usage("usage", read_certificate(made(replace(SIGNER, key_usage=None)))).outcome is Outcome.PASSED
    assert check_validity("validity", leaf, leaf.not_after).outcome is Outcome.PASSED
    assert check_validity("validity", leaf, leaf.not_after + DAY).reason == "certificate_expired"
    assert check_validity("validity", leaf, leaf.not_before - DAY).reason == "certificate_not_yet_valid"


def test_an_independent_reader_agrees() -> None:
    leaf = replace(SIGNER, key=P256Key("leaf"), explicit_false=False)
    ours, theirs = read_certificate(made(leaf)), reference.load_der_x509_certificate(made(leaf))
    assert (ours.serial, ours.not_before, ours.not_after) == (theirs.serial_number, theirs.not_valid_before_utc, theirs.not_valid_after_utc)
    assert (ours.signed, ours.signature, ours.algorithm) == (theirs.tbs_certificate_bytes, theirs.signature, theirs.signature_algorithm_oid.dotted_string)
    assert (ours.issuer, ours.subject) == (theirs.issuer.public_bytes(), theirs.subject.public_bytes())
    usage = theirs.extensions.get_extension_for_class(reference.KeyUsage).value
    assert ours.extensions.key_usage == x509.DIGITAL_SIGNATURE | x509.CONTENT_COMMITMENT
    assert usage.digital_signature
    assert usage.content_commitment


def test_a_false_that_is_written_out_is_read_where_others_refuse() -> None:
    leaf = made(replace(SIGNER, authority=False))
    assert not read_certificate(leaf).extensions.authority
    with pytest.raises(ValueError, match="EncodedDefault"):
        _ = reference.load_der_x509_certificate(leaf).extensions


def test_lists_of_openssl_are_read(tmp_path: Path) -> None:
    """A certificate and a list made by the openssl command line, SM2 throughout."""
    run = lambda *arguments: subprocess.run(["openssl", *map(str, arguments)], cwd=tmp_path, check=False, capture_output=True)  # noqa: E731
    (tmp_path / "index.txt").touch()
    (tmp_path / "crlnumber").write_text("01\n")
    (tmp_path / "ca.cnf").write_text("[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ncrlnumber=crlnumber\ndefault_md=sm3\ndefault_crl_days=7\n")
    made_key = run("ecparam", "-name", "SM2", "-genkey", "-noout", "-out", "ca.key")
    request = ("req", "-x509", "-new", "-key", "ca.key", "-sm3", "-sigopt", "distid:1234567812345678", "-subj", "/CN=开放/O=x", "-utf8", "-out", "ca.crt")
    if made_key.returncode or run(*request).returncode:
        pytest.skip("this openssl has no SM2")
    root = read_certificates((tmp_path / "ca.crt").read_bytes())[0]
    root.check(root.algorithm, root.signature, root.signed)
    assert root.is_self_issued
    assert root.name == "开放"
    listed = run("ca", "-gencrl", "-config", "ca.cnf", "-keyfile", "ca.key", "-cert", "ca.crt", "-sigopt", "distid:1234567812345678", "-out", "ca.crl")
    assert listed.returncode == 0, listed.stderr
    (found,) = read_crls((tmp_path / "ca.crl").read_bytes())
    assert found.is_of(root)
    assert found.understood


@pytest.mark.parametrize("data", [b"", b"x", made(SIGNER)[:-1], made(SIGNER) + b"\0", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", bytes(70_000)])
def test_what_is_no_certificate(data: bytes) -> None:
    with pytest.raises(EtrustError, match="bad_certificate"):
        read_certificates(data)
    with pytest.raises(EtrustError, match="bad_crl"):
        read_crls(data)


def test_an_extension_twice_is_refused() -> None:
    usage = extension(x509.KEY_USAGE, named_bits(1))
    with pytest.raises(EtrustError, match="bad_certificate"):
        read_certificate(made(replace(SIGNER, extra=(usage,))))


def test_damage_never_makes_a_chain() -> None:
    whole = made(SIGNER)
    ground = Ground((read_certificate(made(ROOT)),), NOW)
    for position in range(len(whole)):
        changed = bytearray(whole)
        changed[position] ^= 1 << position % 8
        try:
            leaf = read_certificate(bytes(changed))
        except EtrustError:
            continue
        assert check_chain("chain", leaf, at=NOW, ground=ground).path == (), position
