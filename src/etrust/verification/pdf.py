"""What the findings about a PDF weigh, in the words of ETSI EN 319 102-1."""

from collections.abc import Sequence

from etrust.verification.model import Finding, Status
from etrust.verification.weights import Weight, by_reason, failing, gravest, leaving_open, weight_of

PDF = "pdf"
NOTES = frozenset({"timestamp_not_trusted"})
"""Unknown, but without weight: a timestamp that proves nothing takes nothing from a signature that stands without it."""

_WEIGHTS: dict[Weight, str] = {
    failing(Status.MALFORMED): "bad_pdf unknown_file too_large too_complex reader_failed bad_frame",
    leaving_open(Status.MALFORMED, "SIGNED_DATA_NOT_FOUND"): "encrypted",
    failing(Status.BAD_SIGNATURE): "bad_signature universal_forgery timestamp_signature",
    failing(Status.BAD_SIGNATURE, "FORMAT_FAILURE"): "bad_signature_structure timestamp_malformed byte_range "
    "signature_wrapping",
    failing(Status.BAD_SIGNATURE, "HASH_FAILURE"): "document_changed timestamp_of_other_bytes changed_after_signing "
    "shadow_content attachment_changed annotation_on_certified revision_not_covered unsigned_tail signature_removed bad_revision "
    "visible_timestamp",
    failing(Status.UNKNOWN_ISSUER, "CHAIN_CONSTRAINTS_FAILURE"): "chain_not_valid key_usage",
    failing(Status.UNKNOWN_ISSUER, "SIG_CONSTRAINTS_FAILURE"): "not_entitled document_of_another_body",
    failing(Status.BAD_SIGNATURE, "SIG_CONSTRAINTS_FAILURE"): "copy_of_another_license "
    "face_of_another_license bad_annotation bad_license_data",
    failing(Status.REVOKED): "certificate_revoked",
    failing(Status.NOT_YET_VALID): "certificate_not_yet_valid signed_in_future",
    failing(Status.UNKNOWN, "TIMESTAMP_ORDER_FAILURE"): "signed_after_timestamp timestamp_in_future",
    failing(Status.EXPIRED): "copy_expired",
    leaving_open(Status.UNKNOWN_ISSUER): "no_chain",
    leaving_open(Status.REVOKED, "REVOKED_NO_POE"): "revoked_no_proof",
    leaving_open(Status.EXPIRED, "EXPIRED"): "certificate_expired",
    leaving_open(Status.EXPIRED, "OUT_OF_BOUNDS_NO_POE"): "expired_no_proof",
    leaving_open(Status.UNKNOWN, "CRYPTO_CONSTRAINTS_FAILURE"): "weak_digest weak_key",
    leaving_open(Status.UNKNOWN): "no_crl crl_outdated too_slow signer_body_unknown",
    leaving_open(Status.UNKNOWN, "SIGNED_DATA_NOT_FOUND"): "no_signature only_timestamps",
}
_TABLE = by_reason(_WEIGHTS)
_WEIGHED_BEFORE = frozenset(
    f"license.{step}" for step in ("format", "issuer", "signature", "entitlement", "validity", "status")
)


def weigh_pdf(findings: Sequence[Finding]) -> Weight:
    """The weight of the gravest finding; what the license's own verifier found is weighed by that verifier."""
    return gravest([weight_of(each, _TABLE, NOTES) for each in findings if each.step not in _WEIGHED_BEFORE])


def weigh_signatures(findings: Sequence[Finding]) -> list[Weight]:
    """The weight of each signature, by its number; what is found about the whole file weighs on all of them."""
    numbers = sorted({int(first) for each in findings if (first := each.step.partition(".")[0]).isdecimal()})
    return [weigh_pdf([each for each in findings if _is_about(each, number)]) for number in numbers]


def _is_about(finding: Finding, number: int) -> bool:
    first = finding.step.partition(".")[0]
    return first == str(number) or not first.isdecimal()


SENTENCES: dict[Status, tuple[str, str]] = {
    Status.VALID: (
        "文件真实、完整，签署时有效。",
        "Genuine and unaltered; validly signed.",
    ),
    Status.NOT_YET_VALID: (
        "签名证书尚未生效，或签署时间有误。",
        "The certificate was not yet valid, or the signing time is wrong.",
    ),
    Status.EXPIRED: (
        "签名证书已过期且无法证明签署时间，或加注件已过使用期限。",
        "The certificate ended and nothing proves when it signed, or this copy's time is over.",
    ),
    Status.REVOKED: (
        "签名证书或所载证照已被吊销、撤销，不得采信。",
        "The certificate or the license inside was revoked; do not rely on it.",
    ),
    Status.SUSPENDED: (
        "所载证照已被暂扣，目前不得采信。",
        "The license inside is suspended; do not rely on it for now.",
    ),
    Status.UNDER_OBJECTION: (
        "所载证照正在异议处理中，请稍后再查。",
        "The license inside is under objection; check later.",
    ),
    Status.SUPERSEDED: (
        "所载证照已被新版本替代，请提交新证照。",
        "A newer version replaced the license inside; ask for that one.",
    ),
    Status.UNKNOWN_ISSUER: (
        "无法确认签署人的身份：其证书不出自所信任的机构。",
        "The signer cannot be confirmed: no trusted authority vouches for him.",
    ),
    Status.BAD_SIGNATURE: (
        "文件在签署后被改动，或签名系伪造，不得采信。",
        "The file was changed after it was signed, or the signature is forged; do not rely on it.",
    ),
    Status.MALFORMED: (
        "文件无法读取，或过于复杂。",
        "The file cannot be read, or is too complex.",
    ),
    Status.ALREADY_USED: (
        "已被使用。",
        "Already used.",
    ),
    Status.UNKNOWN: (
        "目前无法得出结论，请补充缺少的材料；查明之前不得当作有效。",
        "No conclusion yet; supply what is missing and do not take it as valid.",
    ),
}  # fmt: skip
"""One sentence in Chinese and English for every status, as it is said of signed files."""
