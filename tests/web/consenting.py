"""Holders and windows for tests of consent: a family with licenses, a clerk who asks, looks that were kept."""

from datetime import date

from playwright.async_api import Page

from etrust.access.persons import HolderSession
from etrust.matters.model import Matter
from etrust.matters.samples import NEWBORN
from etrust.onecode.access_log_model import AccessEntry
from etrust.onecode.consent_model import ConsentRequest
from etrust.onecode.model import Acting, Ground, Use
from etrust.wiring import Rooms
from tests.family import COMPANY, HUSBAND, WIFE, Family
from tests.onecode.consents import STATION
from tests.onecode.households import citizen

NEIGHBOR = citizen("帕提古丽·亚森", date(1985, 6, 1), 222)
COMPANIES = ((COMPANY.code, COMPANY.name, "legal_representative"),)
CASE = NEWBORN + "202611250001"
USE = Use(Ground.CONSENT, NEWBORN, CASE, "clerk", STATION, "办理新生儿出生一件事")


async def session_of(rooms: Rooms, page: Page) -> HolderSession:
    """The session that a page's cookie opens."""
    token = next(each["value"] for each in await page.context.cookies() if each["name"] == "etrust_holder")
    session = await rooms.people.session(token)
    assert session is not None
    return session


async def newborn(rooms: Rooms) -> Matter:
    """The matter of the birth of a child."""
    matter = await rooms.catalogue.matter(NEWBORN)
    assert matter is not None
    return matter


async def ask(rooms: Rooms, session: HolderSession) -> tuple[ConsentRequest, Acting]:
    """A clerk who scanned the session's code asks its holder."""
    acting = await rooms.consent.acting(session)
    matter = await newborn(rooms)
    asked = await rooms.consent.ask(
        acting.subject, USE, matter=matter, acting=acting, session=session.digest, party="applicant"
    )
    return asked, acting


async def looked(rooms: Rooms, family: Family) -> None:
    """Looks at the husband's licenses: one he agreed to, one on duty, one at his wife's that names him."""
    numbering = rooms.issuing.numbering
    marriage, card = family["marriage_certificate"][0].text, family["resident_identity_card"][0].text
    at, key = rooms.clock(), numbering.holder(HUSBAND)
    fields = ("marriage_certificate.number", "marriage_certificate.holder_b_name")
    duty = Use(Ground.DUTY, NEWBORN, CASE, "officer", STATION, "=现场核查", "《户口登记条例》第七条")
    await rooms.consent.record(AccessEntry(numbering.holder(WIFE), at, USE, (marriage,), fields, "done", "G-x"))
    await rooms.consent.record(AccessEntry(key, at, duty, (card,), (), "done", "G-y"))
    await rooms.consent.record(AccessEntry(key, at, USE, (card,), ("resident_identity_card.address",), "done", "G-z"))
