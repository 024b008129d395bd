"""Receipts (查验回执) judged: by the bytes, anchors, a trust list and revocation lists alone. No network, no database.

A receipt speaks of the past, so it is judged as of the moment its timestamp proves. Its signer's certificate must lead to an
anchor, and the trust list must say that the key is for receipts: the certificate says that of no purpose by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from etrust.credentials.receipt import RECEIPT, ReceiptMaterial, SignedReceipt
from etrust.documents.reading import Signatory
from etrust.errors import EtrustError
from etrust.signing import cose
from etrust.signing.verify import VerifyKey
from etrust.trust.chains import Ground, check_chain, check_key_usage, check_revocation, check_validity
from etrust.trust.crls import Crl, read_crls
from etrust.trust.findings import Finding, failed, passed, unknown
from etrust.trust.model import KeyEntry, Purpose, TrustSnapshot
from etrust.trust.timestamps import judge_token, read_token
from etrust.trust.x509 import Certificate, read_certificate
from etrust.verification.model import Status, Verdict
from etrust.verification.receipt_log import NOTES, log_finding
from etrust.verification.weights import Weight, by_reason, failing, gravest, leaving_open, weight_of

SKEW = timedelta(seconds=60)
"""How much later than its timestamp a receipt may say that it was checked: clocks of nodes differ."""

NAMES = {"zh": "查验回执", "ug": "تەكشۈرۈش ھۆججىتى", "en": "Receipt of a check"}

_WEIGHTS: dict[Weight, str] = {
    failing(Status.MALFORMED): "bad_cose bad_receipt bad_archive bad_manifest too_large bad_certificate bad_crl "
    "timestamp_malformed unreadable",
    failing(Status.BAD_SIGNATURE): "bad_signature timestamp_signature algorithm_not_of_key",
    failing(Status.BAD_SIGNATURE, "HASH_FAILURE"): "timestamp_of_other_bytes file_changed file_missing file_not_listed "
    "receipt_of_other_case trust_list_not_of_receipt bad_log_proof not_in_log",
    failing(Status.UNKNOWN_ISSUER, "SIG_CONSTRAINTS_FAILURE"): "key_not_for_receipts receipt_of_other_region key_usage "
    "issuer_no_authority issuer_key_usage path_too_long chain_signature_bad critical_extension not_relied_upon "
    "issuer_not_in_force "
    "timestamp_certificate timestamp_no_signer timestamp_no_chain",
    failing(Status.BAD_SIGNATURE, "SIG_CONSTRAINTS_FAILURE"): "page_of_another_receipt",
    failing(Status.UNKNOWN_ISSUER, "OUT_OF_BOUNDS_NO_POE"): "key_not_in_force key_compromised_before",
    failing(Status.NOT_YET_VALID): "certificate_not_yet_valid",
    failing(Status.EXPIRED, "OUT_OF_BOUNDS_NO_POE"): "certificate_expired",
    failing(Status.REVOKED): "certificate_revoked",
    failing(Status.UNKNOWN, "TIMESTAMP_ORDER_FAILURE"): "checked_after_timestamp timestamp_in_future",
    leaving_open(Status.UNKNOWN_ISSUER): "no_chain no_certificate no_trust_list unknown_key",
    leaving_open(Status.REVOKED, "REVOKED_NO_POE"): "key_compromised",
    leaving_open(Status.UNKNOWN, "OUT_OF_BOUNDS_NO_POE"): "no_timestamp",
    leaving_open(Status.EXPIRED, "OUT_OF_BOUNDS_NO_POE"): "timestamp_lapsed",
    leaving_open(Status.UNKNOWN): "no_crl crl_outdated crl_too_late crl_not_understood signer_body_unknown",
}  # fmt: skip
_TABLE = by_reason(_WEIGHTS)

SENTENCES: dict[Status, tuple[str, str]] = {
    Status.VALID: (
        "回执真实、完整，签署时间已由时间戳证明。",
        "The receipt is genuine and unaltered; a timestamp proves its time.",
    ),
    Status.NOT_YET_VALID: ("签署证书当时尚未生效。", "The signer's certificate was not yet valid."),
    Status.EXPIRED: (
        "时间戳证书已到期且未续期，现在无法证明签署时间。",
        "The certificate of its timestamp ended without renewal; nothing proves its time now.",
    ),
    Status.REVOKED: (
        "签署回执的证书已被吊销，不得采信。",
        "The certificate that signed it was revoked; do not rely on it.",
    ),
    Status.UNKNOWN_ISSUER: (
        "无法确认由谁签署，或该密钥无权签署回执。",
        "It is not known who signed it, or that key is not for receipts.",
    ),
    Status.BAD_SIGNATURE: (
        "内容被改动，或签名系伪造，不得采信。",
        "It was altered, or its signature is forged; do not rely on it.",
    ),
    Status.MALFORMED: ("内容无法读取，不是完好的回执或归档包。", "It cannot be read as a receipt or an archive package."),
    Status.UNKNOWN: ("目前无法得出结论，请补充缺少的材料。", "No conclusion yet; supply what is missing."),
}
"""One sentence in Chinese and English for every status a receipt can have."""


@dataclass(frozen=True, slots=True)
class JudgedReceipt:
    """What was found about a receipt, and the moment its timestamp proves (None when it proves none)."""

    findings: tuple[Finding, ...]
    proven: datetime | None = None


def judge_receipt(signed: SignedReceipt, *, ground: Ground, prefix: str = "") -> JudgedReceipt:
    """Signature, timestamp, certificate: everything but the trust list.

    Args:
        ground: anchors, lists and the present.
        prefix: of the names of steps, such as ``receipt.``.
    """
    try:
        chain = tuple(map(read_certificate, signed.certificates))
        lists = tuple(each for data in signed.crls for each in read_crls(data))
    except EtrustError as error:
        return JudgedReceipt((failed(f"{prefix}format", error.code, error.en),))
    if not chain:
        return JudgedReceipt((unknown(f"{prefix}issuer", "no_certificate"),))
    known = _with(ground, chain, lists)
    stamped = _stamp(signed, known, prefix)
    at = stamped.proven or signed.receipt.at
    findings = (
        passed(f"{prefix}format", detail=signed.receipt.id), _signature(signed, prefix), *stamped.findings,
        *_certificate(chain[0], at, stamped.proven, known, prefix),
    )  # fmt: skip
    return JudgedReceipt(findings, stamped.proven)


def _with(ground: Ground, chain: tuple[Certificate, ...], lists: Sequence[Crl]) -> Ground:
    return replace(ground, others=(*ground.others, *chain), crls=ground.crls.with_lists(lists))


def _signature(signed: SignedReceipt, prefix: str) -> Finding:
    step = f"{prefix}signature"
    try:
        VerifyKey.from_certificate(signed.certificates[0], signed.algorithm).check(signed.signature, signed.to_be_signed)
    except EtrustError as error:
        return failed(step, "bad_signature", error.code)
    return passed(step, detail=signed.algorithm.value)


def _stamp(signed: SignedReceipt, ground: Ground, prefix: str) -> JudgedReceipt:
    step = f"{prefix}timestamp"
    if signed.timestamp is None:
        return JudgedReceipt((unknown(step, "no_timestamp"),))
    judged = judge_token(step, signed.timestamp, over=cose.timestamped(signed.signature), ground=ground)
    if judged.time is None:
        return JudgedReceipt(judged.findings)
    lapsed = still_good(step, signed.timestamp, ground.now)
    if lapsed is not None:
        return JudgedReceipt((*judged.findings, lapsed))
    stated = signed.receipt.at
    if stated > judged.time + SKEW:
        late = failed(f"{prefix}time", "checked_after_timestamp", f"{stated.isoformat()}, {judged.time.isoformat()}")
        return JudgedReceipt((*judged.findings, late), judged.time)
    return JudgedReceipt((*judged.findings, passed(f"{prefix}time", detail=stated.isoformat())), judged.time)


def signatory_of(signed: SignedReceipt, proven: datetime | None) -> tuple[Signatory, ...]:
    """Who signed a receipt, for the report on the file; nobody where the certificate cannot be read."""
    try:
        own = read_certificate(signed.certificates[0])
    except (EtrustError, IndexError):
        return ()
    receipt = signed.receipt
    return (Signatory(own.name, receipt.body, own.encoded, receipt.at, proven, receipt.matter_names[0]),)


def still_good(step: str, token: bytes, now: datetime) -> Finding | None:
    """Why a token that was verified proves nothing any more: ``timestamp_lapsed`` once its certificate ended; else None."""
    signer = read_token(token).signer
    if signer is not None and now <= signer.not_after:
        return None
    return unknown(step, "timestamp_lapsed", "" if signer is None else signer.not_after.isoformat())


def _certificate(
    own: Certificate, at: datetime, proven: datetime | None, ground: Ground, prefix: str
) -> tuple[Finding, ...]:
    chain = check_chain(f"{prefix}chain", own, at=at, ground=ground)
    return (
        chain.finding, check_key_usage(f"{prefix}key_usage", own), check_validity(f"{prefix}validity", own, at),
        check_revocation(f"{prefix}revocation", chain, at=at, ground=ground, proven=proven),
    )  # fmt: skip


def entitlement(signed: SignedReceipt, trust: TrustSnapshot | None, at: datetime, prefix: str = "") -> Finding:
    """Whether the trust list has the key as one for receipts of its region at a moment.

    Reasons: ``no_trust_list``, ``unknown_key`` (unknown); ``key_not_for_receipts``, ``receipt_of_other_region``,
    ``key_not_in_force``, ``key_compromised_before``.
    """
    certificate = signed.certificates[0] if signed.certificates else b""
    return _entitled(certificate, signed.receipt.region, trust, at, f"{prefix}issuer")


def signer_entitlement(certificate: bytes, region: str, trust: TrustSnapshot | None, at: datetime, step: str) -> Finding:
    """The same for whoever signed the PDF of a receipt."""
    return _entitled(certificate, region, trust, at, step)


def _entitled(certificate: bytes, region: str, trust: TrustSnapshot | None, at: datetime, step: str) -> Finding:
    if trust is None:
        return unknown(step, "no_trust_list")
    entries = [each for each in trust.trust_list.keys if each.certificate == certificate]
    if not entries:
        return unknown(step, "unknown_key", f"trust list of {trust.trust_list.region}")
    entry = next((each for each in entries if each.purpose is Purpose.RECEIPT), None)
    if entry is None:
        return failed(step, "key_not_for_receipts", entries[0].purpose.value)
    reason = _against(entry, region, trust, at)
    return failed(step, reason, entry.kid.hex()) if reason else passed(step, detail=f"kid {entry.kid.hex()}")


def _against(entry: KeyEntry, region: str, trust: TrustSnapshot, at: datetime) -> str:
    if not region == trust.trust_list.region == entry.body:
        return "receipt_of_other_region"
    if not entry.valid_from <= at < entry.valid_until:
        return "key_not_in_force"
    if entry.compromised_since is not None and at >= entry.compromised_since:
        return "key_compromised_before"
    return ""


def weigh_receipt(findings: Sequence[Finding]) -> Weight:
    """The weight of the gravest finding."""
    return gravest([weight_of(each, _TABLE, NOTES) for each in findings])


def verify_receipt(signed: SignedReceipt, *, ground: Ground, trust: TrustSnapshot | None) -> Verdict:
    """The verdict on a receipt as of ``ground.now``.

    Args:
        trust: of the region that gave it, already verified; a receipt of a region whose list is not at hand stays open.
    """
    judged = judge_receipt(signed, ground=ground)
    return conclude_receipt(signed, judged.findings, judged.proven, ground=ground, trust=trust)


def conclude_receipt(
    signed: SignedReceipt, findings: Sequence[Finding], proven: datetime | None, *, ground: Ground, trust: TrustSnapshot | None
) -> Verdict:
    """The verdict from what `judge_receipt` found and what the trust list and the proof of the log say."""
    every = (*findings, entitlement(signed, trust, proven or signed.receipt.at), log_finding(signed, trust))
    weight = weigh_receipt(every)
    evidence = {} if trust is None else {"trust_list": trust.digest}
    return Verdict(
        verdict=weight.overall, sub_indication=weight.indication, status=weight.status, kind=RECEIPT, at=ground.now,
        findings=every, evidence=evidence, license=told(signed, proven),
    )  # fmt: skip


def told(signed: SignedReceipt, proven: datetime | None) -> dict[str, object]:
    """What a receipt says, as the `license` part of a verdict and for people."""
    receipt = signed.receipt
    zh, ug, en = receipt.body_names
    rows = [
        ("receipt", "回执编号", "ھۆججەت نومۇرى", "Receipt number", receipt.id),
        ("case_number", "办件编码", "ئىش بېجىرىش نومۇرى", "Case number", receipt.case_number),
        ("matter", "事项", "ئىش", "Matter", receipt.matter_names[0]),
        ("operator", "查验人", "تەكشۈرگۈچى", "Checked by", receipt.operator),
        ("checked_at", "查验时间", "تەكشۈرۈلگەن ۋاقىت", "Checked at", receipt.at.isoformat()),
        ("proven_at", "时间戳时间", "ۋاقىت تامغىسى", "Proved at", "" if proven is None else proven.isoformat()),
    ]
    return {
        "type": RECEIPT, "type_names": NAMES, "issuer": {"code": receipt.body, "name_zh": zh, "name_ug": ug, "name_en": en},
        "fields": [
            {"name": name, "zh": zh, "ug": ug, "en": en, "value": value} for name, zh, ug, en, value in rows if value
        ],
        "receipt": {
            "number": receipt.id, "region": receipt.region, "case_number": receipt.case_number, "step": receipt.step,
            "matter": receipt.matter, "version": receipt.version, "ground": receipt.ground, "reason": receipt.reason,
            "legal_basis": receipt.legal_basis, "operator": receipt.operator, "body": receipt.body,
            "checked_at": receipt.at.isoformat(), "proven_at": None if proven is None else proven.isoformat(),
            "parties": [{"key": each.key, "shown": each.shown, "basis": each.basis} for each in receipt.parties],
            "materials": [_told_material(each) for each in receipt.materials],
            "trust_lists": [_sha256(each) for each in receipt.trust_lists],
            "status_lists": [_sha256(each) for each in receipt.status_lists],
        },
    }  # fmt: skip


def _told_material(material: ReceiptMaterial) -> Mapping[str, object]:
    return {
        "key": material.key, "name": material.names[0], "outcome": material.outcome, "found": material.found,
        "verdict": material.verdict, "reason": material.reason, "identifier": material.identifier,
        "license_type": material.license_type, "region": material.region,
        "fields": {name: _sha256(digest) for name, digest in material.fields.items()},
        "deadline": None if material.deadline is None else material.deadline.isoformat(),
        "commitment": material.commitment,
    }  # fmt: skip


def _sha256(digest: bytes) -> str:
    return f"sha256:{digest.hex()}"
