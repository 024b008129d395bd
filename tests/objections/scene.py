"""A company, its license, and people who object to it."""

from dataclasses import replace

from etrust.access.model import Operator
from etrust.licenses.model import Holder, StoredLicense
from etrust.objections.model import Objection
from etrust.onecode.model import Acting, Basis, Subject
from etrust.wiring import Rooms
from tests.licenses.issuing import issue_company


def acting_for(rooms: Rooms, license_: StoredLicense) -> Acting:
    """The holder of a license, signed in."""
    name, code, code_type = license_.holders[0]
    key = rooms.issuing.numbering.holder(Holder(name, code, code_type))
    return Acting(Subject(key, name, code, code_type), "person-1", Basis.SELF)


async def officers(rooms: Rooms) -> tuple[Operator, Operator]:
    """The two who handle objections."""
    return await rooms.operator("cases"), await rooms.operator("cases2")


async def objected(rooms: Rooms, *, field: str = "legal_representative", claim: str = "阿依古丽·图尔荪") -> tuple[StoredLicense, Objection]:
    """A license, and its holder's objection to a field of it."""
    license_ = await issue_company(rooms)
    opened = await rooms.objections.open_by_holder(
        acting_for(rooms, license_), license_=license_.identifier.text, field=field, claim=claim, words="法定代表人姓名的译写有误。"
    )
    return license_, opened


def at_body(operator: Operator, body: str) -> Operator:
    """The same person at another body."""
    return replace(operator, body=body)
