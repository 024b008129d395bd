"""A face as an OFD package (GB/T 33190) with a seal signature (GB/T 38540): made from the PDF of the face.

The seal's picture is not part of the page: a reader takes it out of Seal.esl and draws it where the StampAnnot says, so the
PDF has to be one whose seal was left out. The package is made file by file, all of them are digested into Signature.xml, and
what signs that digest is injected. Same input, same bytes, up to the signature itself.
"""

import hashlib
import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from etrust.documents import ofd_xml as xml
from etrust.documents.model import Attachment, SealPlace
from etrust.documents.ofd_attachments import attachment_files
from etrust.documents.ofd_drawing import Box
from etrust.documents.ofd_images import PictureFile, picture_file
from etrust.documents.ofd_lines import gather
from etrust.documents.ofd_page import Resources, page_xml
from etrust.documents.ofd_programs import Program
from etrust.documents.ofd_reading import Gathered, read_page
from etrust.documents.ofd_signature import LIST, PROPERTY_INFO, SEAL, SIGNATURE, VALUE, Stamp, signature_list, signature_xml
from etrust.documents.ofd_source import SourceDocument, read_pdf
from etrust.errors import EtrustError, Kind
from etrust.signing import digests
from etrust.signing.sm2 import SM3

DOCUMENT = "Doc_0/Document.xml"
_ATTACHMENTS = "Attachs/Attachments.xml"
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
_FILE_MODE = 0o100644 << 16
_CREATOR = "etrust"


@dataclass(frozen=True, slots=True)
class _Body:
    """The files of the document without its signature, and the IDs of the pages."""

    files: dict[str, bytes]
    page_ids: tuple[int, ...]


def make_ofd(
    face_pdf: bytes, *, attachments: Sequence[Attachment], seal_esl: bytes, seal_place: SealPlace, at: datetime,
    sign: Callable[[bytes, str], bytes],
) -> bytes:
    """The OFD file of a face, sealed.

    Args:
        face_pdf: the face without its seal's picture (`render_face` with `seal=None`).
        attachments: files that travel inside; every one is covered by the signature.
        seal_esl: the seal (SESeal), written as Seal.esl.
        seal_place: where the reader draws the seal's picture.
        at: when it is sealed; with a time zone.
        sign: given the SM3 digest of Signature.xml and its path (propertyInfo), gives the SES_Signature.

    Raises:
        EtrustError: ``page_not_understood``: the face holds what cannot be turned into OFD; ``bad_seal_place``.
    """
    body = _body(read_pdf(face_pdf), attachments, at)
    if not 0 <= seal_place.page < len(body.page_ids):
        raise EtrustError(
            Kind.INVALID, "bad_seal_place", where=f"page {seal_place.page}",
            zh="印章所在页不存在，请检查版面模板。",
            en="The page that the seal belongs on does not exist. Check the face's template.",
        )  # fmt: skip
    files = body.files | {LIST: signature_list(), SEAL: seal_esl}
    stamp = Stamp(body.page_ids[seal_place.page], Box(
        seal_place.x_mm, seal_place.y_mm, seal_place.x_mm + seal_place.width_mm, seal_place.y_mm + seal_place.height_mm
    ))  # fmt: skip
    files[SIGNATURE] = signature_xml({name: digests.digest(SM3, [data]) for name, data in files.items()}, stamp, at)
    files[VALUE] = sign(digests.digest(SM3, [files[SIGNATURE]]), PROPERTY_INFO)
    return _packed(files)


def _body(source: SourceDocument, attachments: Sequence[Attachment], at: datetime) -> _Body:
    gathered = Gathered()
    drawn = [read_page(page, gathered) for page in source.pages]
    ids = count(1)
    programs = {key: Program(font) for key, font in gathered.fonts.items()}
    fonts, images = {key: next(ids) for key in programs}, {key: next(ids) for key in gathered.images}
    resources = Resources(fonts, programs, images)
    files: dict[str, bytes] = {}
    page_ids = []
    for number, (page, items) in enumerate(zip(source.pages, drawn, strict=True)):
        page_ids.append(next(ids))
        pieces = list(gather(items, lambda font, glyph: programs[font].outline(glyph)))
        files[f"Doc_0/Pages/Page_{number}/Content.xml"] = page_xml(page.width, page.height, pieces, resources, ids)
    pictures = {key: picture_file(image) for key, image in gathered.images.items()}
    files |= _font_files(resources) | _image_files(images, pictures) | attachment_files(attachments, at)
    head = {"OFD.xml": _root(source, face_digest=files, at=at), DOCUMENT: _document(source, page_ids, next(ids), files)}
    return _Body(head | files, tuple(page_ids))


