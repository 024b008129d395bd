"""What happened to a PDF after it was signed, and what to call it.

PyHanko's difference analysis decides whether a later revision may stand (validation data, timestamps, fields that the
signer opened). What may not stand is named here by what was touched: shadow attacks swap or uncover what lay hidden when
the document was signed (Mainka et al., 2021), evil annotations cover a certified document (Rohlmann et al., 2021), everything
else is an incremental save.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pyhanko.pdf_utils import generic, misc
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel, SuspiciousModification
from pyhanko.sign.fields import MDPPerm, enumerate_sig_fields
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from etrust.documents.pdf_overlays import empty_overlay, retold
from etrust.trust.findings import Finding, failed, passed

_OVERLAYS = frozenset({"/XObject", "/Font", "/FontDescriptor", "/Pattern", "/ExtGState"})
_PAGES = frozenset({"/Page", "/Pages", "/Catalog"})
_FILES = frozenset({"/EmbeddedFile", "/Filespec", "/F"})
_MAX_LOOKED_AT = 2_000
_ANNOTATIONS_ONLY = frozenset({"/Annots"})
READ_ERRORS = (misc.PdfError, ValueError, TypeError, KeyError, AttributeError, IndexError, AssertionError)


def check_changes(step: str, embedded: EmbeddedPdfSignature) -> Finding:
    """Whether the document still is what this signature stands for.

    Reasons: ``changed_after_signing``, ``shadow_content``, ``attachment_changed``, ``annotation_on_certified``; the notes
    ``validation_data_added`` and ``form_filled``.
    """
    result = embedded.diff_result
    if isinstance(result, DiffResult):
        return _beside(step, embedded, result) or _allowed(step, embedded, result)
    detail = " ".join(str(result).split())[:300] if isinstance(result, SuspiciousModification) else ""
    return failed(step, _name(embedded), detail)


def _beside(step: str, embedded: EmbeddedPdfSignature, result: DiffResult) -> Finding | None:
    """What speaks against the document although the differences may stand."""
    if result.modification_level is ModificationLevel.NONE:
        return None
    before = embedded.reader.get_historical_resolver(embedded.signed_revision)
    if covering := empty_overlay(embedded.reader, before):
        return failed(step, "shadow_content", f"an empty signature field with a picture: {covering}")
    said = retold(embedded.reader, before)
    return failed(step, "changed_after_signing", said) if said else None


def _allowed(step: str, embedded: EmbeddedPdfSignature, result: DiffResult) -> Finding:
    level, permitted = result.modification_level, embedded.docmdp_level
    if level is ModificationLevel.NONE:
        return passed(step)
    if level is ModificationLevel.LTA_UPDATES:
        return passed(step, "validation_data_added")
    if permitted is not None and level.value > permitted.value:
        return failed(step, _name(embedded), f"{level.name.lower()} where the signer allows {permitted.name.lower()}")
    filled = sorted(result.changed_form_fields - _signature_fields(embedded.reader))
    if filled and permitted is None:
        return failed(step, "changed_after_signing", f"fields filled in: {', '.join(filled)}"[:300])
    if level is ModificationLevel.ANNOTATIONS:
        return failed(step, "annotation_on_certified" if permitted else "changed_after_signing", "annotations")
    return passed(step, "form_filled" if filled else "signed_again", ", ".join(filled)[:300])


def _signature_fields(reader: PdfFileReader) -> set[str]:
    return {name for name, _, _ in enumerate_sig_fields(reader)}


@dataclass(frozen=True, slots=True)
class _Change:
    """One object that a later revision replaced, added or freed."""

    old: generic.PdfObject | None
    new: generic.PdfObject | None


def _name(embedded: EmbeddedPdfSignature) -> str:
    """What a change that may not stand is called."""
    try:
        before = embedded.reader.get_historical_resolver(embedded.signed_revision)
        changes = list(_changes(embedded.reader, embedded.signed_revision, before))
        if any(_kind(each.old) in _FILES for each in changes):
            return "attachment_changed"
        if _is_shadow(changes, before):
            return "shadow_content"
        if embedded.docmdp_level not in (None, MDPPerm.NO_CHANGES) and _only_annotations(changes):
            return "annotation_on_certified"
    except READ_ERRORS:
        return "changed_after_signing"
    return "changed_after_signing"


def _changes(reader: PdfFileReader, revision: int, before: HistoricalResolver) -> Iterator[_Change]:
    looked = 0
    for later in range(revision + 1, reader.xrefs.total_revisions):
        after = reader.get_historical_resolver(later)
        freed = reader.xrefs.refs_freed_in_revision(later)
        for reference in reader.xrefs.explicit_refs_in_revision(later) | freed:
            looked += 1
            if looked > _MAX_LOOKED_AT:
                return
            yield _Change(_read(before, reference), None if reference in freed else _read(after, reference))


def _read(resolver: HistoricalResolver, reference: generic.Reference) -> generic.PdfObject | None:
    try:
        found = resolver.get_object(reference)
    except READ_ERRORS:
        return None
    return None if isinstance(found, generic.NullObject) else found


def _kind(found: generic.PdfObject | None) -> str:
    if not isinstance(found, generic.DictionaryObject):
        return ""
    kind = str(found.get("/Type", ""))
    if not kind and found.get("/Subtype") in ("/Image", "/Form"):
        return "/XObject"
    return kind


def _is_shadow(changes: list[_Change], before: HistoricalResolver) -> bool:
    """Whether something drawn was swapped or taken away, or something that was there and unused came into use."""
    if any(_kind(each.old) in _OVERLAYS for each in changes):
        return True
    if any(_is_widget(each.old) and not _is_signature(each.old) for each in changes):
        return True
    used = {reference for _, reference in _links(before, before.root)} if changes else set()
    for change in changes:
        if _kind(change.old) in _PAGES or _kind(change.new) in _PAGES:
            for key, reference in _links_of(change.new):
                if reference not in used and _read(before, reference) is not None and key != "/Parent":
                    return True
    return False


def _is_widget(found: generic.PdfObject | None) -> bool:
    return isinstance(found, generic.DictionaryObject) and found.get("/Subtype") == "/Widget"


def _is_signature(found: generic.PdfObject | None) -> bool:
    return isinstance(found, generic.DictionaryObject) and found.get("/FT") == "/Sig"


def _only_annotations(changes: list[_Change]) -> bool:
    """Whether pages changed in nothing but their annotations."""
    pages = [each for each in changes if _kind(each.old) in _PAGES]
    for each in pages:
        old, new = each.old, each.new
        if not isinstance(old, generic.DictionaryObject) or not isinstance(new, generic.DictionaryObject):
            return False
        if {key for key in old.keys() | new.keys() if _raw(old, key) != _raw(new, key)} - _ANNOTATIONS_ONLY:
            return False
    return any(_kind(each.new) == "/Annot" or _has_subtype(each.new) for each in changes) or bool(pages)


def _has_subtype(found: generic.PdfObject | None) -> bool:
    return isinstance(found, generic.DictionaryObject) and "/Subtype" in found and "/Rect" in found


def _raw(found: generic.DictionaryObject, key: str) -> object:
    return found.raw_get(key) if key in found else None


def _links(resolver: HistoricalResolver, root: generic.PdfObject) -> Iterator[tuple[str, generic.Reference]]:
    """Every reference that can be reached from an object, with the key it stands under."""
    seen: set[generic.Reference] = set()
    waiting: list[generic.PdfObject] = [root]
    while waiting and len(seen) < _MAX_LOOKED_AT:
        for key, reference in _links_of(waiting.pop()):
            if reference not in seen:
                seen.add(reference)
                yield key, reference
                found = _read(resolver, reference)
                if found is not None:
                    waiting.append(found)


def _links_of(found: generic.PdfObject | None) -> Iterator[tuple[str, generic.Reference]]:
    """The references inside one object."""
    waiting: list[tuple[str, object]] = [("", found)]
    while waiting:
        key, each = waiting.pop()
        if isinstance(each, generic.IndirectObject):
            yield key, each.reference
        elif isinstance(each, generic.DictionaryObject):
            waiting += [(name, each.raw_get(name)) for name in each]
        elif isinstance(each, generic.ArrayObject):
            waiting += [(key, list.__getitem__(each, index)) for index in range(len(each))]
