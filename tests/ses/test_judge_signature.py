"""Each step for a seal signature has its reason, proven by one that fails in that step and in no other."""

from dataclasses import replace
from datetime import timedelta

import pytest

from etrust.errors import EtrustError
from etrust.ses.judge import Document, judge_signature
from etrust.ses.parse import parse_seal_signature
from etrust.trust.findings import Outcome
from tests.ses.judging import GROUND, ground, notes, problems, signature
from tests.ses.making import (
    CREATED,
    MAKER,
    NOW,
    SIGNED,
    SIGNER,
    STAMPER,
    P256Key,
    SealRecipe,
    SignatureRecipe,
    TokenRecipe,
    extension,
    key,
    made,
)

DAY = timedelta(days=1)
V4 = SignatureRecipe()
V1 = SignatureRecipe(SealRecipe(1))
V5 = SignatureRecipe(SealRecipe(5, token=TokenRecipe(time=CREATED)), token=TokenRecipe())
P256_SIGNER = replace(SIGNER, key=P256Key("signer"))


def with_signer(recipe: SignatureRecipe, **changes: object) -> SignatureRecipe:
    """Another signer's certificate, which the seal lists."""
    signer = replace(recipe.signer, **changes)  # type: ignore[arg-type]
    return replace(recipe, signer=signer, seal=replace(recipe.seal, signers=(made(signer),)))


@pytest.mark.parametrize("recipe", [
    V1, V4, V5, replace(V1, time_token=TokenRecipe()), replace(V5, token=None), replace(V4, version=5),
    replace(V4, seal=replace(V4.seal, by_digest="SM3")), replace(V4, extensions=(extension("1.2.3", b"x", explicit_false=True),)),
    replace(V4, signer=P256_SIGNER, seal=replace(V4.seal, signers=(made(P256_SIGNER),))),
    replace(V4, seal=replace(V4.seal, signers=(b"another", made(SIGNER)))),
], ids=["V1", "V4", "V5", "V1 stamped", "V5 unstamped", "version 5 in V4", "digests", "extension", "P-256", "two signers"])  # fmt: skip
def test_good_signatures(recipe: SignatureRecipe) -> None:
    assert problems(signature(recipe)) == {}


@pytest.mark.parametrize(("recipe", "found"), [
    (replace(V4, version=1), {"format": "unknown_version"}),
    (replace(V4, extensions=(extension("1.2.3", b"x", critical=True),)), {"extensions": "critical_extension"}),
    (replace(V4, signing_key=key("stranger")), {"signature": "bad_signature"}),
    (replace(V4, tamper=(b"Sign_0", b"Sign_1")), {"signature": "bad_signature"}),
    (replace(V1, tamper=(b"Sign_0", b"Sign_1")), {"signature": "bad_signature"}),
    (replace(V4, algorithm="1.2.840.113549.1.1.11"), {"signature": "algorithm_not_of_key"}),
    (with_signer(V4, issuer="Nobody"), {"signer_chain": "no_chain", "signer_revocation": "no_chain"}),
    (with_signer(V4, issuer_key=key("stranger")), {"signer_chain": "chain_signature_bad", "signer_revocation": "no_chain"}),
    (with_signer(V4, key_usage=1 << 2), {"signer_key_usage": "key_usage"}),
    (with_signer(V4, not_after=SIGNED - DAY), {"signer_validity": "certificate_expired", "signer_revocation": "crl_too_late"}),
    (with_signer(V4, not_before=SIGNED + DAY), {"signer_validity": "certificate_not_yet_valid"}),
    (replace(V4, time=NOW + DAY), {"signing_time": "signed_in_future"}),
    (replace(V4, seal=replace(V4.seal, signers=(made(MAKER),))), {"signer_in_seal": "signer_not_in_seal"}),
    (replace(V4, seal=replace(V4.seal, signers=(made(MAKER),), by_digest="SM3")), {"signer_in_seal": "signer_not_in_seal"}),
    (replace(V4, seal=replace(V4.seal, by_digest="MD5")), {"signer_in_seal": "unknown_digest"}),
    (replace(V4, digest=bytes(32)), {"document_digest": "document_changed"}),
    (replace(V4, time=CREATED - DAY), {"seal.validity": "seal_not_yet_valid"}),
    (replace(V4, seal=replace(V4.seal, valid_until=SIGNED - DAY)), {"seal.validity": "seal_expired"}),
    (replace(V4, seal=replace(V4.seal, signer=key("stranger"))), {"seal.maker_signature": "bad_signature"}),
    (replace(V4, seal=replace(V4.seal, header="XX")), {"seal.format": "bad_header"}),
    (replace(V4, seal=replace(V4.seal, maker=replace(MAKER, not_after=SIGNED - DAY))), {"seal.maker_validity": "certificate_expired", "seal.maker_revocation": "crl_too_late"}),
    (replace(V5, token=TokenRecipe(time=SIGNED - DAY)), {"timestamp": "signed_after_timestamp"}),
    (replace(V5, token=TokenRecipe(imprint=bytes(32))), {"timestamp": "timestamp_of_other_bytes"}),
    (replace(V5, token=TokenRecipe(stamper=replace(STAMPER, issuer="Nobody"))), {"timestamp": "timestamp_no_chain"}),
], ids=lambda value: next(iter(value.values())) if isinstance(value, dict) else "")  # fmt: skip
def test_each_step_fails_alone(recipe: SignatureRecipe, found: dict[str, str]) -> None:
    assert problems(signature(recipe)) == found


