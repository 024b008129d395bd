"""An independent linter, pkilint, finds nothing to say about the certificates and lists made here."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from pkilint import loader, pkix, validation
from pkilint.pkix import certificate, crl, extension, name
from tests.support import NOW
from tests.trust.authorities import Authority, authority, request

from etrust.signing import private_keys
from etrust.signing.model import Algorithm
from etrust.trust.certificates import Issuer, sign_body, write_body
from etrust.trust.crl_making import Listed, make_crl

POINT = "https://etrust.example/crl/0102030405060708/1"
# pkilint holds SM2 for an algorithm it does not know and says so of a self-signed certificate without issuer key id.
KNOWN = {"pkix.aki_absent_self_issued_and_unsupported_algorithm"}


@pytest.fixture(scope="module")
def of_certificates() -> validation.Validator:
    return certificate.create_pkix_certificate_validator_container(
        certificate.create_decoding_validators(name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS),
        [certificate.create_issuer_validator_container([]), certificate.create_validity_validator_container(),
         certificate.create_subject_validator_container([]), certificate.create_extensions_validator_container([])],
    )  # fmt: skip


@pytest.fixture(scope="module")
def of_lists() -> validation.Validator:
    return crl.create_pkix_crl_validator_container(
        [pkix.create_attribute_decoder(name.ATTRIBUTE_TYPE_MAPPINGS), pkix.create_extension_decoder(extension.EXTENSION_MAPPINGS)],
        [crl.create_issuer_validator_container([]), crl.create_validity_validator_container([]), crl.create_extensions_validator_container([])],
    )  # fmt: skip


def findings(document: object, validator: validation.Validator) -> set[str]:
    """What pkilint says, from notices upwards."""
    results = validator.validate(document.root)  # type: ignore[attr-defined]
    return {
        found.finding.code for result in results for found in result.finding_descriptions
        if found.finding.severity.name in {"FATAL", "ERROR", "WARNING", "NOTICE"}
    } - KNOWN  # fmt: skip


PROFILES = {
    Algorithm.ES256: ("credential", "status", "document", "timestamp"), Algorithm.SM2: ("timestamp_sm2", "seal_maker", "seal"),
}  # fmt: skip


@pytest.mark.parametrize("algorithm", PROFILES)
def test_every_profile(of_certificates: validation.Validator, algorithm: Algorithm) -> None:
    anchor = authority(algorithm)
    made = {"anchor": anchor.signer.certificate, **{each: anchor.certify(each).certificate for each in PROFILES[algorithm]}}
    told = {each: findings(loader.load_certificate(data, each), of_certificates) for each, data in made.items()}
    assert told == {each: set() for each in made}


@pytest.mark.parametrize("make", [
    lambda anchor: make_crl(anchor.signer, number=1, revoked=[], this_update=NOW, next_update=NOW + timedelta(days=7)),
    lambda anchor: make_crl(
        anchor.signer, number=1 << 70, revoked=[Listed(1 << 120, NOW, 1), Listed(1 << 121, NOW)], this_update=NOW,
        next_update=NOW + timedelta(days=7), points=[POINT, "https://new.example/crl/0102030405060708/1"]),
])  # fmt: skip
def test_lists(make: Callable[[Authority], bytes], of_lists: validation.Validator) -> None:
    assert findings(loader.load_crl(make(authority()), "list"), of_lists) == set()


FAULTS = {"serial number 0": {"serial": 0}, "ends before it begins": {"not_after": NOW - timedelta(days=9)}}


@pytest.mark.parametrize("changes", FAULTS.values(), ids=FAULTS)
def test_the_linter_can_say_no(of_certificates: validation.Validator, changes: dict[str, object]) -> None:
    anchor = authority()
    wanted = replace(request("document", private_keys.generate(Algorithm.ES256).public_spki()), **changes)  # type: ignore[arg-type]
    bad = sign_body(write_body(wanted, Issuer.of(anchor.signer)), anchor.signer)
    assert findings(loader.load_certificate(bad, "bad"), of_certificates)
