from etrust.ledger import witness_store
from etrust.ledger.witness_store import Witnessed
from tests.web.conftest import Site
async def test_shot(site: Site) -> None:
    rooms = site.rooms
    await rooms.ledger.integrate()
    seen = Witnessed("gansu.example/log/620000", 9, b"\1" * 32, "620000", b"note", rooms.clock())
    async with rooms.stores.pool.acquire() as connection:
        await witness_store.keep(connection, seen)
        await witness_store.raise_alarm(connection, seen=seen, shown=Witnessed(seen.origin, 9, b"\2" * 32, "620000", b"other", rooms.clock()), reason="split_view")
    async with site.visitor(viewport={"width": 768, "height": 900}, color_scheme="dark") as page:
        await page.goto(f"{site.address}/signin?lang=en")
        await site.sign_in(page, "auditor", "/signin")
        await page.goto(f"{site.address}/log")
        await page.fill("#number", "x"); await page.click("button.primary[type=submit]")
        await page.screenshot(path="/tmp/work/log-auditor.png", full_page=True)
