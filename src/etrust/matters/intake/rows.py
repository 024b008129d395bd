"""Rows of a list gathered into matters: cells merged or repeated, one row a material or an alternative of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from etrust.errors import EtrustError, Kind
from etrust.ids.matter import MATTER_TYPES, MatterCode
from etrust.licenses.intake.cleaning import clean_text, clean_unknown, is_garbled
from etrust.licenses.intake.dates import read_date
from etrust.licenses.intake.files import Cells, Table
from etrust.licenses.types import LicenseType
from etrust.matters.fields import told_fields
from etrust.matters.intake import cells as read
from etrust.matters.intake.columns import CODE, EN, MATERIAL, MATTER_COLUMNS, NAME, UG, Layout, find_layout, has_code_column
from etrust.matters.model import Demand, Material, Matter, Party, Standing, Theme, Words
from etrust.matters.rules import APPLICANT

MAX_ROWS = 100_000
_TITLE_ROWS = 10
_NOTHING = "无"


@dataclass(slots=True)
class Group:
    """The rows of one matter, with their numbers, and why it cannot be read."""

    code: str
    rows: list[tuple[int, Cells]] = field(default_factory=list)
    fault: EtrustError | None = None
    fault_row: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list as it was found: its header, and the rows below it in groups."""

    header: Cells
    layout: Layout
    groups: tuple[Group, ...]


def read_sheet(table: Table, where: str) -> Sheet:
    """Gather the rows of a table; titles above the header and blank rows between are passed over.

    Raises:
        EtrustError: ``missing_columns``, ``too_many_rows``.
    """
    rows = table.numbered
    header = table.header
    above = 0
    while not has_code_column(header) and above < _TITLE_ROWS:
        number, header = next(rows, (0, table.header))
        above += 1
        if not number:
            break
    layout = find_layout(header, where)
    return Sheet(header, layout, tuple(_groups(rows, layout, where)))


def _groups(rows: Iterator[tuple[int, Cells]], layout: Layout, where: str) -> Iterator[Group]:
    found: dict[str, Group] = {}
    order: list[Group] = []
    for count, (number, cells) in enumerate(rows):
        if count >= MAX_ROWS:
            raise EtrustError(
                Kind.TOO_LARGE, "too_many_rows", where=where, zh=f"超过 {MAX_ROWS} 行，请拆分后分别导入。",
                en=f"There are more than {MAX_ROWS} rows; please split the file.",
            )  # fmt: skip
        text = _cell(cells, layout.at[CODE])
        code = "".join(clean_text(text).split()).upper().replace("-", "")
        if order and (not code or code == order[-1].code):
            order[-1].rows.append((number, cells))
            continue
        group = Group(code, [(number, cells)])
        order.append(group)
        if code in found:
            _blame(
                group,
                number,
                read.faulty(
                    "duplicate_matter",
                    CODE,
                    "在本文件前面已出现过，请合并或删除重复的行。",
                    "the matter has appeared above; please merge the rows.",
                ),
            )
        found.setdefault(code, group)
    return iter(order)


def _blame(group: Group, row: int, error: EtrustError) -> None:
    if group.fault is None:
        group.fault, group.fault_row = error, row


