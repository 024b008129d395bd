"""Each step for a seal has its reason, proven by a seal that fails in that step and in no other."""

from dataclasses import replace
from datetime import timedelta

import pytest

from etrust.ses.judge import judge_seal
from etrust.ses.parse import parse_seal
from etrust.signing import der
from etrust.trust import x509
from etrust.trust.crls import CrlSet, read_crls
from tests.ses.judging import GROUND, ground, notes, problems, seal
from tests.ses.making import (
    CREATED,
    MAKER,
    NOW,
    STAMPER,
    P256Key,
    RsaKey,
    SealRecipe,
    TokenRecipe,
    crl,
    extension,
    key,
)

DAY = timedelta(days=1)
V4 = SealRecipe()
V5 = SealRecipe(5, token=TokenRecipe(time=CREATED))
UNKNOWN_EXTENSION = extension("1.2.3.4.5", b"\x05\x00", explicit_false=True)
CRITICAL_EXTENSION = extension("1.2.3.4.5", b"\x05\x00", critical=True)
EXPIRED_MAKER = replace(MAKER, not_after=NOW - DAY)


@pytest.mark.parametrize("recipe", [
    SealRecipe(1), V4, V5, replace(V5, token=None), replace(V4, by_digest="SM3"), replace(V4, version=5, generation=4),
    replace(V4, by_digest="1.2.156.10197.1.401"), replace(V4, extensions=(UNKNOWN_EXTENSION,)), replace(V4, picture="ofd"),
    replace(V4, picture="svg"), replace(V5, token=TokenRecipe(time=CREATED, response=True)),
    replace(V4, maker=replace(MAKER, key=P256Key("maker"))), replace(V4, maker=replace(MAKER, key=RsaKey())),
], ids=[
    "V1", "V4", "V5", "V5 unstamped", "digests", "V5 in V4", "digests by OID", "extension", "ofd", "svg", "whole answer", "P-256", "RSA",
])  # fmt: skip
def test_good_seals(recipe: SealRecipe) -> None:
    assert problems(seal(recipe)) == {}


@pytest.mark.parametrize(("recipe", "found"), [
    (replace(V4, header="EX"), {"format": "bad_header"}),
    (replace(V4, version=3), {"format": "unknown_version"}),
    (replace(V5, version=4), {"format": "unknown_version"}),
    (replace(V4, signers=()), {"format": "no_signers"}),
    (replace(V4, picture="EXE"), {"format": "bad_picture"}),
    (replace(V4, size=(0, 42)), {"format": "bad_picture"}),
    (replace(V4, size=(42, 90_000)), {"format": "bad_picture"}),
    (replace(V4, valid_from=NOW + 3 * DAY, valid_until=NOW + DAY), {"format": "bad_period", "validity": "seal_not_yet_valid"}),
    (replace(V4, extensions=(UNKNOWN_EXTENSION, CRITICAL_EXTENSION)), {"extensions": "critical_extension"}),
    (replace(V4, signer=key("stranger")), {"maker_signature": "bad_signature"}),
    (replace(V4, tamper=b"65010287654321"), {"maker_signature": "bad_signature"}),
    (replace(SealRecipe(1), tamper=b"65010287654321"), {"maker_signature": "bad_signature"}),
    (replace(V4, algorithm="1.2.840.10045.4.3.2"), {"maker_signature": "algorithm_not_of_key"}),
    (replace(V4, maker=replace(MAKER, key=RsaKey(1024))), {"maker_signature": "bad_key"}),
    (replace(V5, created=MAKER.not_before - DAY, token=None), {"maker_entitled": "made_outside_certificate"}),
    (replace(V4, maker=replace(MAKER, issuer="Nobody")), {"maker_chain": "no_chain", "maker_revocation": "no_chain"}),
    (replace(V4, maker=replace(MAKER, issuer_key=key("stranger"))), {"maker_chain": "chain_signature_bad", "maker_revocation": "no_chain"}),
    (replace(V4, maker=replace(MAKER, extra=(extension("1.2.3", b"", critical=True),))), {"maker_chain": "critical_extension", "maker_revocation": "no_chain"}),
    (replace(V4, maker=replace(MAKER, key_usage=x509.KEY_CERT_SIGN)), {"maker_key_usage": "key_usage"}),
    (replace(V4, maker=EXPIRED_MAKER), {"maker_validity": "certificate_expired"}),
    (replace(V4, maker=replace(MAKER, not_before=NOW + DAY)), {"maker_validity": "certificate_not_yet_valid"}),
    (replace(V4, valid_until=NOW - DAY), {"validity": "seal_expired"}),
    (replace(V4, valid_from=NOW + DAY), {"validity": "seal_not_yet_valid"}),
    (replace(V5, token=TokenRecipe(time=CREATED - DAY)), {"timestamp": "created_after_timestamp"}),
    (replace(V5, token=TokenRecipe(time=CREATED, imprint=bytes(32))), {"timestamp": "timestamp_of_other_bytes"}),
    (replace(V5, token=TokenRecipe(time=CREATED, content_digest=bytes(32))), {"timestamp": "timestamp_signature"}),
    (replace(V5, token=TokenRecipe(time=CREATED, signer=key("stranger"))), {"timestamp": "timestamp_signature"}),
    (replace(V5, token=TokenRecipe(time=CREATED, carries=False)), {"timestamp": "timestamp_no_signer"}),
    (replace(V5, token=TokenRecipe(time=NOW + DAY)), {"timestamp": "timestamp_in_future"}),
    (replace(V5, token=TokenRecipe(time=CREATED, stamper=replace(STAMPER, issuer="Nobody"))), {"timestamp": "timestamp_no_chain"}),
    (replace(V5, token=TokenRecipe(time=CREATED, stamper=replace(STAMPER, purposes=()))), {"timestamp": "timestamp_certificate"}),
    (replace(V5, token=TokenRecipe(time=CREATED, stamper=replace(STAMPER, not_before=NOW))), {"timestamp": "timestamp_certificate"}),
], ids=lambda value: next(iter(value.values())) if isinstance(value, dict) else "")  # fmt: skip
def test_each_step_fails_alone(recipe: SealRecipe, found: dict[str, str]) -> None:
    assert problems(seal(recipe)) == found


