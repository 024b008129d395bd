"""The receipt inside the PDF that shows it: is it good, does the page show that one, and did the same key sign both?"""

from collections.abc import Sequence
from dataclasses import replace

from etrust.credentials.receipt import read_receipt
from etrust.documents.reading import EmbeddedFile, Signatory
from etrust.errors import EtrustError
from etrust.trust.chains import Ground
from etrust.trust.findings import Finding, failed, passed, unknown
from etrust.verification.inside import Inside, Register
from etrust.verification.receipt_log import log_finding
from etrust.verification.receipts import entitlement, judge_receipt, signer_entitlement, told, weigh_receipt

RECEIPT_FILE = "receipt.cose"
"""The name under which a receipt travels inside its PDF."""


def judge_receipt_inside(
    files: Sequence[EmbeddedFile], signatories: Sequence[Signatory], title: str, *, register: Register | None, ground: Ground
) -> Inside | None:
    """Judge the receipt attached to a document; None when there is none."""
    attached = next((each for each in files if each.name == RECEIPT_FILE), None)
    if attached is None:
        return None
    try:
        signed = read_receipt(attached.data)
    except EtrustError as error:
        finding = failed("receipt.format", error.code, error.en)
        return Inside((finding,), weigh_receipt((finding,)))
    # The document's own timestamps are renewed; the receipt inside existed when the document was signed.
    at = next((each.proven for each in signatories if each.proven is not None), ground.now)
    judged = judge_receipt(signed, ground=replace(ground, now=min(at, ground.now)), prefix="receipt.")
    trust = None if register is None else register.trust
    findings = (
        *judged.findings, entitlement(signed, trust, judged.proven or signed.receipt.at, "receipt."),
        log_finding(signed, trust, "receipt."),
        _same_page(signed.receipt.id, title), *_signers(signatories, signed.receipt.region, register, ground),
    )  # fmt: skip
    evidence = {} if trust is None else {"trust_list": trust.digest}
    return Inside(findings, weigh_receipt(findings), told(signed, judged.proven), evidence)


def _same_page(number: str, title: str) -> Finding:
    shown = title.rpartition(" ")[2]
    if shown != number:
        return failed("receipt.face", "page_of_another_receipt", f"{shown[:40]}, attached {number}")
    return passed("receipt.face", detail=number)


def _signers(
    signatories: Sequence[Signatory], region: str, register: Register | None, ground: Ground
) -> list[Finding]:
    """Whoever signed the page needs a key for receipts, too: a page around a genuine receipt is anybody's otherwise."""
    if not signatories:
        return [unknown("receipt.signer", "signer_body_unknown")]
    trust = None if register is None else register.trust
    return [
        signer_entitlement(each.certificate, region, trust, each.proven or each.stated or ground.now, "receipt.signer")
        for each in signatories
    ]
