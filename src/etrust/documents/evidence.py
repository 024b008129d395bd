"""What a later reader needs to verify a certificate: its issuers and the newest revocation lists that answer for it."""

from datetime import datetime

from etrust.documents.timestamper import ValidationData
from etrust.errors import EtrustError, Kind
from etrust.trust.chains import Chain, Ground, check_chain, check_revocation
from etrust.trust.findings import Outcome
from etrust.trust.x509 import Certificate, read_certificate


def evidence_for(certificate: bytes, *, ground: Ground, signed_at: datetime | None = None) -> ValidationData:
    """The chain of a certificate (DER), itself first, and the newest lists that say that none of it is revoked.

    Args:
        signed_at: the moment for which it must have been good; None means now.

    Raises:
        EtrustError: ``no_evidence``, naming what is missing: a chain to an anchor, a list in force, or that it is revoked.
    """
    leaf = read_certificate(certificate)
    at = signed_at or ground.now
    chain = check_chain("chain", leaf, at=at, ground=ground)
    revocation = check_revocation("revocation", chain, at=at, ground=ground, proven=at)
    for finding in (chain.finding, revocation):
        if finding.outcome is not Outcome.PASSED:
            raise _missing(leaf, finding.reason, finding.detail)
    return ValidationData(tuple(each.encoded for each in chain.path), _lists(chain, ground))


def _lists(chain: Chain, ground: Ground) -> tuple[bytes, ...]:
    pairs = zip(chain.path, chain.path[1:], strict=False)
    return tuple(dict.fromkeys(_newest(certificate, issuer, ground) for certificate, issuer in pairs))


def _newest(certificate: Certificate, issuer: Certificate, ground: Ground) -> bytes:
    """The newest list that answers for a certificate; it must be in force now, whatever the moment asked about."""
    for each in ground.crls.lists:
        if each.issued_at <= ground.now and each.scope.covers(certificate) and each.is_of(issuer):
            if each.next_update is None or each.next_update <= ground.now:
                break
            return each.encoded
    raise _missing(certificate, "crl_outdated", "")


_REVOKED = ("请先更换密钥（etrust key rotate）。", "change the key first: etrust key rotate.")
_LISTS = ("请更新吊销列表或更换证书。", "renew the revocation lists or the certificate.")


def _missing(leaf: Certificate, reason: str, detail: str) -> EtrustError:
    zh, en = _REVOKED if reason in ("certificate_revoked", "key_compromised") else _LISTS
    return EtrustError(
        Kind.UNTRUSTED, "no_evidence", where=leaf.name,
        zh=f"证书“{leaf.name}”现在无法证明有效（{reason}），不能签发长期文书；{zh}",
        en=f"{leaf.name} cannot be proved good now ({reason} {detail}): {en}",
    )
