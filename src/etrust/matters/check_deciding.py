"""From what was found to what the case goes on with: every material of a check, and what is chosen by hand afterwards. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from etrust.errors import EtrustError, Kind
from etrust.matters.case_model import CaseMaterial
from etrust.matters.check_judging import Choices, Sight, decide, is_absent, merge, substituted, substitutes
from etrust.matters.check_model import MaterialResult, Substitute
from etrust.matters.check_records import kept
from etrust.matters.check_waits import Wait
from etrust.matters.model import Matter, Outcome


def decide_all(
    matter: Matter, sights: Mapping[str, Sight], told: Mapping[str, Mapping[str, str]], wait: Wait,
    standing: Mapping[str, CaseMaterial], at: datetime,
) -> tuple[MaterialResult, ...]:
    """The result of every material in the order of the matter.

    Args:
        told: values by material; of satisfied ones only.
        standing: how the materials of the case stood before.
    """
    choices = Choices(frozenset(wait.commitments), frozenset(wait.deferrals), frozenset(wait.papers))
    parties = frozenset(each.party for each in wait.parties)
    optional = frozenset(party.key for party in matter.parties if not party.required)
    results = []
    for material in matter.materials:
        absent = is_absent(material, parties, optional)
        result = decide(material, sights[material.key], choices.of(material.key), at, absent=absent)
        result = merge(result, standing.get(material.key), material)
        results.append(replace(result, fields=dict(told.get(material.key, {}))))
    return tuple(results)


def choose(
    matter: Matter, standing: Mapping[str, CaseMaterial], chosen: Substitute, keys: Sequence[str], at: datetime
) -> tuple[CaseMaterial, ...]:
    """Let something stand for materials of a case that were checked and are not there.

    Raises:
        EtrustError: INVALID ``unknown_material``, ``not_allowed_for_material``; CONFLICT ``not_checked``,
            ``satisfied_already``.
    """
    known = {material.key: material for material in matter.materials}
    if not keys:
        raise _refused(Kind.INVALID, "unknown_material", "materials", "请指明材料。", "Name the materials.")
    stood = []
    for key in dict.fromkeys(keys):
        material, before = known.get(key), standing.get(key)
        if material is None:
            raise _refused(Kind.INVALID, "unknown_material", key[:40], "本事项没有此材料。", "The matter has no such material.")
        if before is None:
            raise _refused(Kind.CONFLICT, "not_checked", key, "此材料尚未查验，请先扫码。", "It was not checked yet; scan first.")
        if before.outcome in (Outcome.SATISFIED, Outcome.NOT_NEEDED):
            raise _refused(Kind.CONFLICT, "satisfied_already", key, "此材料已具备或无需提交。", "It is there, or not needed.")
        if chosen not in substitutes(material, before.found):
            raise _refused(
                Kind.INVALID, "not_allowed_for_material", key, "此材料不适用这种办理方式。", "That may not stand for it.",
            )
        result = MaterialResult(key, before.outcome, before.found, before.reason, identifier=before.license, region=before.region)
        stood.append(kept(substituted(result, material, chosen, at), matter.version))
    return tuple(stood)


def _refused(kind: Kind, code: str, where: str, zh: str, en: str) -> EtrustError:
    return EtrustError(kind, code, zh=zh, en=en, where=where)
