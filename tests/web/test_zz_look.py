from tests.web.conftest import Site
from etrust.matters.samples import *
async def test_look(site: Site):
    async with site.visitor(viewport={"width":1440,"height":900}) as page:
        for lang in ("zh","ug","en"):
            await page.goto(f"{site.address}/signin?lang={lang}")
            for name,path in {"list":"/matters","matter":f"/matters/{NEWBORN}","shop":f"/matters/{SHOP}","theme":"/matters/themes/birth"}.items():
                for w in (1440,390):
                    await page.set_viewport_size({"width":w,"height":900})
                    await page.goto(f"{site.address}{path}")
                    await page.screenshot(path=f"/tmp/look/{name}-{lang}-{w}.png", full_page=True)
        await page.goto(f"{site.address}/signin?lang=zh")
        await page.set_viewport_size({"width":1440,"height":900})
        await site.sign_in(page,"matters","/matters/drafts")
        for name,path in {"drafts":"/matters/drafts","new":"/matters/new","edit":f"/matters/{NEWBORN}/edit","material":f"/matters/{NEWBORN}/edit/materials/marriage_certificate","preview":f"/matters/{NEWBORN}/edit/preview","import":"/matters/import"}.items():
            await page.goto(f"{site.address}{path}")
            await page.screenshot(path=f"/tmp/look/{name}.png", full_page=True)
