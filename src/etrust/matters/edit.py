"""Changes of a matter, one form at a time: its own words, one material, and the form fields that go with it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from etrust.errors import EtrustError, Kind
from etrust.ids.matter import MATTER_TYPES, MatterCode
from etrust.licenses.types import LicenseType
from etrust.matters.fields import told_fields
from etrust.matters.model import Demand, FormField, Material, Matter, Party, Standing, Words
from etrust.matters.rules import APPLICANT
from etrust.onecode.model import Ground

_MAX_KEY = 40


@dataclass(frozen=True, slots=True)
class MaterialForm:
    """A material as its form was filled in.

    Attributes:
        material: without `review`, and its demands without fields.
        filled: fields that fill the form.
        review: fields that the clerk looks at.
    """

    material: Material
    filled: tuple[str, ...]
    review: tuple[str, ...]


def new_matter(code: str, name: Words, legal_basis: str) -> Matter:
    """A matter that has nothing yet but an applicant.

    Raises:
        EtrustError: the codes of `MatterCode.parse`.
    """
    parts = MatterCode.parse(code)
    return Matter(
        code=parts.text, version=1, name=name, kind=MATTER_TYPES[parts.kind], body=parts.body, level=parts.level, theme="",
        grounds=frozenset({Ground.CONSENT}), parties=(Party(APPLICANT, Words("申请人", "ئىلتىماسچى", "Applicant"), ("111",)),),
        materials=(), form=(), days=0, legal_basis=legal_basis, standing=Standing.DRAFT, elements=MappingProxyType({}),
    )  # fmt: skip


def with_material(matter: Matter, key: str, given: MaterialForm, types: Mapping[str, LicenseType]) -> Matter:
    """The matter with a material put in the place of the one with that key, or at the end.

    Each license tells of the fields wanted those that it has. The form keeps the fields of other materials, and what a
    field is called already.

    Raises:
        EtrustError: ``duplicate_key``: another material has the new key.
    """
    material = given.material
    others = [each.key for each in matter.materials if each.key != key]
    if material.key in others:
        raise EtrustError(
            Kind.INVALID, "duplicate_key", where="key", zh="已有同名标识的材料。", en="Another material has this key."
        )
    wanted = (*given.filled, *given.review)
    made = replace(
        material, satisfied_by=tuple(_telling(demand, wanted, types) for demand in material.satisfied_by), review=given.review
    )
    there = any(each.key == key for each in matter.materials)
    materials = [made if each.key == key else each for each in matter.materials] if there else [*matter.materials, made]
    return replace(matter, materials=tuple(materials), form=_form(matter, key, made, given.filled, types))


def without_material(matter: Matter, key: str) -> Matter:
    """The matter without a material and without the form fields that it filled."""
    return replace(
        matter, materials=tuple(each for each in matter.materials if each.key != key),
        form=tuple(field for field in matter.form if field.source.partition(".")[0] != key),
    )  # fmt: skip


def form_fields_of(matter: Matter, key: str) -> tuple[str, ...]:
    """The fields of a material that fill the form."""
    sources = (field.source.partition(".") for field in matter.form)
    return tuple(name for material, _, name in sources if material == key)


def _telling(demand: Demand, wanted: Sequence[str], types: Mapping[str, LicenseType]) -> Demand:
    known = told_fields(types[demand.license_type])
    return replace(demand, fields=tuple(name for name in dict.fromkeys(wanted) if name in known))


def _form(
    matter: Matter, key: str, material: Material, filled: Sequence[str], types: Mapping[str, LicenseType]
) -> tuple[FormField, ...]:
    kept: list[FormField] = []
    mine = {field.source.partition(".")[2]: field for field in matter.form if field.source.partition(".")[0] == key}
    placed = False
    for field in matter.form:
        if field.source.partition(".")[0] != key:
            kept.append(field)
        elif not placed:
            kept += _own(matter, material, filled, mine, types)
            placed = True
    return tuple(kept if placed else [*kept, *_own(matter, material, filled, mine, types)])


def _own(
    matter: Matter, material: Material, filled: Sequence[str], before: Mapping[str, FormField], types: Mapping[str, LicenseType]
) -> list[FormField]:
    fields = []
    for name in dict.fromkeys(filled):
        source = f"{material.key}.{name}"
        old = before.get(name)
        fields.append(
            replace(old, source=source)
            if old is not None
            else FormField(f"{material.key}_{name}"[:_MAX_KEY], _label(matter, material, name, types), source)
        )
    return fields


def _label(matter: Matter, material: Material, name: str, types: Mapping[str, LicenseType]) -> Words:
    for demand in material.satisfied_by:
        label = told_fields(types[demand.license_type]).get(name)
        party = next((party.name for party in matter.parties if party.key == demand.party), None)
        if label is not None and party is not None:
            return Words(
                f"{party.zh}{label.zh}", f"{party.ug or party.zh}: {label.ug}", f"{party.en or party.zh}: {label.en}"
            )
    return Words(name)
