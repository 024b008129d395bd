"""Sample matters from YAML (``templates/matters``): one file a theme, and what they have in common in ``common.yaml``."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from etrust.ids.matter import MATTER_CODE_LENGTH, MATTER_TYPES, MatterCode
from etrust.licenses.types import LicenseType
from etrust.licenses.types.document import FileKind, Section, read_document
from etrust.licenses.types.standard import CODE_TYPES
from etrust.matters.fields import told_fields
from etrust.matters.model import Demand, FormField, Material, Matter, Party, Standing, Theme, Words
from etrust.matters.national import MAX_DAYS
from etrust.matters.rules import APPLICANT, MAX_DEFERRAL
from etrust.onecode.model import Ground
from etrust.resources import resource

COMMON = "common.yaml"
T = TypeVar("T")
_FILE = FileKind("bad_matter_file", "事项文件", "Matter file")
_KEY = r"[a-z][a-z0-9_]{0,39}"
_WORDS = ("zh", "ug", "en")
_MATTER_KEYS = (
    "code", *_WORDS, "days", "grounds", "legal_basis", "parties", "materials", "form", "elements",
)  # fmt: skip
_MATERIAL_KEYS = (
    "like", "key", *_WORDS, "of", "or", "required", "since", "commitment", "deferral_days", "review", "source", "paper",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Common:
    """What theme files refer to.

    Attributes:
        materials: name, source and license type (empty where none satisfies it) by key.
    """

    parties: Mapping[str, Party]
    materials: Mapping[str, tuple[Words, str, str]]
    elements: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ThemeFile:
    """One "thing" (一件事) with its matters."""

    theme: Theme
    place: int
    matters: tuple[Matter, ...]


def load_themes(types: Mapping[str, LicenseType], folder: Path | None = None) -> tuple[ThemeFile, ...]:
    """The themes of a folder in their order; the packaged ones when none is given.

    Raises:
        EtrustError: ``bad_matter_file``, naming file, line and key. Whether a matter is sound is for `rules.problems`.
    """
    folder = folder or resource("templates", "matters")
    common = _common(folder / COMMON)
    files = [_theme(path, common, types) for path in sorted(folder.glob("*.yaml")) if path.name != COMMON]
    return tuple(sorted(files, key=lambda file: (file.place, file.theme.key)))


@lru_cache(maxsize=4)
def _common(path: Path) -> Common:
    document = read_document(path, _FILE)
    document.finish("parties", "materials", "elements")
    parties = document.section("parties")
    materials = document.section("materials")
    return Common(
        parties={key: _common_party(parties.section(key), key) for key in parties.keys},
        materials={key: _common_material(materials.section(key)) for key in materials.keys},
        elements=_elements(document),
    )


def _common_party(section: Section, key: str) -> Party:
    section.finish(*_WORDS, "code_types")
    return Party(key, _words(section), section.texts("code_types", among=tuple(CODE_TYPES)))


def _common_material(section: Section) -> tuple[Words, str, str]:
    section.finish(*_WORDS, "license_type", "source")
    return _words(section), section.text("source"), section.text("license_type", default="")


def _words(section: Section) -> Words:
    return Words(section.text("zh"), section.text("ug"), section.text("en"))


def _elements(section: Section) -> dict[str, str]:
    if not section.has("elements"):
        return {}
    elements = section.section("elements")
    return {key: elements.text(key) for key in elements.keys}


def _theme(path: Path, common: Common, types: Mapping[str, LicenseType]) -> ThemeFile:
    document = read_document(path, _FILE)
    document.finish("key", "place", "audience", *_WORDS, "matters")
    key = document.text("key", pattern=_KEY)
    if key != path.stem:
        raise document.error_at("key", f"应与文件名 {path.stem} 相同", f"must be the file's name, {path.stem}")
    matters = tuple(_MatterReader(section, common, types, key).read() for section in document.sections("matters"))
    theme = Theme(
        key, _words(document), document.text("audience", among=("person", "company")), tuple(matter.code for matter in matters)
    )
    return ThemeFile(theme, document.integer("place", least=1, most=999) or 999, matters)


@dataclass(slots=True)
class _MatterReader:
    """Reads one matter of a theme file."""

    section: Section
    common: Common
    types: Mapping[str, LicenseType]
    theme: str

    def read(self) -> Matter:
        section = self.section
        section.finish(*_MATTER_KEYS)
        code = MatterCode.parse(section.text("code", pattern=rf"[0-9A-Z]{{{MATTER_CODE_LENGTH}}}"))
        sources = section.texts("form", default=())
        parties = tuple(self._parties())
        materials = tuple(self._material(each, sources) for each in section.sections("materials"))
        return Matter(
            code=code.text, version=1, name=_words(section), kind=MATTER_TYPES[code.kind], body=code.body, level=code.level,
            theme=self.theme,
            grounds=frozenset(map(Ground, section.texts("grounds", default=("consent",), among=tuple(map(str, Ground))))),
            parties=parties, materials=materials, form=tuple(self._form_field(source, parties, materials) for source in sources),
            days=section.integer("days", least=0, most=MAX_DAYS) or 0, legal_basis=section.text("legal_basis"),
            standing=Standing.IN_FORCE, elements=MappingProxyType(dict(self.common.elements) | _elements(section)),
        )  # fmt: skip

    def _parties(self) -> list[Party]:
        if not self.section.has("parties"):
            return [self.common.parties[APPLICANT]]
        return [
            replace(self._known(self.common.parties, text.removesuffix("?"), "parties"), required=not text.endswith("?"))
            for text in self.section.texts("parties")
        ]

    def _known(self, table: Mapping[str, T], key: str, where: str) -> T:
        if key not in table:
            raise self.section.error_at(where, f"common.yaml 中没有“{key}”", f"common.yaml has no {key}")
        return table[key]

    def _material(self, section: Section, sources: tuple[str, ...]) -> Material:
        section.finish(*_MATERIAL_KEYS)
        like = section.text("like")
        words, source, license_type = self._known(self.common.materials, like, "materials")
        party = section.text("of", default=APPLICANT)
        key = section.text("key", default=like if party in (APPLICANT, "company") else f"{party}_{like}", pattern=_KEY)
        review = section.texts("review", default=())
        taken = [name for each, _, name in (text.partition(".") for text in sources) if each == key]
        return Material(
            key=key, name=self._name(section, words, party), required=section.boolean("required", default=True),
            satisfied_by=tuple(self._demands(section, license_type, party, (*taken, *review))),
            commitment=_words(section.section("commitment")) if section.has("commitment") else None,
            deferral_days=section.integer("deferral_days", least=1, most=MAX_DEFERRAL),
            source=section.text("source", default=source), form=section.text("paper", default="原件或电子证照"), review=review,
        )  # fmt: skip

    def _name(self, section: Section, words: Words, party: str) -> Words:
        if section.has("zh"):
            return _words(section)
        if party in (APPLICANT, "company"):
            return words
        name = self._known(self.common.parties, party, "parties").name
        return Words(f"{words.zh}（{name.zh}）", f"{words.ug} ({name.ug})", f"{words.en} ({name.en.lower()})")

    def _demands(self, section: Section, license_type: str, party: str, wanted: tuple[str, ...]) -> list[Demand]:
        if not license_type:
            return []
        since = date.fromisoformat(section.text("since", pattern=r"\d{4}-\d\d-\d\d")) if section.has("since") else None
        found = [(license_type, party)]
        for other in section.sections("or") if section.has("or") else ():
            other.finish("license_type", "party")
            found.append((other.text("license_type"), other.text("party", default=party)))
        return [Demand(name, who, self._told(name, wanted), since) for name, who in found]

    def _told(self, license_type: str, wanted: tuple[str, ...]) -> tuple[str, ...]:
        known = told_fields(self._known(self.types, license_type, "materials"))
        return tuple(name for name in dict.fromkeys(wanted) if name in known)

    def _form_field(self, source: str, parties: tuple[Party, ...], materials: tuple[Material, ...]) -> FormField:
        key, _, name = source.partition(".")
        demand = next(
            (demand for each in materials if each.key == key for demand in each.satisfied_by if name in demand.fields), None
        )
        party = next((party for party in parties if demand is not None and party.key == demand.party), None)
        if demand is None or party is None:
            raise self.section.error_at("form", f"没有材料提供“{source}”", f"no material tells {source}")
        label = told_fields(self.types[demand.license_type])[name]
        if party.key != APPLICANT:  # whose field it is goes without saying for the one in front of the clerk
            label = Words(f"{party.name.zh}{label.zh}", f"{party.name.ug}: {label.ug}", f"{party.name.en}: {label.en}")
        return FormField(f"{key}_{name}"[:40].rstrip("_"), label, source)
