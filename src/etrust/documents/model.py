"""What a document shows: the content of a face, its seal picture and its attachments. Pure; all lengths in millimeters."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class FaceRow:
    """One labeled value of a face (照面信息项).

    Attributes:
        name: English name by which the face places it: a field of the license type, ``holder_name`` and
            ``holder_code`` (with several holders ``holder_a_name`` …), ``number``, ``issued_on``, ``valid_from``,
            ``valid_until`` or ``issuing_authority``.
        label_zh: what the license type calls it; `label_ug` in Uyghur.
        value: as stored; a date as YYYY-MM-DD. An empty date is shown as 长期, any other empty value not at all.
        value_ug: the value in Uyghur where there is one, such as the authority's name.
        date: whether the value is a date.
    """

    name: str
    label_zh: str
    label_ug: str
    value: str
    value_ug: str = ""
    date: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels inside the document, such as the signed license data.

    Attributes:
        name: file name, such as ``license.json``.
        media_type: such as ``application/json``.
        data: its bytes.
        description: one line for the person who opens the list of attachments.
    """

    name: str
    media_type: str
    data: bytes
    description: str


@dataclass(frozen=True, slots=True)
class SealPicture:
    """The picture of a seal (印章图像) as SVG of paths, shown at exactly this size."""

    svg: bytes
    width_mm: float
    height_mm: float


@dataclass(frozen=True, slots=True)
class SealPlace:
    """Where the seal stands: `page` counts from 0, `x_mm` and `y_mm` are its top left corner from the page's, y down."""

    page: int
    x_mm: float
    y_mm: float
    width_mm: float
    height_mm: float


@dataclass(frozen=True, slots=True)
class Annotation:
    """What makes an annotated copy (加注件): made for one use, for one receiver, for a time.

    Attributes:
        number: of the copy, as its register has it.
        purpose: what it may be used for.
        recipient: who it is made for.
        valid_until: the last day it may be used.
    """

    number: str
    purpose: str
    recipient: str
    valid_until: date


@dataclass(frozen=True, slots=True)
class FaceContent:
    """Everything the face of one license shows; the same content gives the same bytes.

    Attributes:
        license_type: its name, which is also the name of the face in ``templates/faces/typst``.
        title_zh: the type's Chinese name; `title_ug` Uyghur.
        identifier: 电子证照标识 as text.
        rows: holders, elements and fields; a row the face does not place itself is added at the end.
        code: text of the QR code; empty leaves it out.
        attachments: files carried inside.
        seal: None leaves its place empty (a face made for OFD, whose reader draws the seal itself).
        made_at: the document's date; with a time zone.
        annotation: makes it an annotated copy.
        photo: JPEG or PNG of the holder, where the face has a place for it.
        uyghur: whether Uyghur lines stand under the Chinese ones.
    """

    license_type: str
    title_zh: str
    title_ug: str
    identifier: str
    rows: tuple[FaceRow, ...]
    code: str
    made_at: datetime
    attachments: tuple[Attachment, ...] = ()
    seal: SealPicture | None = None
    annotation: Annotation | None = None
    photo: bytes | None = None
    uyghur: bool = True


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One material on the page of a receipt.

    Attributes:
        name: Chinese, then Uyghur (which may be empty); so all pairs here.
        tone: ``good``, ``open`` or ``bad``: which mark stands beside `word`.
        license: what the license is called, and its short number; empty when there is none.
        told: what the fields told are called, in Chinese.
        note: a deadline, a reason.
    """

    name: tuple[str, str]
    tone: str
    word: tuple[str, str]
    license: tuple[str, str] = ("", "")
    told: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """Everything the page of a receipt (查验回执) shows; the same content gives the same bytes.

    Attributes:
        number: of the receipt; also in the title of the document.
        facts: label, value, both in Chinese and Uyghur.
        lists: digests of the lists it rests on, with what they are.
        cose: the receipt itself, attached.
        code: text of the QR code.
        body: who checked; under the seal.
    """

    number: str
    facts: tuple[tuple[tuple[str, str], tuple[str, str]], ...]
    lines: tuple[ReceiptLine, ...]
    lists: tuple[tuple[str, str], ...]
    body: tuple[str, str]
    checked_on: date
    cose: bytes
    code: str
    made_at: datetime
    seal: SealPicture | None = None
