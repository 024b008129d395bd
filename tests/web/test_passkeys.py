"""Passkeys in a real browser with an authenticator of its own: made, used, named, removed; and what an attacker tries."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, expect

from tests.family import WIFE, issue_family
from tests.web.conftest import Site
from tests.web.holding import signed_in_holder

pytestmark = pytest.mark.long

AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True,
    "automaticPresenceSimulation": True,
}  # fmt: skip


@asynccontextmanager
async def phone(site: Site, wanted: str = "/my/passkeys", **options: object) -> AsyncIterator[tuple[Page, object, str]]:
    """A signed-in phone with an authenticator; passkeys are bound to a name, so the site is visited by one."""
    base = site.address.replace("127.0.0.1", "localhost")
    outside = site.address
    site.address = base
    try:
        async with signed_in_holder(site, WIFE.code, name=WIFE.name, base=base, wanted="") as page:
            session = await page.context.new_cdp_session(page)
            await session.send("WebAuthn.enable")
            made = await session.send("WebAuthn.addVirtualAuthenticator", {"options": {**AUTHENTICATOR, **options}})
            await page.goto(f"{base}{wanted}")
            yield page, session, made["authenticatorId"]
    finally:
        site.address = outside


async def make(page: Page, name: str = "我的手机") -> None:
    await page.fill("#name", name)
    await page.click("form[data-passkey=make] button[type=submit]")
    await expect(page.locator(".passkey-item")).to_contain_text(name)


async def test_made_named_used_and_removed(site: Site) -> None:
    made = await issue_family(site.rooms)
    insurance = made["medical_insurance"][1].text
    async with phone(site) as (page, _, _id):
        await expect(page.locator(".empty")).to_be_visible()
        await make(page)
        await page.locator(".passkey-item summary").click()
        await page.locator(".passkey-item form.inline input[type=text]").fill("旧手机")
        await page.locator(".passkey-item form.inline button").click()
        await expect(page.locator(".passkey-item")).to_contain_text("旧手机")
        # a passkey just made is a confirmation; with that over, a sensitive license asks for it
        async with site.rooms.stores.pool.acquire() as connection:
            await connection.execute("UPDATE person_sessions SET strong_until = NULL")
        await page.goto(f"{site.address}/my/licenses/{insurance}")
        await expect(page.locator("h1")).to_have_text("确认是您本人")
        await page.click("form[data-passkey=use] button[type=submit]")
        await page.wait_for_url(f"**/my/licenses/{insurance}")
        await expect(page.locator("main")).to_contain_text("医疗保险凭证")
        await page.goto(f"{site.address}/my/passkeys")
        await page.locator(".passkey-item summary").click()
        await page.locator(".passkey-item button.danger").click()
        await expect(page.locator(".empty")).to_be_visible()


async def test_without_a_passkey_one_is_led_to_make_it(site: Site) -> None:
    made = await issue_family(site.rooms)
    insurance = made["medical_insurance"][1].text
    async with phone(site, f"/my/licenses/{insurance}") as (page, _, _id):
        await page.click("a.button.primary")
        await page.fill("#name", "我的手机")
        await page.click("form[data-passkey=make] button[type=submit]")
        await page.wait_for_url(f"**/my/licenses/{insurance}")
        await expect(page.locator("main")).to_contain_text("医疗保险凭证")


async def test_a_device_that_did_not_verify_its_user_is_refused(site: Site) -> None:
    async with phone(site) as (page, session, authenticator):
        await make(page)
        await session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})  # type: ignore[attr-defined]
        async with site.rooms.stores.pool.acquire() as connection:
            await connection.execute("UPDATE person_sessions SET strong_until = NULL")
        await page.goto(f"{site.address}/my/passkeys/confirm?next=/my")
        await page.click("form[data-passkey=use] button[type=submit]")
        await expect(page.locator("[data-said]")).to_be_visible()
        assert page.url.startswith(f"{site.address}/my/passkeys/confirm")


async def test_an_answer_is_taken_once(site: Site) -> None:
    async with phone(site) as (page, _, _id):
        await make(page)
        async with site.rooms.stores.pool.acquire() as connection:
            await connection.execute("UPDATE person_sessions SET strong_until = NULL")
        await page.goto(f"{site.address}/my/passkeys/confirm?next=/my")
        async with page.expect_request(lambda request: request.method == "POST" and request.url.endswith("/confirm")) as sent:
            await page.click("form[data-passkey=use] button[type=submit]")
        body = (await sent.value).post_data
        await page.wait_for_url(f"{site.address}/my")
        await page.goto(f"{site.address}/my/passkeys")
        token = await page.locator("[name=csrf]").first.get_attribute("value")
        async with site.rooms.stores.pool.acquire() as connection:
            await connection.execute("UPDATE person_sessions SET strong_until = NULL")
        answer = await page.request.post(
            f"{site.address}/my/passkeys/confirm", headers={"Content-Type": "application/x-www-form-urlencoded", "Origin": site.address},
            data=(body or "").replace((body or "").split("csrf=")[1].split("&")[0], token or ""), max_redirects=0,
        )  # fmt: skip
        assert (answer.status, answer.headers.get("location")) == (403, None)
        async with site.rooms.stores.pool.acquire() as connection:
            assert await connection.fetchval("SELECT count(*) FROM person_sessions WHERE strong_until IS NOT NULL") == 0


async def test_a_copy_of_a_passkey_is_noticed(site: Site) -> None:
    async with phone(site) as (page, _, _id):
        await make(page)
        async with site.rooms.stores.pool.acquire() as connection:
            await connection.execute("UPDATE person_sessions SET strong_until = NULL")
            await connection.execute("UPDATE passkeys SET sign_count = 1000")  # another device has counted on
        await page.goto(f"{site.address}/my/passkeys/confirm?next=/my")
        await page.click("form[data-passkey=use] button[type=submit]")
        await expect(page.locator(".summary[role=alert]")).to_contain_text("未通过")
