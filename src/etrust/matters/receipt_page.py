"""From a receipt to the content of its page. Pure: the same receipt gives the same page."""

import hashlib
from collections.abc import Mapping

from etrust.clock import BEIJING, official_date
from etrust.credentials.receipt import Receipt, ReceiptMaterial, read_receipt
from etrust.documents.model import ReceiptLine, ReceiptPage, SealPicture
from etrust.errors import EtrustError
from etrust.ids import LicenseIdentifier
from etrust.licenses.types import LicenseType
from etrust.licenses.types.labels import label_of
from etrust.matters.receipt_words import BASES, GROUNDS, LABELS, OUTCOMES

_NO_WORD = ("open", "", "")
_LISTS = ("信任列表", "状态列表")


def receipt_page(cose: bytes, types: Mapping[str, LicenseType], *, seal: SealPicture | None = None) -> ReceiptPage:
    """What the page of a signed receipt shows.

    Args:
        cose: the receipt; attached as it is.
        types: license types by name, for what the fields told are called.
        seal: of the body that checked, None when none may be shown.
    """
    receipt = read_receipt(cose).receipt
    return ReceiptPage(
        number=receipt.id, facts=_facts(receipt), lines=tuple(_line(each, types) for each in receipt.materials),
        lists=tuple(
            (name, each.hex())
            for name, lists in zip(_LISTS, (receipt.trust_lists, receipt.status_lists), strict=True) for each in lists
        ),
        body=(receipt.body_names[0] or receipt.body, receipt.body_names[1]), checked_on=official_date(receipt.at), cose=cose,
        code=code_text(receipt.id, cose), made_at=receipt.at, seal=seal,
    )  # fmt: skip


def code_text(number: str, cose: bytes) -> str:
    """What the QR code of a page says: the receipt's number, and the beginning of the SHA-256 of the receipt it belongs to."""
    return f"etrust-receipt:{number}?sha256={hashlib.sha256(cose).hexdigest()[:32]}"


def _facts(receipt: Receipt) -> tuple[tuple[tuple[str, str], tuple[str, str]], ...]:
    zh, ug, _ = receipt.matter_names
    ground = GROUNDS.get(receipt.ground, (receipt.ground, ""))
    why = "；".join(text for text in (ground[0], receipt.reason, receipt.legal_basis) if text)
    parties = "　".join(
        f"{party.names[0] or party.key}：{party.shown}（{BASES.get(party.basis, party.basis)}）" for party in receipt.parties
    )
    told = {
        "case": (receipt.case_number, ""), "matter": (zh, ug), "code": (f"{receipt.matter}　第 {receipt.version} 版", ""),
        "parties": (parties, ""), "checked": (f"{receipt.at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}", ""),
        "operator": (f"{receipt.operator}（{receipt.body}）", ""), "ground": (why, ground[1]),
    }  # fmt: skip
    return tuple((LABELS[name], value) for name, value in told.items() if value[0])


def _line(material: ReceiptMaterial, types: Mapping[str, LicenseType]) -> ReceiptLine:
    tone, zh, ug = OUTCOMES.get(material.outcome, _NO_WORD)
    found = types.get(material.license_type)
    name = material.type_names[0] or material.license_type
    return ReceiptLine(
        name=(material.names[0] or material.key, material.names[1]), tone=tone, word=(zh or material.outcome, ug),
        license=(name, _short(material.identifier)) if material.identifier else ("", ""),
        told=tuple(label_of(found, each)["zh"] if found else each for each in material.fields),
        note="" if material.deadline is None else f"补交期限 {material.deadline}",
    )  # fmt: skip


def _short(identifier: str) -> str:
    try:
        return LicenseIdentifier.parse(identifier).short
    except EtrustError:
        return identifier
