"""Templates into answers: one Jinja environment per language."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web
from babel.support import NullTranslations
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from etrust.access.model import Operator
from etrust.resources import resource
from etrust.web.assets import Assets, load_assets
from etrust.web.languages import LANGUAGES, Language, clock_time, exact_time, load_translations, long_date, said
from etrust.web.preferences import preferences_of
from etrust.web.security import form_token


@dataclass(frozen=True, slots=True)
class Pages:
    """What every page is made of: the templates in each language and the files they link to."""

    environments: Mapping[str, Environment]
    translations: Mapping[str, NullTranslations]
    assets: Assets


PAGES = web.AppKey("pages", Pages)


def load_pages() -> Pages:
    """Read templates, catalogues and files once, at start."""
    assets = load_assets()
    folder = resource("templates", "locale")
    translations = {code: load_translations(folder, language) for code, language in LANGUAGES.items()}
    environments = {
        code: _environment(language, translations[code], assets) for code, language in LANGUAGES.items()
    }
    return Pages(environments, translations, assets)


def _environment(language: Language, translations: NullTranslations, assets: Assets) -> Environment:
    environment = Environment(
        loader=FileSystemLoader([resource("templates", "pages"), resource("templates")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]  # added by the i18n extension
    environment.filters["long_date"] = lambda day: long_date(day, language)
    environment.filters["exact_time"] = lambda moment: exact_time(moment, language)
    environment.filters["clock_time"] = clock_time
    environment.filters["said"] = lambda words: said(words, language.code)
    environment.globals["asset"] = assets.url
    environment.globals["language"] = language
    environment.globals["languages"] = tuple(LANGUAGES.values())
    return environment


def render(
    request: web.Request,
    template: str,
    *,
    status: int = 200,
    operator: Operator | None = None,
    **context: object,
) -> web.Response:
    """A page, or a part of one, in the visitor's language and print size."""
    preferences = preferences_of(request)
    page = request.app[PAGES].environments[preferences.language.code].get_template(template)
    text = page.render(
        context,
        operator=operator,
        large_print=preferences.large_print,
        path=request.path,
        csrf=lambda: form_token(request),
    )
    return web.Response(text=text, status=status, content_type="text/html", charset="utf-8")


def redirect(place: str) -> web.Response:
    """Send the browser to another page of ours, to be fetched with GET."""
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": place})


def is_partial(request: web.Request) -> bool:
    """Whether a script of ours asks for a part of a page instead of a whole one."""
    return request.headers.get("HX-Request") == "true"
