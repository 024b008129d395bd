"""Seals as machine output: plain data for the command line and the API."""

from etrust.seals.model import Grant, SealEvent, SealRecord, UseRecord


def seal_json(seal: SealRecord) -> dict[str, object]:
    """A seal as it stands now."""
    application = seal.application
    return {
        "code": seal.code, "name": application.title, "name_ug": application.name_ug, "kind": application.kind.value,
        "body": application.body, "license_types": list(application.license_types),
        "generation": int(application.generation), "state": seal.state.value, "since": seal.since.isoformat(),
        "record_number": seal.record_number, "replaces": application.replaces,
        "valid_from": None if seal.valid_from is None else seal.valid_from.isoformat(),
        "valid_until": None if seal.valid_until is None else seal.valid_until.isoformat(),
    }  # fmt: skip


def event_json(event: SealEvent) -> dict[str, object]:
    """One step of a seal's life."""
    return {
        "code": event.code, "step": event.step, "action": event.action.value, "state": event.state.value,
        "operator": event.operator, "body": event.body, "reason": event.reason, "legal_basis": event.legal_basis,
        "note": event.note, "at": event.at.isoformat(),
    }  # fmt: skip


def grant_json(grant: Grant) -> dict[str, object]:
    """One right of use."""
    return {
        "grant": grant.grant_id, "code": grant.code, "kind": grant.kind.value, "grantee": grant.grantee,
        "license_types": list(grant.license_types), "matters": list(grant.matters),
        "valid_from": grant.valid_from.isoformat(),
        "valid_until": None if grant.valid_until is None else grant.valid_until.isoformat(),
        "given_by": grant.given_by, "ended_at": None if grant.ended_at is None else grant.ended_at.isoformat(),
    }  # fmt: skip


def use_json(use: UseRecord) -> dict[str, object]:
    """One use."""
    return {
        "use": use.use_id, "code": use.code, "digest": use.digest.hex(), "license_type": use.purpose.license_type,
        "matter": use.purpose.matter, "document": use.purpose.document, "operator": use.operator, "body": use.body,
        "grant": use.grant_id, "at": use.at.isoformat(),
        "signed_at": None if use.signed_at is None else use.signed_at.isoformat(),
    }  # fmt: skip