def test_a_maker_certificate_that_cannot_be_read_fails_its_steps_only() -> None:
    found = seal(replace(V4, maker_certificate=b"no certificate", valid_until=NOW - DAY))
    assert problems(found) == {
        "maker_signature": "bad_certificate", "maker_chain": "bad_certificate", "maker_revocation": "no_chain",
        "validity": "seal_expired",
    }  # fmt: skip


def test_a_token_that_is_none() -> None:
    whole = V4.encoded()
    parts = [each.encoded for each in der.read(whole).children()]
    stamped = der.write(der.SEQUENCE, *parts, der.write(der.context(0), der.write_bits(b"no token")))
    found = problems(judge_seal(parse_seal(stamped), at=NOW, ground=GROUND))
    assert found["timestamp"] == "timestamp_malformed"


def test_a_revoked_maker() -> None:
    revoked = ground([(MAKER.serial, NOW - DAY, None)])
    assert problems(seal(V4, ground=revoked)) == {"maker_revocation": "certificate_revoked"}
    assert problems(seal(V4, at=NOW - 2 * DAY, ground=revoked)) == {}


def test_what_ended_after_a_v5_seal_was_made_is_a_note() -> None:
    v5 = replace(V5, maker=EXPIRED_MAKER)
    assert problems(seal(v5)) == {}
    assert notes(seal(v5))["maker_validity"] == "certificate_expired"
    found = seal(V5, ground=ground([(MAKER.serial, NOW - DAY, None)]))
    assert problems(found) == {}
    assert notes(found)["maker_revocation"] == "certificate_revoked"


def test_a_maker_revoked_before_the_v5_seal_was_made() -> None:
    assert problems(seal(V5, ground=ground([(MAKER.serial, CREATED - DAY, None)]))) == {"maker_revocation": "certificate_revoked"}


@pytest.mark.parametrize(("lists", "reason"), [
    ((), "no_crl"),
    ((crl(issued=NOW - 9 * DAY, next_update=NOW - DAY),), "crl_outdated"),
    ((crl(next_update=None),), "crl_outdated"),
    ((crl(issued=NOW + DAY),), "no_crl"),
    ((crl(signer=key("stranger")),), "no_crl"),
    ((crl(issuer="Nobody"),), "no_crl"),
    ((crl(extra=extension("2.5.29.28", b"\x30\x00", critical=True)),), "crl_not_understood"),
], ids=["none", "old", "without end", "future", "forged", "of another", "sharded"])  # fmt: skip
def test_without_a_list_in_force_revocation_is_unknown(lists: tuple[bytes, ...], reason: str) -> None:
    known = replace(GROUND, crls=CrlSet([each for data in lists for each in read_crls(data)]))
    assert problems(seal(V4, ground=known)) == {"maker_revocation": reason}


def test_the_seal_is_judged_at_the_moment_asked_about() -> None:
    recipe = replace(V4, valid_until=NOW - DAY)
    assert problems(seal(recipe, at=NOW - 2 * DAY)) == {}
    assert problems(seal(recipe, at=CREATED - DAY))["validity"] == "seal_not_yet_valid"
