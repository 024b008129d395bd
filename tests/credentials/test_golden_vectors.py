"""The formats as partners rely on them: the vectors in the repository are what the program makes, and they verify."""

import base64
import hashlib
import json
from datetime import datetime

import pytest
from tests.data.vectors.generate import CODES, CODES_FILE, FILE, RECIPES, code_vectors, vectors
from tests.support import NOW, key_entry, make_signer, trust_of

from etrust.credentials.online_code import read_online_code
from etrust.status.model import State, StatusAnswer
from etrust.trust.model import Purpose
from etrust.verification.online_code import verify_online_code
from etrust.verification.verify import verify

GOLDEN = json.loads(FILE.read_text("utf-8"))
STATUS = {"expired": "expired", "begins tomorrow": "not_yet_valid"}


class InForce:
    """Every license is in force."""

    def lookup(self, uri: str, index: int, at: object) -> StatusAnswer:
        return StatusAnswer(State.VALID, "", None, "sha256:")


def test_the_program_makes_the_vectors_of_the_repository() -> None:
    assert vectors() == GOLDEN


@pytest.mark.parametrize("name", RECIPES)
def test_the_vectors_verify_with_the_certificate_beside_them(name: str) -> None:
    certificate = base64.b64decode(GOLDEN["certificate"])
    kid = hashlib.sha256(certificate).digest()[:8]
    trust = trust_of(key_entry(make_signer(), certificate=certificate, kid=kid))
    verdict = verify(GOLDEN["credentials"][name]["code"], trust=trust, status=InForce(), at=NOW, types={})
    assert verdict.status == STATUS.get(name, "valid")
    assert verdict.license is not None
    assert verdict.license["identifier"] == GOLDEN["credentials"][name]["identifier"]



GOLDEN_CODES = json.loads(CODES_FILE.read_text("utf-8"))
CODE_STATUS = {
    "license": "valid", "license revoked": "revoked", "name cut": "under_objection", "expired": "expired",
    "of another region": "unknown_issuer",
}  # fmt: skip


def test_the_program_makes_the_online_codes_of_the_repository() -> None:
    assert code_vectors() == GOLDEN_CODES


@pytest.mark.parametrize("name", CODES)
def test_online_codes_verify_with_the_certificate_beside_them(name: str) -> None:
    certificate = base64.b64decode(GOLDEN_CODES["certificate"])
    entry = key_entry(
        make_signer(), Purpose.CODE, certificate=certificate, kid=hashlib.sha256(certificate).digest()[:8], body="650000"
    )
    at = datetime.fromisoformat(GOLDEN_CODES["judged at"])
    told = GOLDEN_CODES["codes"][name]
    verdict = verify_online_code(told["code"], trust=trust_of(entry), at=at, types={})
    assert (verdict.kind, verdict.status) == ("code", CODE_STATUS.get(name, "unknown"))
    assert read_online_code(told["code"]).claims.name == told["name"]
    assert told["payload"] in told["cose"]
