"""The languages of the pages: gettext catalogues, read from their .po files at start without a build step."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Protocol

from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from etrust.clock import BEIJING


@dataclass(frozen=True, slots=True)
class Language:
    """One language: code, the name it gives itself, direction, HTML tag, CLDR locale and form of dates."""

    code: str
    name: str
    direction: str
    tag: str
    locale: str
    date_pattern: str = "long"


LANGUAGES: Mapping[str, Language] = {
    "zh": Language("zh", "中文", "ltr", "zh-CN", "zh_CN"),
    "ug": Language("ug", "ئۇيغۇرچە", "rtl", "ug", "ug", "y-'يىلى' d-MMMM"),
    "en": Language("en", "English", "ltr", "en", "en_US"),
}
DEFAULT = LANGUAGES["zh"]


def mark(message: str) -> str:
    """Mark a message for the catalogues; templates translate it."""
    return message


class Named(Protocol):
    """What has a name in three languages; Uyghur and English may be empty."""

    @property
    def zh(self) -> str:
        """In Chinese."""

    @property
    def ug(self) -> str:
        """In Uyghur."""

    @property
    def en(self) -> str:
        """In English."""


def said(named: Named, code: str) -> str:
    """A name in a language, in Chinese where it has none."""
    return {"ug": named.ug, "en": named.en}.get(code) or named.zh


def load_translations(folder: Path, language: Language) -> NullTranslations:
    """Compile ``FOLDER/CODE/LC_MESSAGES/messages.po`` in memory; what is not translated stays English."""
    with (folder / language.code / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale=language.locale, domain="messages")
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled, domain="messages")


def long_date(day: date | str | None, language: Language) -> str:
    """A day in words, such as 2026年11月24日; text that is no ISO date stays as it is, None gives nothing."""
    if day is None:
        return ""
    if isinstance(day, str):
        try:
            day = date.fromisoformat(day[:10])
        except ValueError:
            return str(day)
    return format_date(day, language.date_pattern, locale=language.locale)


def exact_time(moment: datetime, language: Language) -> str:
    """Day and time to the second in official time (UTC+8)."""
    local = moment.astimezone(BEIJING)
    return f"{long_date(local.date(), language)} {format_datetime(local, 'HH:mm:ss', locale=language.locale)}"


def clock_time(moment: datetime) -> str:
    """Hours, minutes and seconds in official time (UTC+8)."""
    return moment.astimezone(BEIJING).strftime("%H:%M:%S")
