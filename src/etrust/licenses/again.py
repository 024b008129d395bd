"""An issued license as named cells again (变更的底稿), so that a change is judged by the rules for issuing."""

from collections.abc import Mapping
from datetime import date

from etrust.errors import EtrustError, Kind
from etrust.licenses.intake.single import read_single
from etrust.licenses.model import Record, StoredLicense
from etrust.licenses.types import LicenseType

FIXED = frozenset({"number"})
"""A number identifies the license: with another number it is another license."""


def cells_of(license_type: LicenseType, stored: StoredLicense) -> dict[str, str]:
    """The cells of an issued version, by the English names of columns."""
    cells: dict[str, str] = {}
    for role, (name, code, code_type) in zip(license_type.holders, stored.holders, strict=True):
        cells |= {f"{role.name}_name": name, f"{role.name}_code": code, f"{role.name}_code_type": code_type}
    cells |= {
        "number": stored.number, "issued_on": stored.issued_on.isoformat(), "valid_from": stored.valid_from.isoformat(),
        "issuing_authority": stored.issuing_authority,
    }  # fmt: skip
    if license_type.validity.until != "none":
        cells["valid_until"] = "长期" if stored.valid_until is None else stored.valid_until.isoformat()
    return cells | {field.name: stored.fields.get(field.name, "") for field in license_type.fields}


def correctable(license_type: LicenseType) -> tuple[str, ...]:
    """The names of the cells in which a license of a type can be corrected, in the order of the face."""
    names = [f"{role.name}_{part}" for role in license_type.holders for part in ("name", "code")]
    names += ["issued_on", "valid_from", *(["valid_until"] if license_type.validity.until != "none" else []), "issuing_authority"]
    return (*names, *(field.name for field in license_type.fields))


def labels(license_type: LicenseType) -> dict[str, tuple[str, str, str]]:
    """What the correctable cells are called in Chinese, Uyghur and English."""
    found: dict[str, tuple[str, str, str]] = {}
    for role in license_type.holders:
        found[f"{role.name}_name"] = (role.zh, role.ug, role.en)
        found[f"{role.name}_code"] = (f"{role.zh}证件号码", f"{role.ug} كىنىشكا نومۇرى", f"{role.en}: identity number")
    for name, element in license_type.elements.items():
        found[name] = (element.zh, element.ug, element.en)
    for field in license_type.fields:
        found[field.name] = (field.zh, field.ug, field.en)
    return {name: found[name] for name in correctable(license_type) if name in found}


def corrected(
    license_type: LicenseType, stored: StoredLicense, changes: Mapping[str, str], *, today: date
) -> Record:
    """The record of a next version: the version at hand with some cells changed, judged as a new one would be.

    Raises:
        EtrustError: INVALID ``not_correctable`` for a cell that is none of the type's, or the number; ``nothing_changed``; the
            reason code of the first fault, `where` naming the cell.
    """
    cells = cells_of(license_type, stored)
    for name in changes:
        if name not in correctable(license_type):
            raise EtrustError(
                Kind.INVALID, "not_correctable", where=name[:60],
                zh=f"“{name[:60]}”不是可以更正的项目。", en=f"{name[:60]!r} is not something that can be corrected.",
            )
    if all(cells.get(name, "") == value.strip() for name, value in changes.items()):
        raise EtrustError(
            Kind.INVALID, "nothing_changed", zh="更正内容与现有内容相同。", en="The correction changes nothing."
        )
    return read_single(license_type, cells | {name: value.strip() for name, value in changes.items()}, today=today)
