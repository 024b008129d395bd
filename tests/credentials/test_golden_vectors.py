"""The formats as partners rely on them: the vectors in the repository are what the program makes, and they verify."""

import base64
import hashlib
import json

import pytest
from tests.data.vectors.generate import FILE, RECIPES, vectors
from tests.support import NOW, key_entry, make_signer, trust_of

from etrust.status.model import State, StatusAnswer
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

