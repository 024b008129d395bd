"""Licenses that another region has of a party: what its answer is worth, and what of the credential a matter may learn. Pure.

Another region hands out credentials only, so what can be told is what a credential discloses. Of several holders the party
alone is told, as of licenses of this region.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from etrust.clock import official_date
from etrust.credentials.code import decode_code
from etrust.credentials.credential import parse
from etrust.credentials.model import Claims, FieldValue
from etrust.licenses.types import Element, Field, LicenseType, mask_number
from etrust.matters.check_judging import Sight, best, sight_of
from etrust.matters.model import Outcome
from etrust.matters.policy import Path, Place, paths
from etrust.onecode.model import Subject
from etrust.recognition.model import PartnerFinding, PartnerOutcome

NO_END = "长期"


def seen_elsewhere(findings: Iterable[PartnerFinding], license_type: str) -> Sight:
    """The best of what other regions answered; one that could not say makes the material unknown, never missing."""
    return best(_seen(finding, license_type) for finding in findings if finding.outcome is not PartnerOutcome.NONE)


def _seen(finding: PartnerFinding, license_type: str) -> Sight:
    if finding.verdict is None:
        return Sight(Outcome.UNKNOWN, finding.reason or finding.outcome.value, region=finding.region)
    return sight_of(
        finding.verdict, license_type=license_type, identifier=finding.identifier, region=finding.region, text=finding.code
    )


def told_elsewhere(text: str, license_type: LicenseType, subject: Subject, names: Sequence[str]) -> dict[str, str]:
    """Exactly the named values that a credential discloses; what it does not disclose is left out.

    Args:
        text: of the credential, judged and good.
    """
    claims = parse(decode_code(text)).claims
    values = ((path.name, _value(path, claims, license_type, subject)) for path in paths(license_type, names))
    return {name: value for name, value in values if value}


def _value(path: Path, claims: Claims, license_type: LicenseType, subject: Subject) -> str:
    if path.place is Place.OWN:
        # The credential bears the party's name and masked code (recognition.judging), so they are the party's own.
        return subject.name if path.key == "0" else subject.code
    if path.place is Place.HOLDER:
        return _of_holder(path, claims, license_type, subject)
    if path.key in ("valid_from", "valid_until"):
        return _day(path.key, claims)
    return _text(claims.fields.get(_claims_of(license_type).get(path.key, 0)))


def _claims_of(license_type: LicenseType) -> Mapping[str, int]:
    parts: list[Element | Field] = [*license_type.elements.values(), *license_type.fields]
    return {part.name: part.claim for part in parts if part.claim is not None}


def _of_holder(path: Path, claims: Claims, license_type: LicenseType, subject: Subject) -> str:
    position, part = (int(number) for number in path.key.split(","))
    told = claims.fields.get(license_type.holder_claims[part], [])
    value = told[position] if isinstance(told, list) and position < len(told) else ""
    return subject.code if part == 1 and value == mask_number(subject.code) else value


def _day(name: str, claims: Claims) -> str:
    if name == "valid_from":
        return "" if claims.not_before is None else official_date(claims.not_before).isoformat()
    return NO_END if claims.expires is None else _last_day(claims).isoformat()


def _last_day(claims: Claims) -> date:
    assert claims.expires is not None  # noqa: S101 - the caller has looked; this tells the type checker
    # `expires` is the first moment no longer covered; the day before it is the last valid day.
    return official_date(claims.expires - timedelta(seconds=1))


def _text(value: FieldValue | None) -> str:
    return "、".join(value) if isinstance(value, list) else value or ""
