"""How a visitor likes the pages: language and print size, by ``?lang=`` and ``?print=``, kept in cookies."""

from dataclasses import dataclass

from aiohttp import web

from etrust.web.languages import DEFAULT, LANGUAGES, Language

LANGUAGE_COOKIE = "lang"
PRINT_COOKIE = "print"
_YEAR = 31_536_000  # seconds


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the visitor chose, now or before."""

    language: Language
    large_print: bool


def preferences_of(request: web.Request) -> Preferences:
    """The choices of a request: the address first, then the cookies, then Chinese in normal print."""
    code = request.query.get("lang") or request.cookies.get(LANGUAGE_COOKIE, "")
    size = request.query.get("print") or request.cookies.get(PRINT_COOKIE, "")
    return Preferences(LANGUAGES.get(code, DEFAULT), size == "large")


def remember(request: web.Request, response: web.StreamResponse, *, secure: bool) -> None:
    """Keep what the address chose in cookies for a year."""
    chosen = {LANGUAGE_COOKIE: request.query.get("lang", ""), PRINT_COOKIE: request.query.get("print", "")}
    allowed = {LANGUAGE_COOKIE: set(LANGUAGES), PRINT_COOKIE: {"large", "normal"}}
    for name, value in chosen.items():
        if value in allowed[name]:
            response.set_cookie(
                name, value, max_age=_YEAR, httponly=True, samesite="Lax", secure=secure, path="/"
            )
