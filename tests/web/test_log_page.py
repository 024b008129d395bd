"""The page of the public log: a proof for whoever has a number, in plain words, without script, in three languages."""

import pytest
from playwright.async_api import expect

from etrust.ledger import witness_store
from etrust.ledger.proofs import Proof
from etrust.ledger.witness_store import Witnessed
from tests.licenses.issuing import identifier_of, issue_company
from tests.matters.receiving import given
from tests.web.conftest import Site
from tests.web.test_counter_accessibility import LOOKS, Looks


async def test_whoever_has_a_number_gets_the_proof(site: Site) -> None:
    license_ = await issue_company(site.rooms)
    receipt = await given(site.rooms)
    await site.rooms.receipts.settled(receipt)
    number = identifier_of(license_).text
    async with site.visitor(java_script_enabled=False) as page:
        await page.goto(site.address)
        await page.click("a[href='/log']")
        await page.fill("#number", number)
        await page.click("button.primary")
        assert page.url == f"{site.address}/log"  # the number is in no address
        await expect(page.locator("#log-result")).to_have_text("已在日志中")
        await expect(page.locator(".log-result")).to_contain_text("尚无其他地区见证")
        async with page.expect_download() as download:
            await page.click(".log-result a.button")
        proof = Proof.parse((await (await download.value).path()).read_text("utf-8"))
        assert proof.note.signed_by(await site.rooms.ledger.key())
        for other in (receipt, f"{receipt[:4]} {receipt[4:].lower()}", "1"):
            await page.fill("#number", other)
            await page.click("button.primary")
            await expect(page.locator("#log-result")).to_have_text("已在日志中")
        for unknown in ("AAAAAAAAAAAAAAAA", "999999999", "什么", number[:-1] + ("A" if number[-1] != "A" else "B"), "<b>x</b>"):
            await page.fill("#number", unknown)
            await page.click("button.primary")
            await expect(page.locator("#log-result")).to_have_text("没有该编号的证明")
            assert await page.input_value("#number") == unknown


async def test_an_auditor_sees_who_was_caught(site: Site) -> None:
    rooms = site.rooms
    seen = Witnessed("gansu.example/log/620000", 9, b"\1" * 32, "620000", b"note", rooms.clock())
    async with rooms.stores.pool.acquire() as connection:
        await witness_store.keep(connection, seen)
        shown = Witnessed(seen.origin, 9, b"\2" * 32, "620000", b"other", rooms.clock())
        await witness_store.raise_alarm(connection, seen=seen, shown=shown, reason="split_view")
    async with site.visitor() as page:
        await page.goto(f"{site.address}/log")
        await expect(page.locator("#log-others")).to_have_count(0)
        await site.sign_in(page, "auditor", "/signin")
        await page.goto(f"{site.address}/log")
        await expect(page.locator(".hindered")).to_contain_text("两份互相矛盾的历史")


@pytest.mark.parametrize(("language", "size"), LOOKS)
async def test_accessible_in_every_look(site: Site, language: str, size: str) -> None:
    license_ = await issue_company(site.rooms)
    await site.rooms.ledger.integrate()
    async with site.visitor(viewport={"width": 390, "height": 844}) as page:
        looks = Looks(page)
        await page.goto(f"{site.address}/log?lang={language}&print={size}")
        await looks("log")
        for name, number in (("found", identifier_of(license_).text), ("none", "x")):
            await page.fill("#number", number)
            await page.click("button.primary")
            await expect(page.locator("#log-result")).to_be_visible()
            await looks(name)
        assert looks.bad() == {}
