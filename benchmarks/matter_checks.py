"""A check of five materials, everything recorded, beside the five ES256 verifications and look-ups it cannot do without."""

import secrets
import time
from collections.abc import Sequence
from datetime import timedelta

from benchmarks.pairs import Result, Timed, pairs
from benchmarks.region import region
from etrust.access.person_model import HolderSession, Person
from etrust.credentials.credential import parse
from etrust.ids import LicenseIdentifier
from etrust.licenses import store as license_store
from etrust.licenses.samples.family import HUSBAND
from etrust.matters import catalogue
from etrust.matters.check_model import CheckState, MatterQuestion
from etrust.matters.model import Demand, Material, Matter, Outcome, Party, Standing, Words
from etrust.matters.samples import NEWBORN
from etrust.onecode.model import Acting, CodeKind, Ground
from etrust.signing.verify import VerifyKey
from etrust.trust.model import Purpose
from etrust.wiring import Rooms
from etrust.wiring.founding_family import issue_family

_TYPES = {
    "resident_identity_card": ("holder_name", "holder_code", "address"), "household_register": ("household_number",),
    "marriage_certificate": ("number",), "social_security_card": ("number",), "vehicle_license": ("plate",),
}  # fmt: skip
_OFFICE = "clerk"


async def run(*, checks: int = 20, rounds: int = 7) -> list[Result]:
    """Every check is a whole one: code used up, consent counted, licenses judged, case, access log and receipt kept."""
    async with region() as rooms:
        family = await issue_family(rooms)
        matter = await _matter(rooms)
        clerk = await rooms.operator(_OFFICE)
        person = Person(secrets.token_hex(16), HUSBAND.name, HUSBAND.code, HUSBAND.code_type)
        session = HolderSession(person, secrets.token_bytes(32), rooms.clock(), rooms.clock() + timedelta(hours=1))
        (acting, *_) = await rooms.consent.actings(person)
        wanted = [family[name][0] for name in _TYPES]

        async def bare() -> int:
            for _ in range(checks):
                await _verifications(rooms, wanted)
            return checks

        async def ours() -> Timed:
            codes = [await _code(rooms, matter, acting, session) for _ in range(checks)]
            begun = time.perf_counter()
            for code in codes:
                question = MatterQuestion(matter.code, {"applicant": code}, clerk, Ground.CONSENT, "基准测试")
                check = await rooms.matters.check(question)
                if check.state is not CheckState.DONE or {each.outcome for each in check.materials} != {Outcome.SATISFIED}:
                    raise AssertionError(check)
            return Timed(checks, time.perf_counter() - begun)

        name = "check a matter of five materials: code, consent, case, access log, receipt"
        return [await pairs(name, "five ES256 verifications and five look-ups by number", bare, ours, rounds=rounds)]


async def _matter(rooms: Rooms) -> Matter:
    materials = tuple(
        Material(name, Words(name), True, (Demand(name, "applicant", fields),), review=fields)  # noqa: FBT003 - required
        for name, fields in _TYPES.items()
    )
    party = Party("applicant", Words("申请人"), ("111",))
    made = Matter(
        NEWBORN[:28] + "777", 1, Words("基准测试"), "行政确认", NEWBORN[:18], 4, "", frozenset({Ground.CONSENT}), (party,),
        materials, (), 0, "测试", Standing.DRAFT, {},
    )  # fmt: skip
    async with rooms.stores.pool.acquire() as connection:
        done = await catalogue.publish(
            connection, made, types=rooms.types, operator="matters", approver="matters2", reason="bench", at=rooms.clock()
        )
    return done.matter


async def _code(rooms: Rooms, matter: Matter, acting: Acting, session: HolderSession) -> str:
    """A code of the matter on a phone of its own: one session shows three at once."""
    grant = await rooms.consent.give(
        acting, matter=matter, until=rooms.clock() + timedelta(days=1), by_session=session
    )
    shown = await rooms.codes.show(
        acting, session=secrets.token_bytes(32), kind=CodeKind.MATTER, matter=matter.code, grant=grant.id
    )
    return shown.text


async def _verifications(rooms: Rooms, wanted: Sequence[LicenseIdentifier]) -> None:
    trust = await rooms.trust.snapshot()
    async with rooms.stores.pool.acquire() as connection:
        for identifier in wanted:
            found = await license_store.find(connection, identifier.serial, identifier.version)
            if found is None:
                raise AssertionError(identifier)
            credential = parse(found.credential)
            entry = trust.keys_for(credential.kid, Purpose.CREDENTIAL)[0]
            key = VerifyKey.from_certificate(entry.certificate, entry.algorithm)
            key.check(credential.signature, credential.to_be_signed)
