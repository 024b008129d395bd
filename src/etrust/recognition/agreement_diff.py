"""An agreement as plain facts, and how one differs from the one it replaces. Pure."""

from datetime import datetime

from etrust.recognition.agreements import Agreement

_LISTS = ("types", "seals", "matters")
_DUTIES = ("consent_only", "online_status", "receipt_owed")
TERMS = (*_LISTS, "max_list_age", *_DUTIES, "valid_from", "valid_until", "document")
"""What may differ, in the order it is shown."""


def facts_of(found: Agreement, at: datetime) -> dict[str, object]:
    """An agreement for programs and for the terminal."""
    return {
        "number": found.number, "region": found.region, "state": found.state(at).value,
        **{name: sorted(getattr(found, name)) for name in _LISTS},
        "max_list_age_seconds": int(found.max_list_age.total_seconds()), **{name: getattr(found, name) for name in _DUTIES},
        "valid_from": found.valid_from.isoformat(), "valid_until": found.valid_until.isoformat(), "replaces": found.replaces,
        "document": found.document, "reason": found.reason, "legal_basis": found.legal_basis, "proposed_by": found.proposed_by,
        "approved_by": found.approved_by, "ended_at": None if found.ended_at is None else found.ended_at.isoformat(),
    }  # fmt: skip


def differences(before: Agreement, after: Agreement) -> list[tuple[str, list[str], list[str]]]:
    """What differs: the name of the term, what only the older one has, what only the newer one has."""
    found = []
    for name in TERMS:
        old, new = _parts(getattr(before, name)), _parts(getattr(after, name))
        if old != new:
            found.append((name, [each for each in old if each not in new], [each for each in new if each not in old]))
    return found


def _parts(value: object) -> list[str]:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, datetime):
        return [value.isoformat()]
    return [str(value).lower() if isinstance(value, bool) else str(value)]
