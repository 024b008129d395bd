"""The face of a license as PDF/A-3b: tagged, with fonts and attachments inside, set by Typst from `templates/faces/typst`.

A face is given its content as JSON and shows it as text, so nothing a license holds can run. The same content gives the
same bytes. Pure apart from reading templates and fonts; a call takes some twenty milliseconds and belongs in a worker.
Typst keeps threads of its own: start workers with spawn or forkserver, a fork of a process that has made a face hangs.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

import typst
import yaml

from etrust.documents.code_picture import code_svg
from etrust.documents.fonts import check_characters, font_folders
from etrust.documents.model import Annotation, Attachment, FaceContent, FaceRow, SealPicture, SealPlace
from etrust.errors import EtrustError, Kind
from etrust.resources import resource

STANDARD: Final = "a-3b"
"""ISO 19005-3, level B: the part that allows attachments of any kind."""

MAX_ATTACHED = 8 * 2**20
MAX_TEXT = 40_000
"""Characters of one face, all rows together: far above ten fields of 4,000."""

_lock = threading.Lock()


def render_face(content: FaceContent) -> bytes:
    """A PDF/A-3b of one license.

    Raises:
        EtrustError: ``no_face`` for a type without one, ``glyph_missing`` naming a character no font shows,
            ``face_too_large``, ``too_long`` (the code), or ``face_failed`` for a picture that cannot be read.
    """
    template = _template(content.license_type)
    _check_size(content)
    check_characters(_texts(content))
    return typeset(template, {"face": _data(content)}, content.made_at)


def typeset(template: Path, inputs: Mapping[str, object], made_at: datetime) -> bytes:
    """A PDF/A-3b of a template in the folder of the faces.

    Args:
        inputs: what the template reads, by name, each as JSON.

    Raises:
        EtrustError: ``face_failed``.
    """
    sent = {name: json.dumps(value, ensure_ascii=False) for name, value in inputs.items()}
    try:
        with _lock:  # a compiler serves one caller at a time
            pdf = _compiler().compile(template, format="pdf", sys_inputs=sent, pdf_standards=[STANDARD], timestamp=made_at)
    except typst.TypstError as error:
        raise EtrustError(
            Kind.INVALID, "face_failed", where=template.stem,
            zh=f"证照文书无法排版（{_reason(error)}）；请检查照片、印章图像与样式文件。",
            en=f"The face cannot be typeset ({_reason(error)}); check photo, seal picture and template.",
        ) from None  # fmt: skip
    assert isinstance(pdf, bytes)  # noqa: S101 - what the typesetter returns for a PDF
    return pdf


def seal_place(license_type: str, width_mm: float, height_mm: float) -> SealPlace:
    """Where a seal of this size stands on the face of a type: centered over the authority's name and the date.

    Raises:
        EtrustError: ``no_face`` for a type without one.
    """
    x, y = _place(license_type)["seal"]
    return SealPlace(0, x - width_mm / 2, y - height_mm / 2, width_mm, height_mm)


def page_size(license_type: str) -> tuple[float, float]:
    """Width and height of a type's paper.

    Raises:
        EtrustError: ``no_face`` for a type without one.
    """
    width, height = _place(license_type)["page"]
    return width, height


def _place(license_type: str) -> Mapping[str, tuple[float, float]]:
    place = _places().get(license_type)
    if place is None:
        raise EtrustError(
            Kind.NOT_FOUND, "no_face", where=license_type,
            zh=f"证照类型 {license_type} 没有文书样式；请在 templates/faces/typst 中增加样式与位置。",
            en=f"License type {license_type} has no face; add one and its place to templates/faces/typst.",
        )  # fmt: skip
    return place


@lru_cache(maxsize=1)
def _places() -> Mapping[str, Mapping[str, tuple[float, float]]]:
    found: Mapping[str, Mapping[str, tuple[float, float]]] = yaml.safe_load(folder().joinpath("places.yaml").read_text("utf-8"))
    return found


def folder() -> Path:
    """Where the templates of all faces are."""
    return resource("templates", "faces", "typst")


def _template(license_type: str) -> Path:
    _place(license_type)  # only a known name becomes part of a path
    return folder() / f"{license_type}.typ"


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    """One for the process: fonts are opened once. It reads only below the folder of the faces."""
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder) for folder in font_folders()]
    )
    nowhere = str(folder())  # packages would be fetched; none is used, and none is found here
    return typst.Compiler(root=str(folder()), font_paths=fonts, package_path=nowhere, package_cache_path=nowhere)


def _reason(error: typst.TypstError) -> str:
    """The first line of the complaint; the rest quotes the content."""
    return error.message.splitlines()[0][:100]


def _check_size(content: FaceContent) -> None:
    texts = sum(len(text) for _, text in _texts(content))
    attached = sum(len(attachment.data) for attachment in content.attachments) + len(content.photo or b"")
    if texts > MAX_TEXT or attached > MAX_ATTACHED:
        raise EtrustError(
            Kind.TOO_LARGE, "face_too_large", where=content.license_type,
            zh=f"文书内容过大：文字最多 {MAX_TEXT} 字，附件与照片合计最多 {MAX_ATTACHED // 2**20} MB。",
            en=f"Too much for one face: at most {MAX_TEXT} characters, attachments and photo {MAX_ATTACHED // 2**20} MB.",
        )  # fmt: skip


def _texts(content: FaceContent) -> Iterator[tuple[str, str]]:
    """Every text that is shown, with its place."""
    yield "title", content.title_zh + content.title_ug
    yield "identifier", content.identifier
    for row in content.rows:
        yield row.name, row.label_zh + row.label_ug + row.value + row.value_ug
    if content.annotation:
        yield "annotation", content.annotation.number + content.annotation.purpose + content.annotation.recipient


def _data(content: FaceContent) -> dict[str, object]:
    return {
        "type": content.license_type,
        "title": {"zh": content.title_zh, "ug": content.title_ug},
        "identifier": content.identifier,
        "uyghur": content.uyghur,
        "rows": [_row(row) for row in content.rows],
        "code": code_svg(content.code) if content.code else None,
        "seal": _seal(content.seal),
        "photo": _file(content.photo) if content.photo else None,
        "annotation": _annotation(content.annotation, content),
        "attachments": [_attachment(attachment) for attachment in content.attachments],
    }


def _row(row: FaceRow) -> dict[str, object]:
    return {
        "name": row.name, "label_zh": row.label_zh, "label_ug": row.label_ug, "value": row.value,
        "value_ug": row.value_ug, "date": row.date,
    }  # fmt: skip


def _seal(seal: SealPicture | None) -> dict[str, object] | None:
    return {"svg": seal.svg.decode(errors="replace"), "width": seal.width_mm, "height": seal.height_mm} if seal else None


def _annotation(annotation: Annotation | None, content: FaceContent) -> dict[str, str] | None:
    if annotation is None:
        return None
    return {
        "number": annotation.number, "purpose": annotation.purpose, "recipient": annotation.recipient,
        "until": annotation.valid_until.isoformat(), "made_on": content.made_at.date().isoformat(),
    }  # fmt: skip


def _attachment(attachment: Attachment) -> dict[str, object]:
    about = {"name": attachment.name, "type": attachment.media_type, "description": attachment.description}
    return {**about, **_file(attachment.data)}


def _file(data: bytes) -> dict[str, object]:
    """Text travels as text, anything else as numbers: JSON has no bytes, and Typst no base64."""
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"bytes": list(data)}
