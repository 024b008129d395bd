"""What a region was told, kept so that it can be proved: request and answer as they were signed. Pure.

A judge needs nothing of etrust: the two messages, the trust list of the region that answered, and its anchor.
"""

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from etrust.errors import EtrustError, Kind
from etrust.recognition.signatures import WINDOW, Answer, Request, Signed, verify_answer
from etrust.trust.lists import read_trust_list
from etrust.trust.model import Purpose, TrustSnapshot

VERSION = 1
MAX_EVIDENCE = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Evidence:
    """An answer with its request, when it came, and the trust list it was judged by (as it was signed)."""

    region: str
    at: datetime
    answer: Answer
    trust_list: bytes = b""

    def to_json(self) -> bytes:
        """As a file."""
        answer, request = self.answer, self.answer.request
        return json.dumps({
            "version": VERSION, "region": self.region, "at": self.at.isoformat(),
            "request": {
                "method": request.method, "url": request.url, "headers": dict(request.headers), "body": _text(request.body),
            },
            "answer": {"status": answer.status_code, "headers": dict(answer.headers), "body": _text(answer.body)},
            "trust_list": _text(self.trust_list),
        }, ensure_ascii=False, indent=1).encode()  # fmt: skip

    @classmethod
    def from_json(cls, data: bytes) -> Self:
        """Read a file.

        Raises:
            EtrustError: MALFORMED ``bad_evidence``.
        """
        try:
            found = json.loads(data) if len(data) <= MAX_EVIDENCE else {}
            asked, told = found["request"], found["answer"]
            request = Request(str(asked["method"]), str(asked["url"]), _headers(asked["headers"]), _bytes(asked["body"]))
            answer = Answer(int(told["status"]), _headers(told["headers"]), _bytes(told["body"]), request)
            at = datetime.fromisoformat(found["at"])
            if at.tzinfo is None or found["version"] != VERSION:
                raise _bad()
            return cls(str(found["region"]), at, answer, _bytes(found["trust_list"]))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise _bad() from error

    def judge(self, anchor: bytes) -> tuple[Signed, TrustSnapshot]:
        """Whose key signed the answer, by the region's anchor and the trust list of that day.

        The moment is the one the answer names itself: it is judged whether it was signed, not whether it is fresh.

        Args:
            anchor: the region's anchor certificate, DER.

        Raises:
            EtrustError: UNAUTHENTICATED ``bad_message_signature``; UNTRUSTED of `read_trust_list`; ``another_region``.
        """
        trust = read_trust_list(self.trust_list, anchors=[anchor], at=self.at)
        if trust.trust_list.region != self.region:
            raise EtrustError(
                Kind.UNTRUSTED, "another_region", zh="信任列表属于另一地区。", en="The trust list is another region's."
            )
        keys = [entry for entry in trust.trust_list.keys if entry.purpose is Purpose.MESSAGE and entry.valid_from <= self.at]
        return verify_answer(self.answer, keys, at=self.at), trust


def is_of_its_time(evidence: Evidence, signed: Signed) -> bool:
    """Whether the answer says it was signed when it is said to have come."""
    return abs(evidence.at - signed.created) <= 2 * WINDOW


def _headers(found: dict[str, object]) -> dict[str, str]:
    return {str(name): str(value) for name, value in found.items()}


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _bad() -> EtrustError:
    return EtrustError(
        Kind.MALFORMED, "bad_evidence", zh="文件不是跨地区答复的存证。", en="The file is not the kept answer of a region."
    )
