"""Files with seals: how they are recognized, and what the findings about them weigh. No network, no database.

`etrust.ses` finds; here the findings get their weight, and `etrust.verification.files` makes the verdict. Steps named
``now.…`` tell how things stand at present and do not weigh in it: whether it was sound and valid when it was signed is one
answer, its present standing another.
"""

import hashlib
from collections.abc import Sequence

from etrust.ses.package import is_package
from etrust.signing import der
from etrust.trust.chains import Ground
from etrust.verification.model import Finding, Status
from etrust.verification.weights import Weight, by_reason, failing, gravest, leaving_open, weight_of

SEAL, SEAL_SIGNATURE, OFD = "seal", "seal_signature", "ofd"
KINDS = (SEAL, SEAL_SIGNATURE, OFD)


_WEIGHTS: dict[Weight, str] = {
    failing(Status.MALFORMED): "too_complex reader_failed bad_frame "
    "bad_seal bad_seal_signature bad_package bad_xml bad_ofd missing_file too_large bad_header "
    "unknown_version bad_period no_signers bad_picture bad_certificate critical_extension timestamp_malformed",
    failing(Status.BAD_SIGNATURE): "bad_signature algorithm_not_of_key bad_key timestamp_signature timestamp_no_signer",
    failing(Status.BAD_SIGNATURE, "HASH_FAILURE"): "document_changed digest_of_another_file file_changed no_references "
    "another_seal timestamp_of_other_bytes",
    failing(Status.BAD_SIGNATURE, "CRYPTO_CONSTRAINTS_FAILURE"): "weak_digest",
    failing(Status.BAD_SIGNATURE, "CHAIN_CONSTRAINTS_FAILURE"): "chain_signature_bad",
    failing(Status.UNKNOWN_ISSUER, "CHAIN_CONSTRAINTS_FAILURE"): "issuer_no_authority issuer_key_usage path_too_long "
    "issuer_not_in_force key_usage not_relied_upon",
    failing(Status.UNKNOWN_ISSUER, "SIG_CONSTRAINTS_FAILURE"): "signer_not_in_seal made_outside_certificate",
    failing(Status.REVOKED): "certificate_revoked seal_lost seal_superseded seal_canceled seal_not_in_use",
    failing(Status.SUSPENDED): "seal_frozen",
    leaving_open(Status.REVOKED, "REVOKED_NO_POE"): "seal_lost_no_proof",
    failing(Status.EXPIRED): "certificate_expired seal_expired",
    failing(Status.NOT_YET_VALID): "certificate_not_yet_valid seal_not_yet_valid signed_in_future",
    failing(Status.UNKNOWN, "TIMESTAMP_ORDER_FAILURE"): "created_after_timestamp signed_after_timestamp timestamp_in_future",
    failing(Status.UNKNOWN, "SIG_CONSTRAINTS_FAILURE"): "timestamp_certificate timestamp_no_chain",
    leaving_open(Status.UNKNOWN_ISSUER): "no_chain",
    leaving_open(Status.UNKNOWN_ISSUER, "OUT_OF_BOUNDS_NO_POE"): "key_compromised",
    leaving_open(Status.UNKNOWN): "no_crl crl_outdated crl_too_late crl_not_understood sm2_unavailable too_slow",
    leaving_open(Status.UNKNOWN, "SIGNED_DATA_NOT_FOUND"): "document_missing no_signature plain_signature",
    leaving_open(Status.UNKNOWN, "SIG_CONSTRAINTS_FAILURE"): "unsigned_files unknown_digest",
}
_TABLE = by_reason(_WEIGHTS)

SENTENCES: dict[Status, tuple[str, str]] = {
    Status.VALID: ("签章真实、完整，签署时有效。", "Genuine and unaltered; valid when it was signed."),
    Status.NOT_YET_VALID: ("尚未生效，或签署时间有误。", "Not yet in force, or its time of signing is wrong."),
    Status.EXPIRED: (
        "印章、证书或所载证照在所查时间不在有效期内。",
        "Seal, certificate or the license inside were out of their time at that moment.",
    ),
    Status.REVOKED: (
        "证书或所载证照已被吊销、撤销，不得采信。",
        "A certificate or the license inside was revoked; do not rely on it.",
    ),
    Status.SUSPENDED: (
        "印章已被冻结或所载证照已被暂扣，目前不得采信。",
        "The seal is frozen or the license suspended; do not rely on it for now.",
    ),
    Status.UNDER_OBJECTION: ("正在异议处理中，请稍后再查。", "Under objection; check later."),
    Status.SUPERSEDED: ("印章或所载证照已被替换，请提交新的。", "A newer seal or license replaced it; ask for that one."),
    Status.UNKNOWN_ISSUER: (
        "无法确认制章人或签章人的身份：其证书不出自所信任的机构，或无权使用此印章。",
        "Maker or signer cannot be confirmed: no trusted authority vouches for them, or the seal is not theirs to use.",
    ),
    Status.BAD_SIGNATURE: ("签章无效：内容被改动或系伪造，不得采信。", "Not genuine: altered or forged; do not rely on it."),
    Status.MALFORMED: ("不是可识别的电子印章、签章或 OFD 文件。", "Not a readable seal, seal signature or OFD file."),
    Status.ALREADY_USED: ("已被使用。", "Already used."),
    Status.UNKNOWN: (
        "目前无法得出结论，请补充缺少的材料；查明之前不得当作有效。",
        "No conclusion yet; supply what is missing and do not take it as valid.",
    ),
}  # fmt: skip
"""One sentence in Chinese and English for every status, as it is said of seals."""


def recognize(data: bytes) -> str | None:
    """What kind of file with a seal the bytes are meant to be, by their beginning; None when they are none.

    A file cut short or damaged further on is still recognized, so that it is called malformed rather than something else.
    """
    if is_package(data):
        return OFD
    at = _inside(data, _inside(data, 0))
    if at is None or at >= len(data):
        return None
    if data[at] == der.INTEGER:
        return SEAL_SIGNATURE if data[_header_end(data, at) + 1 :][:1] == b"\x30" else None
    header = _inside(data, at)
    return SEAL if header is not None and data[header : header + 2] in (b"\x16\x02", b"\x0c\x02", b"\x13\x02") else None


def _inside(data: bytes, at: int | None) -> int | None:
    """Where the content of a SEQUENCE begins."""
    if at is None or data[at : at + 1] != b"\x30" or len(data) < at + 2:
        return None
    return _header_end(data, at)


def _header_end(data: bytes, at: int) -> int:
    length = data[at + 1] if at + 1 < len(data) else 0
    return at + 2 + (length & 0x7F if length & 0x80 else 0)


def weigh_seals(findings: Sequence[Finding]) -> Weight:
    """The weight of the gravest finding."""
    return gravest([weight_of(each, _TABLE) for each in findings])


def digest_of_anchors(ground: Ground) -> str:
    """What names the anchors a verdict rests on."""
    joined = "".join(sorted(each.fingerprint for each in ground.anchors))
    return "sha256:" + hashlib.sha256(joined.encode()).hexdigest()
