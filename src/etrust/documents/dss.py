"""The validation data inside a PDF (Document Security Store, ETSI EN 319 142-1, section 5.4.2): written and added to.

Without VRI dictionaries, which that standard no longer recommends: the data speak for themselves.
"""

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.rw_common import PdfHandler

from etrust.documents.timestamper import ValidationData

_CERTS, _CRLS = "/Certs", "/CRLs"
_PURPOSES = {_CERTS: DecodePurpose.CERTIFICATE, _CRLS: DecodePurpose.CRL}


def extend_dss(writer: IncrementalPdfFileWriter, data: ValidationData) -> None:
    """Add those certificates and lists that are not inside yet."""
    root = writer.root
    store = _store(writer)
    if store is None:
        store = generic.DictionaryObject({pdf_name("/Type"): pdf_name("/DSS")})
        root[pdf_name("/DSS")] = writer.add_object(store)
        writer.update_root()
    changed = _add(writer, store, _CERTS, data.certificates) | _add(writer, store, _CRLS, data.crls)
    if changed:
        writer.update_container(store)


def read_dss(handler: PdfHandler) -> ValidationData:
    """What is inside; nothing for a PDF without a store."""
    store = _store(handler)
    if store is None:
        return ValidationData()
    return ValidationData(tuple(_streams(store, _CERTS)), tuple(_streams(store, _CRLS)))


def _store(handler: PdfHandler) -> generic.DictionaryObject | None:
    root = handler.root
    if "/DSS" not in root:
        return None
    found = root["/DSS"]  # get() would not follow the reference
    return found if isinstance(found, generic.DictionaryObject) else None


def _add(writer: IncrementalPdfFileWriter, store: generic.DictionaryObject, key: str, values: tuple[bytes, ...]) -> bool:
    known = set(_streams(store, key))
    fresh = [each for each in values if each not in known]
    if fresh:
        refs = [writer.add_object(generic.StreamObject(stream_data=each)) for each in fresh]
        store[pdf_name(key)] = generic.ArrayObject([*_refs(store, key), *refs])
    return bool(fresh)


def _refs(store: generic.DictionaryObject, key: str) -> list[generic.PdfObject]:
    return list(store[key]) if key in store else []


def _streams(store: generic.DictionaryObject, key: str) -> list[bytes]:
    return [ref.get_object().read_data(_PURPOSES[key]) for ref in _refs(store, key)]
