"""A check and a case as the JSON of the public face; names are stable."""

from etrust.matters.case_model import Case, CaseCheck, CaseEvent, CaseMaterial
from etrust.matters.check_model import MaterialResult, MatterCheck
from etrust.matters.model import Words


def check_json(check: MatterCheck) -> dict[str, object]:
    """The answer to a check, or a check that waits; of parties it tells basis and consent, never who they are."""
    return {
        "check": check.check_id, "state": check.state.value, "case_number": check.case_number, "step": check.step,
        "matter": check.matter, "version": check.version, "at": check.at.isoformat(), "ground": check.ground.value,
        "reason": check.reason, "legal_basis": check.legal_basis, "operator": check.operator, "body": check.body,
        "requests": dict(check.requests),
        "waits_until": None if check.waits_until is None else check.waits_until.isoformat(),
        "parties": {each.key: {"basis": each.acting.basis.value, "consent": each.grant} for each in check.parties},
        "materials": [_result(each) for each in check.materials],
        "lacking": [each.key for each in check.lacking],
        "form": dict(check.form), "evidence": {name: list(digests) for name, digests in check.evidence.items()},
        "receipt": check.receipt,
    }  # fmt: skip


def _result(result: MaterialResult) -> dict[str, object]:
    license_ = {
        "type": result.license_type, "identifier": result.identifier, "party": result.party, "region": result.region,
    }  # fmt: skip
    return {
        "key": result.key, "outcome": result.outcome.value, "found": result.found.value, "reason": result.reason,
        "may": [each.value for each in result.may], "license": license_ if result.identifier else None,
        "fields": dict(result.fields), "evidence": dict(result.evidence),
        "deadline": None if result.deadline is None else result.deadline.isoformat(),
        "commitment": None if result.commitment is None else words_json(result.commitment),
    }  # fmt: skip


def words_json(words: Words) -> dict[str, str]:
    """A text in three languages."""
    return {"zh": words.zh, "ug": words.ug, "en": words.en}


def case_json(case: Case) -> dict[str, object]:
    """A case with its history; there is no value of a license in it."""
    return {
        "case_number": case.number, "matter": case.matter, "version": case.version, "state": case.state.value,
        "body": case.body, "operator": case.operator, "opened_at": case.opened_at.isoformat(),
        "materials": [_material(each) for each in case.materials.values()],
        "events": [_event(each) for each in case.events], "checks": [_check(each) for each in case.checks],
    }  # fmt: skip


def _material(each: CaseMaterial) -> dict[str, object]:
    return {
        "key": each.material, "outcome": each.outcome.value, "found": each.found.value, "reason": each.reason,
        "step": each.step, "version": each.version, "party": each.party, "license": each.license, "region": each.region,
        "fields": list(each.fields), "evidence": list(each.evidence), "commitment": each.commitment,
        "deadline": None if each.deadline is None else each.deadline.isoformat(),
    }  # fmt: skip


def _event(each: CaseEvent) -> dict[str, object]:
    return {
        "step": each.step, "action": each.action.value, "state": each.state.value, "operator": each.operator,
        "body": each.body, "reason": each.reason, "at": each.at.isoformat(),
    }  # fmt: skip


def _check(each: CaseCheck) -> dict[str, object]:
    return {
        "check": each.check_id, "step": each.step, "ground": each.ground, "reason": each.reason,
        "legal_basis": each.legal_basis, "operator": each.operator, "body": each.body, "at": each.at.isoformat(),
        "consents": dict(each.parties), "evidence": {
            "trust_lists": list(each.trust_lists), "status_lists": list(each.status_lists),
        },
    }  # fmt: skip
