"""Every path of the API in one table."""

from aiohttp import web

from etrust.api import (
    batch_checks,
    cases,
    checks,
    codes,
    documents,
    files,
    health,
    licenses,
    matter_checks,
    matters,
    metrics,
    openapi,
    published,
    ratings,
    receipts,
    recognition,
    seals,
    timestamps,
)
from etrust.api.access import KEY_RING, KeyRing
from etrust.api.audit_routes import AUDIT_ROUTES
from etrust.api.batch_checks import BATCH
from etrust.api.correction_routes import CORRECTION_ROUTES
from etrust.api.idempotency import repeatable
from etrust.api.ledger_routes import LEDGER_ROUTES
from etrust.api.notice_routes import NOTICE_ROUTES
from etrust.api.objection_routes import OBJECTION_ROUTES
from etrust.api.partner_routes import PARTNER_ROUTES
from etrust.api.problems import problems
from etrust.api.trust_routes import TRUST_ROUTES
from etrust.wiring import ROOMS, Rooms


def add_api(app: web.Application, rooms: Rooms) -> None:
    """Add the API's handlers, its error middleware and what they share to an application."""
    app[ROOMS] = rooms
    app[KEY_RING] = KeyRing(rooms)
    app.middlewares.extend((problems, repeatable))
    app.router.add_post("/api/v1/checks", checks.check, name="check")
    app.router.add_post("/api/v1/checks/batch", batch_checks.check_batch, name=BATCH)
    app.router.add_post("/api/v1/codes/redemptions", codes.redeem, name="redeem")
    app.router.add_post("/api/v1/codes/reconciliations", codes.reconcile, name="reconcile")
    app.router.add_post("/api/v1/recognition/holdings", recognition.holdings, name="recognition")
    app.router.add_get("/api/v1/matters", matters.search, name="matters")
    app.router.add_get("/api/v1/matters/shared-licenses", matters.shared, name="shared_licenses")
    app.router.add_get("/api/v1/matters/themes", matters.themes, name="matter_themes")
    app.router.add_get("/api/v1/matters/{code:[^/]{1,120}}", matters.show, name="matter")
    app.router.add_post("/api/v1/matters/{code:[0-9A-Z]{31}}/checks", matter_checks.check, name="matter_check")
    app.router.add_post("/api/v1/matters/checks/{check:[0-9a-f]{32}}", matter_checks.go_on, name="matter_check_on")
    app.router.add_get("/api/v1/cases", cases.list_, name="cases")
    app.router.add_get("/api/v1/cases/overdue", cases.overdue, name="overdue")
    app.router.add_get("/api/v1/cases/{number:[0-9A-Z]{31}[0-9]{12}}", cases.show, name="case")
    app.router.add_post(
        f"/api/v1/cases/{{number:[0-9A-Z]{{31}}[0-9]{{12}}}}/{{step:{cases.STEPS}}}", cases.step, name="case_step"
    )
    app.router.add_get("/api/v1/cases/{number:[0-9A-Z]{31}[0-9]{12}}/archive", cases.archive, name="case_archive")
    app.router.add_get("/api/v1/receipts/{receipt:[0-9A-Za-z-]{1,40}}", receipts.cose, name="receipt")
    app.router.add_get("/api/v1/receipts/{receipt:[0-9A-Za-z-]{1,40}}.pdf", receipts.pdf, name="receipt_pdf")
    app.router.add_post("/api/v1/files/verify", files.verify, name="verify_file")
    app.router.add_post("/api/v1/licenses", licenses.issue, name="issue")
    app.router.add_get("/api/v1/licenses/{identifier}", licenses.show, name="show")
    app.router.add_post(
        "/api/v1/licenses/{identifier}/{action:revoke|suspend|restore}", licenses.change, name="change"
    )
    app.router.add_get(r"/api/v1/seals/{code:\d{3,19}}", seals.show, name="seal")
    app.router.add_post(r"/api/v1/seals/{code:\d{3,19}}/uses", seals.use, name="seal_use")
    app.router.add_post("/api/v1/licenses/{identifier}/documents", documents.make, name="documents")
    app.router.add_get("/api/v1/licenses/{identifier}/documents/{kind:pdf|ofd}", documents.send, name="document")
    app.router.add_post("/api/v1/licenses/{identifier}/copies", documents.copy, name="copies")
    app.router.add_get(r"/api/v1/licenses/{identifier}/copies/{copy:\d{1,9}}/{kind:pdf|ofd}", documents.send, name="copy")
    app.router.add_get("/.well-known/etrust/trust-list", published.trust_list, name="trust_list")
    app.router.add_get("/.well-known/etrust/anchor", published.anchor, name="anchor")
    app.router.add_get(r"/status/{list_no:\d{1,9}}", published.status_list, name="status_list")
    app.router.add_get(r"/ca/{authority:[0-9a-f]{16}}", published.authority, name="authority")
    app.router.add_get(r"/crl/{authority:[0-9a-f]{16}}/{shard:\d{1,9}}", published.revocation_list, name="revocation_list")
    app.router.add_get("/api/v1/ratings", ratings.show, name="ratings")
    app.router.add_post("/tsa", timestamps.stamp, name="timestamp")
    app.router.add_get("/openapi.json", openapi.document, name="openapi")
    app.router.add_get("/metrics", metrics.metrics, name="metrics")
    app.router.add_get("/livez", health.live, name="livez")
    app.router.add_get("/readyz", health.ready, name="readyz")
    for routes in (
        LEDGER_ROUTES, TRUST_ROUTES, PARTNER_ROUTES, OBJECTION_ROUTES, CORRECTION_ROUTES, NOTICE_ROUTES, AUDIT_ROUTES,
    ):  # fmt: skip
        app.add_routes(routes)