def test_a_signer_certificate_that_cannot_be_read_fails_its_steps_only() -> None:
    found = problems(signature(replace(V4, signer_certificate=b"none", digest=bytes(32), seal=replace(V4.seal, valid_until=SIGNED - DAY))))
    assert found == {
        "signature": "bad_certificate", "signer_chain": "bad_certificate", "signer_revocation": "no_chain",
        "signer_in_seal": "signer_not_in_seal", "document_digest": "document_changed", "seal.validity": "seal_expired",
    }  # fmt: skip


def test_a_v1_time_that_is_an_unverifiable_token() -> None:
    found = signature(replace(V1, time_token=TokenRecipe(imprint=bytes(32))))
    assert problems(found) == {"signing_time": "timestamp_of_other_bytes"}
    assert {each.step for each in found if each.reason == "no_signing_time"} == {"signer_validity", "signer_revocation"}


def test_revoked_before_signing_fails_and_after_it_is_a_note() -> None:
    assert problems(signature(V4, ground([(SIGNER.serial, SIGNED - DAY, None)]))) == {"signer_revocation": "certificate_revoked"}
    found = signature(V4, ground([(SIGNER.serial, SIGNED + DAY, None)]))
    assert problems(found) == {}
    assert notes(found)["signer_revocation"] == "revoked_later"


def test_a_key_in_other_hands_states_its_own_time() -> None:
    compromised = ground([(SIGNER.serial, SIGNED + DAY, 1)])
    assert problems(signature(V4, compromised)) == {"signer_revocation": "key_compromised"}
    assert problems(signature(replace(V4, token=TokenRecipe()), compromised)) == {}  # a timestamp proves it was there before
    late = replace(V4, token=TokenRecipe(time=SIGNED + 2 * DAY))
    assert problems(signature(late, compromised)) == {"signer_revocation": "key_compromised"}


def test_without_the_document_its_digest_is_unknown() -> None:
    assert problems(signature(V4, document=None)) == {"document_digest": "document_missing"}


def test_how_things_stand_now_is_told_apart() -> None:
    recipe = with_signer(V4, not_after=NOW - DAY)
    recipe = replace(recipe, seal=replace(recipe.seal, valid_until=NOW - DAY))
    found = signature(recipe)
    assert problems(found) == {}
    now = {each.step: each.reason for each in found if each.outcome is Outcome.FAILED}
    assert now == {"now.signer_validity": "certificate_expired", "now.seal_validity": "seal_expired"}
    assert next(each for each in found if each.step == "now.register").outcome is Outcome.UNKNOWN


def test_the_path_in_a_package() -> None:
    parsed = parse_seal_signature(V4.encoded())
    document = Document(b"the document", frozenset({"elsewhere.xml"}))
    assert problems(judge_signature(parsed, document, ground=GROUND)) == {"property_info": "digest_of_another_file"}


STRIDE = 3  # every region is met many times; all bits of all bytes were tried once by hand


@pytest.mark.parametrize("recipe", [V1, V4, V5], ids=["v1", "v4", "v5"])
@pytest.mark.parametrize("start", range(0, 2800, 280))
def test_no_change_anywhere_passes(recipe: SignatureRecipe, start: int) -> None:
    whole = recipe.encoded()
    for position in range(start, min(start + 280, len(whole)), STRIDE):
        changed = bytearray(whole)
        changed[position] ^= 1 << position % 8
        try:
            parsed = parse_seal_signature(bytes(changed))
        except EtrustError:
            continue
        assert problems(judge_signature(parsed, Document(b"the document"), ground=GROUND)), position
