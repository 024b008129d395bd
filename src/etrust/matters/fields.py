"""The fields of a license that a matter may tell (可共享字段), with their labels. Pure."""

from collections.abc import Mapping
from functools import lru_cache

from etrust.licenses.types import Element, Field, LicenseType
from etrust.matters.model import Words

_HOLDER_NAME = Words("持证主体", "گۇۋاھنامە ئىگىسى", "Holder")
_HOLDER_CODE = Words("持证主体代码", "گۇۋاھنامە ئىگىسىنىڭ كودى", "Holder's code")
_CODE_OF = ("{}证件号码", "{} كىنىشكا نومۇرى", "{}: document number")


@lru_cache(maxsize=256)
def _told(license_type: "_ByName") -> Mapping[str, Words]:
    found = license_type.it
    single = len(found.holders) == 1
    first = found.holders[0]
    told = {
        "holder_name": Words(first.zh, first.ug, first.en) if single else _HOLDER_NAME,
        "holder_code": _HOLDER_CODE,
    }
    for role in () if single else found.holders:
        told[f"{role.name}_name"] = Words(role.zh, role.ug, role.en)
        zh, ug, en = (form.format(name) for form, name in zip(_CODE_OF, (role.zh, role.ug, role.en), strict=True))
        told[f"{role.name}_code"] = Words(zh, ug, en)
    parts: list[Element | Field] = [*found.elements.values(), *found.fields]
    return told | {part.name: Words(part.zh, part.ug, part.en) for part in parts}


class _ByName:
    """A license type as a key of the cache: it holds mappings, so it has no hash of its own."""

    __slots__ = ("it",)

    def __init__(self, license_type: LicenseType) -> None:
        self.it = license_type

    def __hash__(self) -> int:
        return hash(self.it.code)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByName) and other.it == self.it


def told_fields(license_type: LicenseType) -> Mapping[str, Words]:
    """Every field of a type that may be told, by name, in the order of the face.

    ``holder_name`` and ``holder_code`` (of several holders: the party's own), for several holders each one's
    ``holder_a_name``, ``holder_a_code``, …, the elements ``number``, ``issued_on``, ``valid_from``, ``valid_until``,
    ``issuing_authority``, and the type's own fields.
    """
    return _told(_ByName(license_type))
