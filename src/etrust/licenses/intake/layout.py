"""The layout of a file (列对应): which column holds what, found by Chinese, pinyin or English name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from etrust.errors import EtrustError, Kind
from etrust.licenses.intake.cleaning import clean_code
from etrust.licenses.types import Element, Field, FieldKind, HolderRole, LicenseType

OWN_COLUMNS = ("row", "reason", "explanation")
"""The first columns of a reject file; they are ours and no part of a license."""

ABSENT = -1


@dataclass(frozen=True, slots=True)
class HolderColumns:
    """Where one holder stands; `code_type` may be `ABSENT`."""

    role: HolderRole
    name: int
    code: int
    code_type: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Places of the columns, `ABSENT` for those a file need not have.

    Attributes:
        required: places whose cells must not be empty, in the order of the face.
        texts: name, place and longest length of the fields of text; `dates`: name and place of those of
        dates.
        unknown: the columns that belong to nothing known, for the extension.
    """

    header: tuple[str, ...]
    number: int
    issued_on: int
    valid_from: int
    valid_until: int
    issuing_authority: int
    holders: tuple[HolderColumns, ...]
    required: tuple[int, ...]
    texts: tuple[tuple[str, int, int], ...]
    dates: tuple[tuple[str, int], ...]
    unknown: tuple[tuple[str, int], ...]


def lay_out(license_type: LicenseType, header: tuple[str, ...]) -> Layout:
    """Find every column of a type in a header.

    Of several columns for one thing the one the type lists first is used, the others are unknown columns.

    Raises:
        EtrustError: ``missing_columns``, naming the required columns that are not there.
    """
    finder = _Finder(header)
    places = {name: finder.element(name, license_type) for name in _ELEMENTS}
    holders = tuple(finder.holder(role) for role in license_type.holders)
    fields = {field.name: finder.field(field) for field in license_type.fields}
    finder.refuse_missing()
    return Layout(
        header=header,
        **places,
        holders=holders,
        required=tuple(finder.required),
        texts=_texts(license_type.fields, fields),
        dates=tuple(
            (field.name, fields[field.name])
            for field in license_type.fields
            if field.kind is FieldKind.DATE and fields[field.name] != ABSENT
        ),
        unknown=finder.unknown(),
    )


_ELEMENTS = ("number", "issued_on", "valid_from", "valid_until", "issuing_authority")
_ALWAYS = frozenset({"number", "issued_on"})


def _texts(fields: Iterable[Field], places: Mapping[str, int]) -> tuple[tuple[str, int, int], ...]:
    return tuple(
        (field.name, places[field.name], field.max_length)
        for field in fields
        if field.kind is FieldKind.TEXT and places[field.name] != ABSENT
    )


def _plain(name: str) -> str:
    return clean_code(name).strip("*:").casefold()


class _Finder:
    """Finds columns by name, each for one purpose, and remembers what is required and what is missing."""

    def __init__(self, header: tuple[str, ...]) -> None:
        own = len(OWN_COLUMNS) if is_reject_header(header) else 0
        self._header = header
        self._free: dict[str, int] = {}
        for place, name in enumerate(header[own:], start=own):
            self._free.setdefault(_plain(name), place)
        self._taken = set(range(own))
        self._missing: list[str] = []
        self.required: list[int] = []

    def element(self, name: str, license_type: LicenseType) -> int:
        element = license_type.elements.get(name)
        if element is None:
            element = Element(name, name, name, name, (), required=False)
        required = element.required or name in _ALWAYS
        if name == "valid_until":
            if license_type.validity.until == "none":
                return ABSENT  # whatever a file says of an end is kept with the unknown columns
            required = license_type.validity.until == "required"
        return self._find((*element.headers, element.zh, name), element.zh, required=required)

    def holder(self, role: HolderRole) -> HolderColumns:
        return HolderColumns(
            role,
            self._find((*role.name_headers, f"{role.name}_name"), role.name_headers[0], required=True),
            self._find((*role.code_headers, f"{role.name}_code"), role.code_headers[0], required=True),
            self._find((*role.code_type_headers, f"{role.name}_code_type"), "", required=False),
        )

    def field(self, field: Field) -> int:
        return self._find((field.zh, field.pinyin, field.name, *field.aliases), field.zh, required=field.required)

    def unknown(self) -> tuple[tuple[str, int], ...]:
        return tuple((name.strip(), place) for place, name in enumerate(self._header) if place not in self._taken)

    def refuse_missing(self) -> None:
        if self._missing:
            names = "、".join(self._missing)
            raise EtrustError(
                Kind.INVALID,
                "missing_columns",
                where=names,
                zh=f"表头缺少必需的列：{names}；请核对证照类型是否选对，并在首行补上这些列名。",
                en=(f"The header lacks required columns: {names}; please check the license type and name them in the first row."),
            )

    def _find(self, names: Iterable[str], title: str, *, required: bool) -> int:
        for name in names:
            place = self._free.get(_plain(name))
            if place is not None and place not in self._taken:
                self._taken.add(place)
                if required:
                    self.required.append(place)
                return place
        if required:
            self._missing.append(title)
        return ABSENT


def is_reject_header(header: tuple[str, ...]) -> bool:
    """Whether a file begins with the columns of our reject files."""
    return tuple(name.strip().lower() for name in header[: len(OWN_COLUMNS)]) == OWN_COLUMNS
