"""What a license type says: fields, holders, validity, face and minimal disclosure. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class FieldKind(StrEnum):
    """What a field holds; a date is stored as YYYY-MM-DD."""

    TEXT = "text"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a license type (照面信息项).

    Attributes:
        name: English, snake_case; what it is stored under.
        zh: its Chinese name; `ug` Uyghur, `en` English.
        pinyin: the initials under which exports carry it, such as ``FDDBR``.
        required: a row without it is rejected.
        aliases: further headers under which exports carry it, besides `zh`, `pinyin` and `name`.
        max_length: in characters.
        masked: shown masked until tapped on the holder's page.
        claim: its integer key in the credential when it belongs to the minimal disclosure.
    """

    name: str
    zh: str
    ug: str
    en: str
    pinyin: str
    kind: FieldKind
    required: bool
    aliases: tuple[str, ...]
    max_length: int
    masked: bool
    claim: int | None


@dataclass(frozen=True, slots=True)
class HolderRole:
    """One position of a holder (持证主体); a marriage certificate has two.

    Attributes:
        name: ``holder``, or ``holder_a`` and ``holder_b``.
        zh: what the face calls the holder's name, such as 姓名; `ug` Uyghur, `en` English.
        name_headers: headers of the column of names; likewise `code_headers` and `code_type_headers`.
        code_types: who may hold it: 持证主体代码类型 of GB/T 36903 (001 USCC, 111 citizen number, …).
        default_code_type: when the export has no column of types, or an empty cell.
    """

    name: str
    zh: str
    ug: str
    en: str
    name_headers: tuple[str, ...]
    code_headers: tuple[str, ...]
    code_type_headers: tuple[str, ...]
    code_types: tuple[str, ...]
    default_code_type: str


@dataclass(frozen=True, slots=True)
class Element:
    """A standard element of GB/T 36903 as this type calls it.

    Attributes:
        name: ``number``, ``issued_on``, ``valid_from``, ``valid_until`` or ``issuing_authority``.
        headers: every header it is found under: Chinese name, pinyin, English name, the type's own.
        masked: shown masked until tapped, and masked in a credential.
        claim: its integer key in the credential when it belongs to the minimal disclosure.
    """

    name: str
    zh: str
    ug: str
    en: str
    headers: tuple[str, ...]
    required: bool
    masked: bool = False
    claim: int | None = None


@dataclass(frozen=True, slots=True)
class Validity:
    """How long a license of the type may last.

    Attributes:
        until: ``required``, ``optional`` (an empty cell means 长期), or ``none`` (the type never ends).
        max_years: longest period allowed, None for no bound.
    """

    until: str
    max_years: int | None


@dataclass(frozen=True, slots=True)
class LicenseType:
    """A license type (证照类型).

    Attributes:
        name: English, snake_case; also the name of its file.
        code: 证照类型代码, 21 characters: USCC of the defining body and three digits (GB/T 36904).
        kind: 证照执照, 证明文件, 批文批复, 鉴定报告 or 办事结果.
        defining_body: 证照定义机构, its Chinese name.
        elements: by name, all five.
        holders: in the order of the face.
        fields: in the order of the face.
        face: file name in ``templates/faces/``.
        holder_claims: integer keys of the holders' names and of their codes in the credential.
        sensitive: tells of health or of a child below fourteen (敏感个人信息, 个人信息保护法, article 28): its holder's page asks
            for a passkey first.
        shows_objection: checks say "under objection" while somebody objects to one (异议标注), without a word of what it is.
    """

    name: str
    code: str
    zh: str
    ug: str
    en: str
    kind: str
    defining_body: str
    elements: Mapping[str, Element]
    holders: tuple[HolderRole, ...]
    fields: tuple[Field, ...]
    validity: Validity
    face: str
    holder_claims: tuple[int, int]
    sensitive: bool = False
    shows_objection: bool = False
