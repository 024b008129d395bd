"""From the findings about seals to the verdict: which status, which word, and that nothing doubtful ever passes."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.ses.judging import GROUND, ground
from tests.ses.making import (
    MAKER,
    NOW,
    SIGNED,
    SIGNER,
    OfdRecipe,
    SealRecipe,
    SignatureRecipe,
    TokenRecipe,
    key,
    made,
)

import etrust
from etrust.trust.chains import Ground
from etrust.trust.crls import CrlSet
from etrust.verification.files import verify_file
from etrust.verification.model import Status, Verdict
from etrust.verification.report import verdict_json
from etrust.verification.seals import _TABLE, SENTENCES, recognize

DAY = timedelta(days=1)
SEAL, SIGNATURE, OFD = SealRecipe(), SignatureRecipe(), OfdRecipe()
NO_LISTS = replace(GROUND, crls=CrlSet())


def verdict(recipe: SealRecipe | SignatureRecipe | OfdRecipe, ground: Ground = GROUND) -> Verdict:
    data = recipe.encoded()
    assert recognize(data) is not None
    return verify_file(data, ground=ground, document=b"the document")


@pytest.mark.parametrize(("recipe", "kind"), [(SEAL, "seal"), (SIGNATURE, "seal_signature"), (OFD, "ofd")])
def test_valid(recipe: SealRecipe, kind: str) -> None:
    found = verdict(recipe)
    assert (found.verdict, found.sub_indication, found.status, found.kind) == ("TOTAL-PASSED", "", "valid", kind)
    assert found.at == NOW
    shown = verdict_json(found)
    assert shown["license"] is None
    assert len({step["step"] for step in shown["findings"]}) == len(shown["findings"])  # type: ignore[arg-type, index, union-attr]


@pytest.mark.parametrize(("recipe", "trusted", "told"), [
    (replace(SEAL, signer=key("x")), GROUND, "TOTAL-FAILED SIG_CRYPTO_FAILURE bad_signature"),
    (replace(SEAL, header="XX"), GROUND, "TOTAL-FAILED FORMAT_FAILURE malformed"),
    (replace(SEAL, valid_until=NOW - DAY), GROUND, "TOTAL-FAILED EXPIRED expired"),
    (replace(SEAL, valid_from=NOW + DAY), GROUND, "TOTAL-FAILED NOT_YET_VALID not_yet_valid"),
    (SEAL, ground([(MAKER.serial, NOW - DAY, None)]), "TOTAL-FAILED REVOKED revoked"),
    (SEAL, Ground((), NOW), "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND unknown_issuer"),
    (replace(SEAL, valid_until=NOW - DAY), Ground((), NOW), "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND unknown_issuer"),
    (replace(SEAL, signer=key("x")), Ground((), NOW), "TOTAL-FAILED SIG_CRYPTO_FAILURE bad_signature"),
    (SEAL, NO_LISTS, "INDETERMINATE TRY_LATER unknown"),
    (replace(SEAL, maker=replace(MAKER, issuer_key=key("x"))), GROUND, "TOTAL-FAILED CHAIN_CONSTRAINTS_FAILURE bad_signature"),
    (replace(SEAL, maker=replace(MAKER, key_usage=0)), GROUND, "TOTAL-FAILED CHAIN_CONSTRAINTS_FAILURE unknown_issuer"),
    (SealRecipe(5, token=TokenRecipe(imprint=bytes(32))), GROUND, "TOTAL-FAILED HASH_FAILURE bad_signature"),
    (SealRecipe(5, token=TokenRecipe(time=NOW - 101 * DAY)), GROUND, "TOTAL-FAILED TIMESTAMP_ORDER_FAILURE unknown"),
    (SealRecipe(5, token=TokenRecipe(time=NOW + DAY)), Ground((), NOW), "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND unknown_issuer"),
    (replace(SIGNATURE, digest=bytes(32)), GROUND, "TOTAL-FAILED HASH_FAILURE bad_signature"),
    (replace(SIGNATURE, digest=bytes(32)), Ground((), NOW), "TOTAL-FAILED HASH_FAILURE bad_signature"),
    (replace(SIGNATURE, seal=replace(SEAL, signers=(made(MAKER),))), GROUND, "TOTAL-FAILED SIG_CONSTRAINTS_FAILURE unknown_issuer"),
    (SIGNATURE, ground([(SIGNER.serial, SIGNED - DAY, None)]), "TOTAL-FAILED REVOKED revoked"),
    (SIGNATURE, ground([(SIGNER.serial, SIGNED + DAY, None)]), "TOTAL-PASSED  valid"),
    (SIGNATURE, ground([(SIGNER.serial, SIGNED + DAY, 1)]), "INDETERMINATE OUT_OF_BOUNDS_NO_POE unknown_issuer"),
    (replace(SIGNATURE, seal=replace(SEAL, valid_until=NOW - DAY)), GROUND, "TOTAL-PASSED  valid"),
    (replace(OFD, after=(("Doc_0/Document.xml", b"<other/>"),)), GROUND, "TOTAL-FAILED HASH_FAILURE bad_signature"),
    (replace(OFD, after=(("Doc_0/more.xml", b"<other/>"),)), GROUND, "INDETERMINATE SIG_CONSTRAINTS_FAILURE unknown"),
    (replace(OFD, type="Sign"), GROUND, "INDETERMINATE SIGNED_DATA_NOT_FOUND unknown"),
    (replace(OFD, method="MD5"), GROUND, "TOTAL-FAILED CRYPTO_CONSTRAINTS_FAILURE bad_signature"),
    (replace(OFD, after=(("OFD.xml", None),)), GROUND, "TOTAL-FAILED FORMAT_FAILURE malformed"),
])  # fmt: skip
def test_verdicts(recipe: SealRecipe, trusted: Ground, told: str) -> None:
    found = verdict(recipe, trusted)
    assert f"{found.verdict} {found.sub_indication} {found.status}" == told


def test_present_standing_is_told_without_changing_the_answer() -> None:
    found = verdict(replace(SIGNATURE, seal=replace(SEAL, valid_until=NOW - DAY)))
    assert [each.reason for each in found.findings if each.step == "now.seal_validity"] == ["seal_expired"]


def test_without_the_document_a_seal_signature_is_undetermined() -> None:
    found = verify_file(SIGNATURE.encoded(), ground=GROUND)
    assert (found.verdict, found.sub_indication) == ("INDETERMINATE", "SIGNED_DATA_NOT_FOUND")


@pytest.mark.parametrize("data", [b"", b"\x30\x82\x01\x00\x30", SEAL.encoded()[:-1], SIGNATURE.encoded()[:99]])
def test_what_cannot_be_read_is_malformed(data: bytes) -> None:
    found = verify_file(data, ground=GROUND)
    assert (found.verdict, found.status) == ("TOTAL-FAILED", "malformed")
    assert found.findings[0].step == "format"


def test_the_evidence_names_the_anchors() -> None:
    assert verdict(SEAL).evidence == verdict(OFD).evidence != verdict(SEAL, Ground((), NOW)).evidence


def test_every_reason_is_weighed_on_purpose() -> None:
    """Each reason that the rooms below give as failed or unknown stands in the table, or is a mere note of a step beside one."""
    folder = Path(etrust.__file__).parent
    sources = [folder / "ses" / "judge.py", folder / "ses" / "ofd.py", folder / "trust" / "chains.py", folder / "trust" / "timestamps.py"]
    text = "\n".join(path.read_text("utf-8") for path in sources)
    given = set(re.findall(r'(?:failed|unknown)\([^"()]*(?:"[^"]*", )?"([a-z_]+)"', text))
    given |= set(re.findall(r'return "([a-z_0-9]+)", ', text))
    assert len(given) > 30
    assert given - _TABLE.keys() - {"no_register", "format", "seal_file"} == set()  # a reason that weighs nothing, and two steps


def test_every_status_has_its_sentence() -> None:
    assert SENTENCES.keys() == set(Status)
