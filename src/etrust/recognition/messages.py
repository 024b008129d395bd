"""What regions say to each other: the question as JSON, and an answer read within bounds.

Around them stand the signatures of `recognition.signatures`; what is a person's is sealed, see `recognition.sealed`.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from etrust.credentials.code import MAX_TEXT, PLAIN, encode_code
from etrust.errors import EtrustError
from etrust.licenses.model import StoredLicense
from etrust.onecode.model import Subject, Use
from etrust.recognition.model import PartnerFault, PartnerOutcome

MAX_CREDENTIALS = 20
"""Credentials in one answer; nobody has more licenses of one type that count."""
MAX_ANSWER = 2 * MAX_CREDENTIALS * (MAX_TEXT + 16) + 4096
"""Bytes of an answer: sealed text is a third longer."""


@dataclass(frozen=True, slots=True)
class Question:
    """What one region asks another.

    Attributes:
        license_type: 21-character type code, which is the same in every region.
    """

    holder: Subject
    license_type: str
    use: Use


HOLDINGS_PATH = "/api/v1/recognition/holdings"


def personal_part(question: Question) -> dict[str, object]:
    """What is encrypted to the region that is asked. The holder's name stays here: code and type find the licenses."""
    return {"holder_code": question.holder.code, "holder_code_type": question.holder.code_type}


def question_json(question: Question) -> dict[str, object]:
    """The body of the request, but for what is sealed."""
    use = question.use
    told = {
        "ground": use.ground.value, "matter": use.matter, "case_number": use.case_number, "operator": use.operator,
        "body": use.body, "reason": use.reason, "legal_basis": use.legal_basis,
    }  # fmt: skip
    return {"license_type": question.license_type, "use": told}


def answer_json(licenses: Sequence[StoredLicense]) -> dict[str, object]:
    """The body of an answer; the same for a holder who has nothing and one who is not known."""
    return {"credentials": [encode_code(license_.credential) for license_ in licenses[:MAX_CREDENTIALS]]}


def read_answer(data: bytes, unseal: Callable[[str], Mapping[str, object]]) -> list[str]:
    """The texts of the credentials in an answer, none of them judged.

    Args:
        unseal: opens what was encrypted to us.

    Raises:
        PartnerFault: ``bad_answer``.
    """
    found: object = None
    try:
        told = json.loads(data) if len(data) <= MAX_ANSWER else None
        sealed = told.get("sealed") if isinstance(told, dict) else None
        found = unseal(sealed) if isinstance(sealed, str) else None
    except (ValueError, RecursionError, EtrustError):
        found = None
    texts = found.get("credentials") if isinstance(found, dict) else None
    if not isinstance(texts, list) or len(texts) > MAX_CREDENTIALS or not all(map(_is_credential, texts)):
        raise PartnerFault(PartnerOutcome.UNREACHABLE, "bad_answer")
    return texts


def _is_credential(text: object) -> bool:
    return isinstance(text, str) and len(text) <= MAX_TEXT and text.startswith(PLAIN[:3])
