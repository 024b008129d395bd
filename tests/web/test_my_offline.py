"""The installed app without a network: chosen offline codes and no more, gone at sign-out, with another person, and after three days."""

import json
from io import BytesIO

import pytest
from PIL import Image
from playwright.async_api import Page, expect

from tests.family import HUSBAND
from tests.web.conftest import Site
from tests.web.holder_pages import family_of, husband, license_path, read_code, revoke, sign_out
from tests.web.holding import CODE, NAME, holder_token

pytestmark = pytest.mark.long

CACHED = """async () => {
  const found = {};
  for (const name of await caches.keys()) {
    const place = await caches.open(name);
    for (const request of await place.keys()) found[new URL(request.url).pathname] = [name, await (await place.match(request)).text()];
  }
  return found;
}"""


NOTHING_KEPT = """async () => {
  const kept = async () => (await caches.has('etrust-my-codes')) ? (await (await caches.open('etrust-my-codes')).keys()).length : 0;
  while (await kept()) await new Promise((done) => setTimeout(done, 50));
}"""
"""Ends when no code is kept any more; the time limit of the test bounds it."""


async def with_worker(page: Page) -> None:
    """Wait until the worker is in charge of the page."""
    await page.evaluate("navigator.serviceWorker.ready")
    await page.reload()
    await page.wait_for_function("navigator.serviceWorker.controller !== null")


async def keep_license(page: Page) -> None:
    """Tick the box that keeps the license's offline code."""
    await page.locator("#keep").check()
    await expect(page.locator("#keep-told")).not_to_be_empty()


async def test_a_kept_license_is_shown_without_a_network_with_the_time_it_was_saved(site: Site) -> None:
    made = await family_of(site)
    async with husband(site, license_path(made, "driving_license")) as page:
        await with_worker(page)
        await keep_license(page)
        await page.context.set_offline(True)
        await page.goto(f"{site.address}/my")
        await expect(page.locator(".offline-code")).to_have_count(1)
        text = await read_code(page.locator(".offline-code .qr"))
        assert (await site.rooms.check(text)).license["short"] == made["driving_license"][0].short
        await expect(page.locator(".saved-at time")).not_to_be_empty()
        assert await page.locator(".offline-code time").get_attribute("datetime")
        await page.context.set_offline(False)
        await page.locator(".again a").click()
        await expect(page.locator(".show-code")).to_be_visible()
    site.complaints.clear()


async def test_the_worker_keeps_the_shell_and_the_chosen_codes_and_nothing_of_any_page(site: Site) -> None:
    made = await family_of(site)
    async with husband(site, license_path(made, "driving_license")) as page:
        await with_worker(page)
        await keep_license(page)
        for path in ("/my", "/my/code", "/my/cards", license_path(made, "resident_identity_card")):
            await page.goto(site.address + path)
        cached = await page.evaluate(CACHED)
        saved = f"{license_path(made, 'driving_license')}/saved"
        assert {path for path in cached if not path.startswith("/static/")} == {"/my/offline", saved}
        others = {path: text for path, (_, text) in cached.items() if path != saved}
        assert [path for path, text in others.items() if HUSBAND.name in text or HUSBAND.code in text] == []
        record = json.loads(cached[saved][1])
        assert HUSBAND.name not in json.dumps(record, ensure_ascii=False)
        assert HUSBAND.code not in json.dumps(record)
        assert record["holder"] == HUSBAND.name[0] + "*"


async def test_signing_out_clears_what_was_kept(site: Site) -> None:
    made = await family_of(site)
    async with husband(site, license_path(made, "driving_license")) as page:
        await with_worker(page)
        await keep_license(page)
        await sign_out(site, page)
        await page.evaluate(NOTHING_KEPT)
        cached = await page.evaluate(CACHED)
        assert [path for path in cached if path.endswith("/saved")] == []
        await page.context.set_offline(True)
        await page.goto(f"{site.address}/my")
        await expect(page.locator(".empty")).to_be_visible()
        await expect(page.locator(".offline-code")).to_have_count(0)
        await page.context.set_offline(False)
    site.complaints.clear()


async def test_another_person_on_the_phone_finds_nothing_of_the_one_before(site: Site) -> None:
    made = await family_of(site)
    async with husband(site, license_path(made, "driving_license")) as page:
        await with_worker(page)
        await keep_license(page)
        token = await holder_token(site, CODE, name=NAME)
        await page.context.add_cookies([{"name": "etrust_holder", "value": token, "url": site.address}])
        await page.goto(f"{site.address}/my")
        await page.evaluate(NOTHING_KEPT)
        assert [path for path in await page.evaluate(CACHED) if path.endswith("/saved")] == []


@pytest.mark.long
async def test_after_three_days_a_kept_code_is_gone(site: Site) -> None:
    made = await family_of(site)
    async with husband(site, license_path(made, "driving_license")) as page:
        await with_worker(page)
        await keep_license(page)
        await page.evaluate("""async () => {
          const place = await caches.open('etrust-my-codes');
          for (const request of await place.keys()) {
            const record = await (await place.match(request)).json();
            await place.put(request, new Response(JSON.stringify({...record, saved: record.saved - 72 * 3600_000})));
          }
        }""")
        await page.context.set_offline(True)
        await page.goto(f"{site.address}/my")
        await expect(page.locator(".empty")).to_be_visible()
        assert [path for path in await page.evaluate(CACHED) if path.endswith("/saved")] == []
        await page.context.set_offline(False)
    site.complaints.clear()


@pytest.mark.long
async def test_a_revoked_license_is_dropped_at_the_next_look(site: Site) -> None:
    made = await family_of(site)
    async with husband(site, license_path(made, "driving_license")) as page:
        await with_worker(page)
        await keep_license(page)
        await page.evaluate("navigator.locks.request('etrust-my-codes', () => {})")  # this page's own renewal is over
        await revoke(site, made["driving_license"][0])
        await page.goto(f"{site.address}/my")
        await page.evaluate(NOTHING_KEPT)
        assert [path for path in await page.evaluate(CACHED) if path.endswith("/saved")] == []


async def test_it_can_be_installed_in_the_language_of_the_visitor(site: Site) -> None:
    async with husband(site, "/my?lang=ug") as page:
        address = await page.locator("link[rel=manifest]").get_attribute("href")
        manifest = await page.evaluate(f"fetch('{address}').then((answer) => answer.json())")
        assert (manifest["lang"], manifest["dir"], manifest["scope"], manifest["display"]) == ("ug", "rtl", "/my", "standalone")
        for icon in manifest["icons"]:
            picture = await page.request.get(site.address + icon["src"])
            opened = Image.open(BytesIO(await picture.body()))
            assert f"{opened.width}x{opened.height}" == icon["sizes"]
        assert {icon.get("purpose", "any") for icon in manifest["icons"]} == {"any", "maskable"}


@pytest.mark.long
async def test_the_worker_stays_within_the_holders_pages(site: Site) -> None:
    async with husband(site, "/my") as page:
        scope = await page.evaluate("navigator.serviceWorker.ready.then((found) => new URL(found.scope).pathname)")
        assert scope == "/my"
        await page.goto(f"{site.address}/")
        assert await page.evaluate("navigator.serviceWorker.controller === null")
