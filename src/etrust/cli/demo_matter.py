"""The demonstration's matter without paper: two parents show their codes, agree on their phones, and a birth is registered."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from etrust.access.person_model import HolderSession, Person
from etrust.credentials.qr import terminal
from etrust.errors import EtrustError
from etrust.licenses.model import Holder
from etrust.licenses.samples.family import HUSBAND, WIFE
from etrust.matters.case_model import Action
from etrust.matters.check_model import CheckState, MatterCheck, MatterQuestion
from etrust.matters.model import Outcome
from etrust.matters.samples import NEWBORN
from etrust.onecode.model import CodeKind, Ground
from etrust.wiring import Rooms

_SIGNS = {Outcome.SATISFIED: "[green]✓ 已具备[/]", Outcome.MISSING: "[red]✕ 缺少[/]"}
_REASON = "办理新生儿出生登记"


@dataclass
class Phones:
    """The phones of the two parents, signed in."""

    rooms: Rooms
    sessions: Mapping[str, HolderSession]

    @classmethod
    def of(cls, rooms: Rooms) -> "Phones":
        """Phones of the sample family."""
        at = rooms.clock()

        def session(holder: Holder) -> HolderSession:
            person = Person(secrets.token_hex(16), holder.name, holder.code, holder.code_type, ())
            return HolderSession(person, secrets.token_bytes(32), at, at + timedelta(hours=1))

        return cls(rooms, {"applicant": session(WIFE), "spouse": session(HUSBAND)})

    async def codes(self) -> dict[str, str]:
        """A fresh code on each phone."""
        return {party: await self._code(session) for party, session in self.sessions.items()}

    async def agree(self, check: MatterCheck) -> None:
        """Both read what is asked, and agree."""
        for party, request in check.requests.items():
            await self.rooms.consent.answer(request, self.sessions[party], agree=True)

    async def _code(self, session: HolderSession) -> str:
        acting = (await self.rooms.consent.actings(session.person))[0]
        return (await self.rooms.codes.show(acting, session=session.digest, kind=CodeKind.HOLDER)).text


async def show_codes(phones: Phones) -> dict[str, str]:
    """The codes of both, the first one as a picture."""
    codes = await phones.codes()
    click.echo(terminal(codes["applicant"]))
    return codes


async def check_birth(phones: Phones, codes: Mapping[str, str]) -> MatterCheck:
    """The clerk's one scan of each, the agreement of both, and what the matter then has."""
    rooms = phones.rooms
    clerk = await rooms.operator("clerk")
    check = await rooms.matters.check(MatterQuestion(NEWBORN, codes, operator=clerk, ground=Ground.CONSENT, reason=_REASON))
    if check.state is CheckState.CONSENT_NEEDED:
        await phones.agree(check)
        check = await rooms.matters.continue_check(check.check_id, operator=clerk)
    matter = await rooms.catalogue.matter_version(check.matter, check.version)
    names = {material.key: material.name.zh for material in matter.materials} if matter else {}
    table = Table("材料 material", "结果 outcome", "披露 told")
    for each in check.materials:
        table.add_row(names.get(each.key, each.key), _SIGNS.get(each.outcome, each.outcome.value), "、".join(each.fields))
    Console(soft_wrap=True).print(table)
    click.echo(f"   办件编码 case {check.case_number}，预填 filled in {len(check.form)} 项 fields")
    return check


async def is_refused_again(phones: Phones, codes: Mapping[str, str]) -> bool:
    """Whether the same codes, shown once more (a screenshot, say), are refused, telling when they were used."""
    rooms = phones.rooms
    clerk = await rooms.operator("clerk")
    try:
        await rooms.matters.check(MatterQuestion(NEWBORN, codes, operator=clerk, ground=Ground.CONSENT, reason=_REASON))
    except EtrustError as error:
        click.echo(f"   {error.zh}\n   {error.en}")
        return error.code == "code_used"
    return False


async def accept(rooms: Rooms, check: MatterCheck) -> list[Path]:
    """Accept the case; its receipt as COSE and as PDF."""
    clerk = await rooms.operator("clerk")
    await rooms.matters.take_step(check.case_number, Action.ACCEPT, operator=clerk, reason="材料齐全")
    assert check.receipt is not None  # noqa: S101 - the check is done
    folder = rooms.home.path / "samples"
    files = {
        folder / "receipt.cose": await rooms.receipts.settled(check.receipt),
        folder / "receipt.pdf": await rooms.receipts.pdf(check.receipt),
    }
    for path, data in files.items():
        path.write_bytes(data)
        click.echo(f"   {path}  {len(data):,} B")
    return list(files)