def _root(source: SourceDocument, *, face_digest: dict[str, bytes], at: datetime) -> bytes:
    """OFD.xml. The document's ID comes from its content, so that the same content has the same one."""
    digest = hashlib.sha256()
    for name, data in sorted(face_digest.items()):
        digest.update(f"{name} {len(data)} ".encode() + data)
    information = xml.element(
        "DocInfo", None, xml.element("DocID", text=digest.hexdigest()[:32]), xml.element("Title", text=source.title),
        xml.element("CreationDate", text=at.date().isoformat()), xml.element("Creator", text=_CREATOR),
    )  # fmt: skip
    body = xml.element(
        "DocBody", None, information, xml.element("DocRoot", text=DOCUMENT), xml.element("Signatures", text="/" + LIST)
    )
    return xml.document("OFD", {"Version": "1.0", "DocType": "OFD"}, body)


def _document(source: SourceDocument, page_ids: list[int], last: int, files: dict[str, bytes]) -> bytes:
    first = source.pages[0]
    area = xml.element("PageArea", None, xml.element("PhysicalBox", text=xml.box(Box(0, 0, first.width, first.height))))
    resources = [xml.element(name, text=f"{name}.xml") for name in ("PublicRes", "DocumentRes") if f"Doc_0/{name}.xml" in files]
    common = xml.element("CommonData", None, xml.element("MaxUnitID", text=str(last)), area, *resources)
    pages = [
        xml.element("Page", {"ID": str(number), "BaseLoc": f"Pages/Page_{index}/Content.xml"})
        for index, number in enumerate(page_ids)
    ]
    has_files = f"Doc_0/{_ATTACHMENTS}" in files
    attached = [xml.element("Attachments", text=_ATTACHMENTS)] if has_files else []
    return xml.document("Document", None, common, xml.element("Pages", None, *pages), *attached)


def _font_files(resources: Resources) -> dict[str, bytes]:
    """PublicRes.xml and the programs it names."""
    if not resources.fonts:
        return {}
    files, listed = {}, []
    for key, number in resources.fonts.items():
        program = resources.programs[key]
        name = f"font_{number}.ttf"
        files[f"Doc_0/Res/{name}"] = program.write()
        attributes = {"ID": str(number), "FontName": program.source.name, "FamilyName": program.source.name, "Charset": "unicode"}
        listed.append(xml.element("Font", attributes, xml.element("FontFile", text=name)))
    res = xml.document("Res", {"BaseLoc": "Res"}, xml.element("Fonts", None, *listed))
    return {"Doc_0/PublicRes.xml": res} | files


def _image_files(numbers: dict[str, int], pictures: dict[str, PictureFile]) -> dict[str, bytes]:
    """DocumentRes.xml and the pictures it names."""
    if not pictures:
        return {}
    files, listed = {}, []
    for key, picture in pictures.items():
        name = f"image_{numbers[key]}.{picture.suffix}"
        files[f"Doc_0/Res/{name}"] = picture.data
        attributes = {"ID": str(numbers[key]), "Type": "Image", "Format": picture.format}
        listed.append(xml.element("MultiMedia", attributes, xml.element("MediaFile", text=name)))
    res = xml.document("Res", {"BaseLoc": "Res"}, xml.element("MultiMedias", None, *listed))
    return {"Doc_0/DocumentRes.xml": res} | files


def _packed(files: dict[str, bytes]) -> bytes:
    """The ZIP file: entries in the order given, all of one date, nothing of this machine in it."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, _FILE_MODE, 3
            package.writestr(entry, data)
    return archive.getvalue()
