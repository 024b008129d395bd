"""What a matter may learn: the answer is built from the matter's own list of fields, never cut out of a whole license. Pure.

A field that no demand names has no place in any query that a check makes, so nothing has to be taken away afterwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from etrust.errors import EtrustError, Kind
from etrust.licenses.types import LicenseType
from etrust.matters.check_model import MaterialResult
from etrust.matters.model import FormField, Material, Matter

OWN_NAME, OWN_CODE = "holder_name", "holder_code"


class Place(StrEnum):
    """Where in a license a value is."""

    ELEMENT = "element"  # an element of GB/T 36903
    OWN = "own"  # of the holder who is the party
    HOLDER = "holder"  # of the holder in one position
    FIELD = "field"  # a field of the type's own


@dataclass(frozen=True, slots=True)
class Path:
    """How one value is reached.

    Attributes:
        name: as the matter calls it.
        key: name of the element or field; ``position,0`` for a holder's name, ``position,1`` for the code.
    """

    name: str
    place: Place
    key: str


def paths(license_type: LicenseType, names: Sequence[str]) -> tuple[Path, ...]:
    """How the named values of a license are reached; a name that the type does not have leads nowhere.

    ``holder_name`` and ``holder_code`` are the party's own. Another holder of the same license (the other spouse) is told
    only where the matter names that position: ``holder_a_name``, ``holder_b_code``.
    """
    known = _places(license_type)
    return tuple(known[name] for name in dict.fromkeys(names) if name in known)


def _places(license_type: LicenseType) -> dict[str, Path]:
    found = {OWN_NAME: Path(OWN_NAME, Place.OWN, "0"), OWN_CODE: Path(OWN_CODE, Place.OWN, "1")}
    if len(license_type.holders) > 1:
        for position, role in enumerate(license_type.holders):
            found[f"{role.name}_name"] = Path(f"{role.name}_name", Place.HOLDER, f"{position},0")
            found[f"{role.name}_code"] = Path(f"{role.name}_code", Place.HOLDER, f"{position},1")
    found |= {name: Path(name, Place.ELEMENT, name) for name in license_type.elements}
    return found | {field.name: Path(field.name, Place.FIELD, field.name) for field in license_type.fields}


def narrowed(matter: Matter, asked: Mapping[str, tuple[str, ...]] | None) -> Matter:
    """The matter as this one check needs it: nobody is asked for, consents to, or is told more than was asked.

    Args:
        asked: names of fields by material; None for all that the matter has. Of a material that is not among them
            only the outcome is told.

    Raises:
        EtrustError: FORBIDDEN ``more_than_allowed`` for a material or a field that is not the matter's.
    """
    if asked is None:
        return matter
    allowed = {
        material.key: {name for demand in material.satisfied_by for name in demand.fields} for material in matter.materials
    }
    for material, names in asked.items():
        if material not in allowed or not allowed[material].issuperset(names):
            raise EtrustError(
                Kind.FORBIDDEN, "more_than_allowed", where=f"fields.{material[:40]}",
                zh="所要的信息超出本事项允许的范围，已拒绝并记录。",
                en="This is more than the matter allows; it was refused and recorded.",
            )
    return replace(matter, materials=tuple(_narrowed(each, asked.get(each.key, ())) for each in matter.materials))


def _narrowed(material: Material, names: Sequence[str]) -> Material:
    demands = [
        replace(demand, fields=tuple(name for name in demand.fields if name in names)) for demand in material.satisfied_by
    ]
    return replace(material, satisfied_by=tuple(demands))


def prefilled(form: Sequence[FormField], results: Sequence[MaterialResult]) -> dict[str, str]:
    """The fields of the matter's form that what was told fills in."""
    told = {f"{result.key}.{name}": value for result in results for name, value in result.fields.items()}
    return {field.name: told[field.source] for field in form if field.source in told}
