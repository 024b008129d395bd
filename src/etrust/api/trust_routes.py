"""The paths of older trust lists, and of lists as files."""

from aiohttp import web

from etrust.api import published

TRUST_ROUTES: list[web.RouteDef] = [
    web.get(r"/.well-known/etrust/trust-lists/{sequence:[1-9]\d{0,17}}", published.older_list, name="trust_list_by_number"),
    web.get("/.well-known/etrust/trust-lists/sha256/{digest:[0-9a-f]{64}}", published.older_list, name="trust_list_by_digest"),
    web.get("/.well-known/etrust/lists", published.manifest, name="list_manifest"),
    web.get("/lists/{digest:[0-9a-f]{64}}", published.list_file, name="list_file"),
]
