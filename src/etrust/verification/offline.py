"""Checks with no server at all: a trust list file, status list files, and the same verifier."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from etrust.credentials.code import is_code
from etrust.credentials.online_code import is_online_code
from etrust.errors import EtrustError, Kind
from etrust.ids import LicenseIdentifier, parse_short
from etrust.status.model import StatusSnapshot
from etrust.status.tokens import ListSnapshot, read_status_list
from etrust.trust.lists import anchor_of, read_trust_list
from etrust.trust.model import TrustSnapshot
from etrust.verification.judgment import judge
from etrust.verification.model import Finding, Outcome, Status, Verdict
from etrust.verification.online_code import verify_online_code
from etrust.verification.verify import Names, Step, verify

MAX_FILE = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class OfflineVerifier:
    """Judges codes by lists at hand. An identifier alone can't be judged: it carries no signature."""

    trust: TrustSnapshot
    status: StatusSnapshot
    types: Names

    @classmethod
    def from_files(
        cls, *, trust_list: bytes, status_lists: Sequence[bytes], anchors: Sequence[bytes], now: datetime, types: Names
    ) -> "OfflineVerifier":
        """Read and verify the lists.

        Args:
            anchors: certificates (DER) to hold the trust list against. The anchor that a list names proves nothing: who
                forges the one forges the other.
            now: the present; an expired trust list is refused. Status lists answer only within their own time.

        Raises:
            EtrustError: ``anchor_needed``; the trust list or a status list is malformed, badly signed or, for the trust
                list, expired.
        """
        if len(trust_list) > MAX_FILE or any(len(data) > MAX_FILE for data in status_lists):
            raise EtrustError(Kind.TOO_LARGE, "too_large", zh="列表文件过大。", en="A list file is too large.")
        if not anchors:
            fingerprint = hashlib.sha256(anchor_of(trust_list)).hexdigest()
            raise EtrustError(
                Kind.UNTRUSTED, "anchor_needed", where="--anchor",
                zh=f"请用 --anchor 指定已核实的区域锚证书；该信任列表自称的锚证书指纹为 sha256:{fingerprint}，"
                   "须经其他途径核对后方可采信。",
                en="Name the region's anchor certificate with --anchor. The list names one with fingerprint"
                   f" sha256:{fingerprint}; compare it through another channel before you rely on it.",
            )  # fmt: skip
        trust = read_trust_list(trust_list, anchors=anchors, at=now)
        lists = [read_status_list(data, trust=trust, at=now) for data in status_lists]
        return cls(trust, ListSnapshot(lists), types)

    def check(self, presented: str, *, at: datetime) -> Verdict:
        """The verdict on the text of a code."""
        text = presented.strip()
        if is_online_code(text):
            return verify_online_code(text, trust=self.trust, at=at, types=self.types)
        if not is_code(text) and _is_identifier(text):
            step = Step(Finding("lookup", Outcome.UNKNOWN, "identifier_needs_server"), Status.UNKNOWN)
            return judge([step], at=at, evidence={"trust_list": self.trust.digest}, license=None)
        return verify(text, trust=self.trust, status=self.status, at=at, types=self.types)


def _is_identifier(text: str) -> bool:
    """Whether a text is an identifier or a short number, well formed."""
    for read in (LicenseIdentifier.parse, parse_short):
        try:
            read(text)
        except EtrustError:
            continue
        return True
    return False
