"""The signature files of an OFD package (GB/T 33190, clause 18): the list, and Signature.xml with a digest of every file."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from etrust.documents import ofd_xml as xml
from etrust.documents.ofd_drawing import Box

LIST = "Doc_0/Signs/Signatures.xml"
SIGNATURE = "Doc_0/Signs/Sign_0/Signature.xml"
SEAL = "Doc_0/Signs/Sign_0/Seal.esl"
VALUE = "Doc_0/Signs/Sign_0/SignedValue.dat"
PROPERTY_INFO = "/" + SIGNATURE
SM2_WITH_SM3 = "1.2.156.10197.1.501"
_CHECK_METHOD = "SM3"
_SIGNATURE_ID, _STAMP_ID = "s001", "s002"


@dataclass(frozen=True, slots=True)
class Stamp:
    """Where the seal's picture is drawn: the ID of the page, and the place in millimeters."""

    page_id: int
    area: Box


def signature_list() -> bytes:
    """Signatures.xml with its one seal signature."""
    signature = xml.element("Signature", {"ID": _SIGNATURE_ID, "Type": "Seal", "BaseLoc": "/" + SIGNATURE})
    return xml.document("Signatures", None, xml.element("MaxSignId", text=_STAMP_ID), signature)


def signature_xml(file_digests: Mapping[str, bytes], stamp: Stamp, at: datetime) -> bytes:
    """Signature.xml: who signs and how, the SM3 digest of every file of the package, the place of the seal."""
    references = [
        xml.element("Reference", {"FileRef": "/" + name}, xml.element("CheckValue", text=base64.b64encode(value).decode("ascii")))
        for name, value in file_digests.items()
    ]
    info = xml.element(
        "SignedInfo", None,
        xml.element("Provider", {"ProviderName": "etrust", "Company": "etrust", "Version": version("etrust")}),
        xml.element("SignatureMethod", text=SM2_WITH_SM3),
        xml.element("SignatureDateTime", text=at.astimezone(UTC).strftime("%Y%m%d%H%M%SZ")),
        xml.element("References", {"CheckMethod": _CHECK_METHOD}, *references),
        xml.element("StampAnnot", {"ID": _STAMP_ID, "PageRef": str(stamp.page_id), "Boundary": xml.box(stamp.area)}),
        xml.element("Seal", None, xml.element("BaseLoc", text="/" + SEAL)),
    )  # fmt: skip
    return xml.document("Signature", None, info, xml.element("SignedValue", text="/" + VALUE))
