"""Private looks."""
import os
import pytest
from pathlib import Path
from tests.web.conftest import Site
from tests.web.holding import signed_in_holder
from tests.family import *
from etrust.licenses.samples.family import HUSBAND, COMPANY

OUT = Path("/tmp/work/shots/holder"); OUT.mkdir(parents=True, exist_ok=True)
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 1, "is_mobile": True, "has_touch": True}

async def test_looks(site: Site, issue_it=None):
    from etrust.wiring.founding_family import issue_family
    made = await issue_family(site.rooms)
    wanted = os.environ.get("LOOKS", "my,license,code,cards").split(",")
    langs = os.environ.get("LANGS", "zh,ug,en").split(",")
    modes = os.environ.get("MODES", "light,dark,large").split(",")
    async with signed_in_holder(site, HUSBAND.code, name=HUSBAND.name, companies=((COMPANY.code, COMPANY.name, "legal_representative"),), wanted="", strong=True, **PHONE) as page:
        await page.goto(f"{site.address}/my")
        print(page.url, (await page.locator("main").inner_text())[:600])
        links = await page.eval_on_selector_all("a.my-card", "each => each.map(e => [e.dataset.type, e.getAttribute('href')])")
        links = dict(links)
        print(links)
        pages = {"my": "/my", "license": links.get("driving_license"), "idcard": links.get("resident_identity_card"), "birth": links.get("birth_certificate"), "marriage": links.get("marriage_certificate"), "code": "/my/code", "cards": "/my/cards", "new": "/my/cards/new", "matter": "/my/code/matter", "offline": "/my/offline", "passport": links.get("passport")}
        for name in wanted:
            for lang in langs:
                for mode in modes:
                    await page.emulate_media(color_scheme="dark" if mode == "dark" else "light")
                    size = "large" if mode == "large" else "normal"
                    answer = await page.goto(f"{site.address}{pages[name]}?lang={lang}&print={size}")
                    await page.wait_for_timeout(400)
                    over = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
                    print(name, lang, mode, answer.status, "over", over)
                    await page.screenshot(path=OUT / f"{name}-{lang}-{mode}.png", full_page=True)
        if os.environ.get("CARD"):
            await page.goto(f"{site.address}/my/cards/new?lang={langs[0]}&print=normal")
            for i in (0, 1):
                await page.locator("label.choice").nth(i).click()
            await page.locator(".agree .primary").click()
            await page.screenshot(path=OUT / "card-made.png", full_page=True)
            link = await page.locator(".link a").inner_text()
            await page.goto(link); await page.screenshot(path=OUT / "card-door.png", full_page=True)
            await page.locator(".door button").click()
            await page.wait_for_selector(".told-card")
            await page.screenshot(path=OUT / "card-open.png", full_page=True)
            await page.goto(f"{site.address}/my/cards"); await page.screenshot(path=OUT / "card-list.png", full_page=True)
            await page.goto(f"{site.address}/my/code/matter"); await page.locator(".matters a").first.click()
            await page.screenshot(path=OUT / "onematter.png", full_page=True)
            await page.goto(site.address + links["driving_license"])
            await page.evaluate("navigator.serviceWorker.ready")
            await page.reload(); await page.wait_for_timeout(500)
            await page.locator("#keep").check(); await page.wait_for_timeout(500)
            await page.context.set_offline(True)
            await page.goto(f"{site.address}/my"); await page.wait_for_timeout(500)
            await page.screenshot(path=OUT / "offline-shown.png", full_page=True)
            await page.context.set_offline(False)
        for width in [int(w) for w in os.environ.get("WIDTHS", "").split(",") if w]:
            await page.set_viewport_size({"width": width, "height": 900})
            await page.emulate_media(color_scheme="light")
            for lang in langs:
                await page.goto(f"{site.address}/my?lang={lang}&print=normal")
                await page.screenshot(path=OUT / f"my-{lang}-{width}.png", full_page=True)
    print(site.complaints)