@dataclass(frozen=True, slots=True)
class MatterReader:
    """Reads groups of one sheet; `themes` are those that a list may name."""

    layout: Layout
    types: Mapping[str, LicenseType]
    themes: tuple[Theme, ...] = ()

    def read(self, group: Group) -> Matter | None:
        """The matter that a group says, or None with the group's fault set."""
        if group.fault is not None:
            return None
        row = group.rows[0][0]
        try:
            first = self._own_cells(group)
            matter = self._matter(group.code, first)
            materials: list[Material] = []
            for row, cells in group.rows:  # noqa: B007 - the row reached is the one to blame
                self._take(materials, matter, cells)
            return self._finished(matter, materials)
        except EtrustError as error:
            _blame(group, row, error)
            return None

    def _own_cells(self, group: Group) -> Mapping[str, str]:
        """The matter's own cells: each from the first row that fills it; the rows must not contradict each other."""
        found: dict[str, str] = {}
        places = {name: place for name, place in self.layout.at.items() if name in MATTER_COLUMNS} | dict(self.layout.elements)
        for _, cells in group.rows:
            for name, place in places.items():
                text = clean_unknown(_cell(cells, place))
                if text and found.setdefault(name, text) != text and name != CODE:
                    raise read.faulty(
                        "conflicting_rows", name, "在同一事项的各行中不一致，请核对。", "differs between rows of one matter."
                    )
                if is_garbled(text):
                    raise read.faulty("garbled", name, "中有乱码，请按原始资料重新填写。", "characters were lost.")
        return found

    def _matter(self, text: str, own: Mapping[str, str]) -> Matter:
        code = MatterCode.parse(text)
        elements = {name: clean_text(own[name]) for name in self.layout.elements if own.get(name)}
        return Matter(
            code=code.text, version=1, name=_words(NAME, lambda name: clean_text(own.get(name, ""))),
            kind=clean_text(own.get("事项类型", "")) or MATTER_TYPES[code.kind], body=code.body, level=code.level,
            theme=self._theme(clean_text(own.get("主题", ""))), grounds=read.read_grounds(own.get("用证依据", "")),
            parties=read.read_parties(own.get("当事人", "")), materials=(), form=read.read_form(own.get("表单字段", "")),
            days=read.read_days(own.get("承诺办结时限", ""), elements.get("办件类型", "")),
            legal_basis=clean_text(own.get("设定依据", "")), standing=Standing.IN_FORCE, elements=MappingProxyType(elements),
        )  # fmt: skip

    def _theme(self, text: str) -> str:
        if not text:
            return ""
        for theme in self.themes:
            if text in (theme.key, theme.name.zh, theme.name.zh.removesuffix("一件事")):
                return theme.key
        raise read.faulty("unknown_theme", "主题", "不在“一件事”主题之中，请填写主题名称，或留空。", "is none of the themes.")

    def _take(self, materials: list[Material], matter: Matter, cells: Cells) -> None:
        """Take a row: a new material, or another license for the one before."""
        name = clean_text(self._text(cells, MATERIAL))
        key = clean_text(self._text(cells, "材料标识"))
        license_type = read.read_license_type(self._text(cells, "证照类型"), self.types)
        again = bool(materials) and (not name or name == materials[-1].name.zh) and key in ("", materials[-1].key)
        if again and license_type is None:
            return  # a row that only fills in what merged cells left blank
        if not again:
            materials.append(self._material(cells, name, key, license_type, matter, materials))
        if license_type is not None:
            last = materials[-1]
            demand = self._demand(cells, license_type, last.key, matter)
            materials[-1] = replace(
                last, satisfied_by=(*last.satisfied_by, demand), review=self._review(cells, last, demand, matter)
            )

    def _material(
        self, cells: Cells, name: str, key: str, license_type: LicenseType | None, matter: Matter, before: list[Material]
    ) -> Material:
        if not name:
            raise read.faulty("missing_field", MATERIAL, "为空，请补充。", "is empty and required.")
        promise = _words("告知承诺内容", lambda column: clean_text(self._text(cells, column)))
        return Material(
            key=key or self._new_key(cells, license_type, matter, before),
            name=_words(MATERIAL, lambda column: clean_text(self._text(cells, column))),
            required=read.read_required(self._text(cells, "材料必要性")), satisfied_by=(),
            commitment=promise if promise.zh else None,
            deferral_days=read.read_deferral(self._text(cells, "容缺补正天数")), source=clean_text(self._text(cells, "来源渠道")),
            form=clean_text(self._text(cells, "材料形式")),
        )  # fmt: skip

    def _new_key(self, cells: Cells, license_type: LicenseType | None, matter: Matter, before: list[Material]) -> str:
        taken = {material.key for material in before}
        if license_type is None:
            return f"m{len(before) + 1}"
        party = self._party(cells, license_type, matter)
        key = license_type.name if party in (APPLICANT, "company") else f"{party}_{license_type.name}"
        return key[:40] if key not in taken else f"{key[:36]}_{len(before) + 1}"

    def _demand(self, cells: Cells, license_type: LicenseType, key: str, matter: Matter) -> Demand:
        told = self._text(cells, "共享信息项")
        taken = [name for each, _, name in (one.source.partition(".") for one in matter.form) if each == key]
        fields = read.read_fields(told, license_type, "共享信息项") if told.strip() not in ("", _NOTHING) else ()
        if not told.strip():
            fields = tuple(name for name in dict.fromkeys(taken) if name in told_fields(license_type))
        day = self._text(cells, "实施日期")
        since = read_date(day) if day.strip() else None
        if day.strip() and since is None:
            raise read.faulty("bad_date", "实施日期", "不是有效日期，请按 2024-05-31 的形式填写。", "is no valid date.")
        return Demand(license_type.name, self._party(cells, license_type, matter), fields, since)

    def _review(self, cells: Cells, material: Material, demand: Demand, matter: Matter) -> tuple[str, ...]:
        """Fields the clerk looks at. A list without that column means all that the form does not take."""
        if "审查信息项" in self.layout.at:
            found = read.read_fields(self._text(cells, "审查信息项"), self.types[demand.license_type], "审查信息项")
        else:
            taken = {one.source for one in matter.form}
            found = tuple(name for name in demand.fields if f"{material.key}.{name}" not in taken)
        return tuple(dict.fromkeys((*material.review, *found)))

    def _party(self, cells: Cells, license_type: LicenseType, matter: Matter) -> str:
        word = clean_text(self._text(cells, "证照持有人"))
        for party in matter.parties:
            if word and word in (party.key, party.name.zh):
                return party.key
        if word and (matter.parties or word not in (APPLICANT, "申请人", "本人", "company", "企业", "单位")):
            raise read.faulty("unknown_party", "证照持有人", "不是该事项的当事人。", "is none of the matter's parties.")
        company = word in ("company", "企业", "单位") or (not word and license_type.holders[0].code_types == ("001",))
        return (
            "company"
            if company and (not matter.parties or any(party.key == "company" for party in matter.parties))
            else APPLICANT
        )

    def _finished(self, matter: Matter, materials: list[Material]) -> Matter:
        parties = matter.parties or tuple(self._usual_parties(materials))
        return replace(matter, parties=parties, materials=tuple(materials))

    def _usual_parties(self, materials: list[Material]) -> Iterator[Party]:
        yield Party(APPLICANT, Words("申请人", "ئىلتىماسچى", "Applicant"), ("111",))
        if any(demand.party == "company" for material in materials for demand in material.satisfied_by):
            yield Party("company", Words("企业", "كارخانا", "Company"), ("001",))

    def _text(self, cells: Cells, column: str) -> str:
        place = self.layout.at.get(column)
        return "" if place is None else clean_unknown(_cell(cells, place))


def _words(column: str, text_of: Callable[[str], str]) -> Words:
    return Words(text_of(column), text_of(column + UG), text_of(column + EN))


def _cell(cells: Cells, place: int) -> str:
    return cells[place] if place < len(cells) else ""
