"""What was or would be told, in words: license types with the labels of their fields."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aiohttp import web

from etrust.licenses.types import LicenseType
from etrust.licenses.types.labels import label_of
from etrust.onecode.consent_model import Need
from etrust.onecode.model import Ground
from etrust.web.languages import mark as _
from etrust.wiring import ROOMS

GROUNDS: Mapping[Ground, str] = {Ground.CONSENT: _("With consent"), Ground.DUTY: _("On duty")}


@dataclass(frozen=True, slots=True)
class Told:
    """A license type and labels of its fields, each by language."""

    license_type: LicenseType
    labels: tuple[dict[str, str], ...]


def told_of_needs(request: web.Request, needs: Iterable[Need]) -> list[Told]:
    """What a consent is to."""
    wanted: dict[str, dict[str, None]] = {}
    for need in needs:
        wanted.setdefault(need.license_type, {}).update(dict.fromkeys(need.fields))
    return _told(request, wanted)


def told_of_fields(request: web.Request, fields: Iterable[str]) -> list[Told]:
    """What an entry of the access log says was told: ``license_type.field``."""
    wanted: dict[str, dict[str, None]] = {}
    for name in fields:
        license_type, _dot, field = name.partition(".")
        wanted.setdefault(license_type, {})[field] = None
    return _told(request, wanted)


def _told(request: web.Request, wanted: Mapping[str, Iterable[str]]) -> list[Told]:
    types = request.app[ROOMS].types
    return [
        Told(types[name], tuple(label_of(types[name], field) for field in fields if field))
        for name, fields in wanted.items() if name in types
    ]  # fmt: skip
