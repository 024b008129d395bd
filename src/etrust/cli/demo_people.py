"""A real OpenID provider for the demonstration, with a few made-up people one chooses from: `oidc-provider-mock` in a thread.

Whoever opens its page signs in as anybody on it, so it listens on this machine only, and nothing but the demonstration and the
tests starts it.
"""

import html
import logging
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote

from etrust.clock import Clock, system_clock
from etrust.errors import EtrustError, Kind

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_AUTHORIZE = "/oauth2/authorize"
_MAX_FORM = 16_384  # bytes
_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>示范身份平台 · Demonstration identity platform</title><style>
:root {{ --ink: #16202a; --soft: #4d5a68; --line: #d5dce3; --paper: #fff; --ground: #f5f7f9; --accent: #0b5cad; --tint: #eaf2fa }}
@media (prefers-color-scheme: dark) {{ :root {{ --ink: #e9eef3; --soft: #a9b6c3; --line: #303c48;
  --paper: #171f27; --ground: #0f151b;
  --accent: #7cb9f2; --tint: #182c40 }} }}
* {{ box-sizing: border-box }} body {{ margin: 0; background: var(--ground); color: var(--ink);
  font: 18px/1.6 system-ui, "Noto Sans CJK SC", "Noto Sans SC", sans-serif }}
main {{ max-width: 30rem; margin: 6vh auto; padding: 0 1rem }} h1 {{ font-size: 1.5rem; line-height: 1.4; margin: 0 }}
p {{ margin: .3rem 0 1.4rem; color: var(--soft); font-size: .9rem }} form {{ display: grid; gap: .8rem }}
button {{ display: grid; gap: .1rem; width: 100%; padding: 1rem 1.2rem; text-align: start; font: inherit;
  color: inherit; cursor: pointer;
  background: var(--paper); border: 1px solid var(--line); border-inline-start: 5px solid var(--accent); border-radius: 10px }}
button:hover {{ background: var(--tint) }} button:focus-visible {{ outline: 3px solid var(--accent); outline-offset: 2px }}
b {{ font-size: 1.15rem }} span {{ color: var(--soft); font-size: .9rem }}
.no {{ margin-top: .8rem; border: 0; background: none; text-align: center; color: var(--accent); text-decoration: underline }}
</style></head><body><main><h1>示范身份平台<br>Demonstration identity platform</h1>
<p>请选择以谁的身份登录。这些人都是虚构的，不需要密码。<br>Choose who you are. All of them are made up; there is no password.</p>
<form method="post">{people}</form>
<form method="post">
<button class="no" name="action" value="deny">不登录，返回 · Do not sign in</button></form></main></body></html>"""


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody to sign in as.

    Attributes:
        sub: what the provider calls the person.
        name: shown large.
        words: who that is, in a few words.
    """

    sub: str
    name: str
    words: str
    claims: Mapping[str, object] = field(default_factory=dict)


@contextmanager
def identity_platform(people: Sequence[DemoPerson] = (), *, port: int = 0, clock: Clock = system_clock) -> Iterator[str]:
    """Run the provider until the block ends; yields its issuer.

    Raises:
        EtrustError: ``no_demo_provider`` when the package is not installed.
    """
    app = _Chooser(_provider(people), people, clock)
    from werkzeug.serving import make_server  # noqa: PLC0415 - comes with the optional package

    for name in ("werkzeug", "oidc_provider_mock"):
        logging.getLogger(name).setLevel(logging.ERROR)  # it would write every address with its state to the terminal
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="identity platform", daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _provider(people: Sequence[DemoPerson]) -> Any:  # a Flask application; Flask comes with the optional package
    with warnings.catch_warnings():
        try:
            import authlib.deprecate  # noqa: F401, PLC0415 - switches its own warnings on

            warnings.simplefilter("ignore")  # what its libraries have to say to each other
            import oidc_provider_mock  # noqa: PLC0415 - optional
        except ImportError as error:
            raise EtrustError(
                Kind.INVALID, "no_demo_provider",
                zh="未安装 oidc-provider-mock，无法演示持证人登录：pip install oidc-provider-mock。",
                en="oidc-provider-mock is not installed, so nobody can sign in as a holder: pip install oidc-provider-mock.",
            ) from error
        users = [oidc_provider_mock.User(sub=each.sub, claims=dict(each.claims)) for each in people]
        app = oidc_provider_mock.app(user_claims=users)
    # It comes with a debugger that runs what one types into a page, or trusts what a proxy says: neither here.
    app.debug = False
    app.wsgi_app = getattr(app.wsgi_app, "app", app.wsgi_app)
    return app


class _Chooser:
    """The provider behind a page on which people are chosen by name; it also tells when somebody was chosen (``auth_time``)."""

    def __init__(self, app: Any, people: Sequence[DemoPerson], clock: Clock) -> None:
        self._app = app
        self._people = {each.sub: each for each in people}
        self._clock = clock

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        inner: WSGIApplication = self._app
        if environ["PATH_INFO"] != _AUTHORIZE or not self._people:
            return inner(environ, start_response)
        if environ["REQUEST_METHOD"] == "POST":
            self._tell_time(environ)
            return inner(environ, start_response)
        return self._choose(inner, environ, start_response)

    def _choose(self, inner: "WSGIApplication", environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Our page instead of the provider's, when the provider finds nothing wrong with the question."""
        said: list[tuple[Any, ...]] = []
        body = _whole(inner, environ, lambda *told: said.append(told))
        if not said[0][0].startswith("200"):
            start_response(*said[0][:2])
            return [body]
        page = _PAGE.format(people="".join(map(_button, self._people.values()))).encode()
        start_response("200 OK", [
            ("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(page))), ("Cache-Control", "no-store"),
        ])  # fmt: skip
        return [page]

    def _tell_time(self, environ: "WSGIEnvironment") -> None:
        length = min(int(environ.get("CONTENT_LENGTH") or 0), _MAX_FORM)
        body = environ["wsgi.input"].read(length)
        environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(body), str(len(body))
        sub = parse_qs(body.decode("utf-8", "replace")).get("sub", [""])[0]
        if sub in self._people:
            claims = {**self._people[sub].claims, "auth_time": int(self._clock().timestamp())}
            self._app.test_client().put(f"/users/{quote(sub, safe='')}", json=claims)


def _whole(inner: "WSGIApplication", environ: "WSGIEnvironment", start_response: Callable[..., Any]) -> bytes:
    parts = inner(environ, start_response)
    try:
        return b"".join(parts)
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()


def _button(person: DemoPerson) -> str:
    sub, name, words = (html.escape(each, quote=True) for each in (person.sub, person.name, person.words))
    return f'<button name="sub" value="{sub}"><b>{name}</b><span>{words}</span></button>'
