"""Stylesheet, scripts and pictures, served from memory under one digest and cached for ever by browsers.

Files of others (htmx, zxing) come from ``node_modules`` when they were fetched; pages work without them.
"""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import hdrs, web

from etrust.resources import resource

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
}
_VENDOR = {
    "vendor/htmx.js": "htmx.org/dist/htmx.min.js",
    "vendor/zxing.js": "zxing-wasm/dist/iife/reader/index.js",
    "vendor/zxing_reader.wasm": "zxing-wasm/dist/reader/zxing_reader.wasm",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent, plain and compressed."""

    body: bytes
    compressed: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Assets:
    """All files and the digest of them all, which stands in their addresses."""

    digest: str
    files: Mapping[str, Asset]

    def url(self, name: str) -> str:
        """The address of a file, or nothing when it was not fetched."""
        return f"/static/{self.digest}/{name}" if name in self.files else ""

    def answer(self, digest: str, name: str, *, gzip_accepted: bool) -> web.Response:
        """The file as a response; under an outdated digest it is sent, but not to be kept."""
        asset = self.files.get(name)
        if asset is None:
            raise web.HTTPNotFound
        current = digest == self.digest
        headers = {
            hdrs.CONTENT_TYPE: asset.content_type,
            hdrs.CACHE_CONTROL: "public, max-age=31536000, immutable" if current else "no-cache",
            hdrs.VARY: hdrs.ACCEPT_ENCODING,
        }
        if not gzip_accepted:
            return web.Response(body=asset.body, headers=headers)
        return web.Response(body=asset.compressed, headers={**headers, hdrs.CONTENT_ENCODING: "gzip"})


def load_assets(static: Path | None = None, modules: Path | None = None) -> Assets:
    """Read every file once, at start."""
    static = static or resource("templates", "static")
    modules = modules or resource("node_modules")
    paths = {
        str(path.relative_to(static).as_posix()): path for path in sorted(static.rglob("*")) if path.is_file()
    }
    paths |= {name: modules / source for name, source in _VENDOR.items() if (modules / source).is_file()}
    files = {name: _read(path) for name, path in paths.items() if path.suffix in _TYPES}
    return Assets(_digest(files), files)


def _read(path: Path) -> Asset:
    body = path.read_bytes()
    return Asset(body, gzip.compress(body, compresslevel=6, mtime=0), _TYPES[path.suffix])


def _digest(files: Mapping[str, Asset]) -> str:
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(name.encode() + b"\0" + hashlib.sha256(files[name].body).digest())
    return total.hexdigest()[:16]
