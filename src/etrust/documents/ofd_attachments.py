"""Attachments of an OFD document (GB/T 33190, clause 19): the list of them, and their files under names of our own."""

import re
from collections.abc import Sequence
from datetime import datetime

from etrust.documents import ofd_xml as xml
from etrust.documents.model import Attachment

FOLDER = "Doc_0/Attachs"
_SUFFIX = re.compile(r"\.([A-Za-z0-9]{1,8})$")
_KIB = 1024


def attachment_files(attachments: Sequence[Attachment], at: datetime) -> dict[str, bytes]:
    """Attachments.xml and the files; nothing without attachments.

    The name a person sees stands in the list; in the package a file is called by its number, so that no name can lead
    elsewhere or stand there twice.
    """
    if not attachments:
        return {}
    files, listed = {}, []
    for number, each in enumerate(attachments, 1):
        suffix = _SUFFIX.search(each.name)
        stored = f"attach_{number}.{suffix[1].lower()}" if suffix else f"attach_{number}"
        attributes = {
            "ID": f"a{number}", "Name": each.name, "Format": suffix[1].lower() if suffix else each.media_type,
            "CreationDate": at.isoformat(timespec="seconds"), "Size": xml.number(len(each.data) / _KIB), "Visible": "true",
            "Usage": each.description or "none",
        }  # fmt: skip
        listed.append(xml.element("Attachment", attributes, xml.element("FileLoc", text=stored)))
        files[f"{FOLDER}/{stored}"] = each.data
    return {f"{FOLDER}/Attachments.xml": xml.document("Attachments", None, *listed)} | files
