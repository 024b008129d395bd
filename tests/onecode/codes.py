"""Codes to work with: a company with a license, whoever acts for it, a code on a screen."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from etrust.access.model import Operator
from etrust.clock import system_clock
from etrust.ids import make_uscc_check
from etrust.licenses.model import Holder, StoredLicense
from etrust.onecode.model import Acting, Basis, CodeKind, Subject
from etrust.onecode.show import ShownCode
from etrust.wiring import Rooms
from tests.licenses.issuing import issue_company

MATTER = "11653121MB1A0009XQ" + "4" + "000100010000"


def acting_for(rooms: Rooms, license_: StoredLicense, basis: Basis = Basis.SELF, **more: object) -> Acting:
    """Somebody who acts for the first holder of a license."""
    holder = Holder(*license_.holders[0])
    subject = Subject(rooms.issuing.numbering.holder(holder), holder.name, holder.code, holder.code_type)
    return Acting(subject, "person-1", basis, **more)  # type: ignore[arg-type]


@dataclass
class Counter:
    """A holder on one side of a counter, a clerk on the other."""

    rooms: Rooms
    license_: StoredLicense
    acting: Acting
    clerk: Operator
    session: bytes

    @classmethod
    async def open(cls, rooms: Rooms, clerk: str = "clerk") -> Self:
        """A company of its own with a business license, and a clerk of the sample region."""
        number = secrets.randbelow(10**6)
        code = f"91650100MA7{number:06d}"
        license_ = await issue_company(
            rooms, 证照编号=f"{secrets.randbelow(10**15):015d}", 统一社会信用代码=code + make_uscc_check(code)
        )
        return cls(rooms, license_, acting_for(rooms, license_), await rooms.operator(clerk), secrets.token_bytes(32))

    async def show(self, kind: CodeKind = CodeKind.LICENSE, **more: str) -> ShownCode:
        """A code on the holder's screen."""
        if kind is CodeKind.LICENSE:
            more.setdefault("identifier", self.license_.identifier.text)
        if kind is CodeKind.MATTER:
            more.setdefault("matter", MATTER)
        return await self.rooms.codes.show(self.acting, session=self.session, kind=kind, **more)


@dataclass
class Hands:
    """A clock whose hands a test moves."""

    ahead: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return system_clock() + self.ahead


