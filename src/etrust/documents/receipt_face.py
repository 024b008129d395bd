"""The page of a receipt (查验回执) as PDF/A-3b, set by the same typesetter as the faces; the signed receipt is attached."""

from etrust.documents.code_picture import code_svg
from etrust.documents.face import folder, typeset
from etrust.documents.fonts import check_characters
from etrust.documents.model import ReceiptLine, ReceiptPage

TEMPLATE = "receipt.typ"


def render_receipt(page: ReceiptPage) -> bytes:
    """A PDF/A-3b of a receipt.

    Raises:
        EtrustError: ``glyph_missing`` naming a character no font shows, ``too_long`` (the code), ``face_failed``.
    """
    check_characters(_texts(page))
    return typeset(folder() / TEMPLATE, {"receipt": _data(page)}, page.made_at)


def _texts(page: ReceiptPage) -> list[tuple[str, str]]:
    """Every text that is shown, with its place."""
    return [
        *((label[0], "".join((*label, *value))) for label, value in page.facts), ("body", "".join(page.body)),
        *((line.name[0], "".join((*line.name, *line.word, *line.license, *line.told, line.note))) for line in page.lines),
    ]


def _data(page: ReceiptPage) -> dict[str, object]:
    seal = page.seal
    return {
        "number": page.number, "facts": [{"label": label, "value": value} for label, value in page.facts],
        "lines": [_line(line) for line in page.lines],
        "lists": [{"name": name, "digest": digest} for name, digest in page.lists],
        "body": page.body, "checked_on": page.checked_on.isoformat(), "cose": list(page.cose), "code": code_svg(page.code),
        "seal": seal and {"svg": seal.svg.decode(errors="replace"), "width": seal.width_mm, "height": seal.height_mm},
    }  # fmt: skip


def _line(line: ReceiptLine) -> dict[str, object]:
    return {
        "name": line.name, "tone": line.tone, "word": line.word, "license": line.license, "told": line.told, "note": line.note,
    }  # fmt: skip
