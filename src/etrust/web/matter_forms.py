"""What the forms about matters share: who fills them in, the draft they are about, reading and refusing."""

import re
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from aiohttp import web

from etrust.access.model import Operator, Role
from etrust.errors import EtrustError, Kind
from etrust.ids import MatterCode
from etrust.licenses.intake.dates import read_date
from etrust.matters import catalogue_store
from etrust.matters.catalogue import unknown_matter
from etrust.matters.catalogue_store import Draft
from etrust.matters.edit import MaterialForm
from etrust.matters.intake.cells import read_parties
from etrust.matters.model import Demand, Material, Matter, Words
from etrust.matters.rules import MAX_DEFERRAL
from etrust.onecode.model import Ground
from etrust.storage.postgres import Connection
from etrust.web.faults import STATUSES, spoken
from etrust.web.forms import Form
from etrust.web.seal_forms import Fault, chosen
from etrust.web.sessions import demand_role

ALTERNATIVES = 3
_SHOWN_AGAIN = {Kind.INVALID, Kind.CONFLICT, Kind.MALFORMED, Kind.FORBIDDEN}
_ELSEWHERE = {"no_role", "cross_site"}
_NOT_KEY = re.compile(r"[^a-z0-9_]")


async def officer_of(request: web.Request) -> Operator:
    """The matter officer who is signed in.

    Raises:
        EtrustError: as `demand_role`.
    """
    return await demand_role(request, Role.MATTER_OFFICER)


def code_of(request: web.Request) -> str:
    """The implementation code in the address.

    Raises:
        EtrustError: the codes of `MatterCode.parse`.
    """
    return MatterCode.parse(request.match_info["code"]).text


async def working_copy(connection: Connection, code: str) -> tuple[Matter, Draft | None, Matter | None]:
    """What an officer edits: the draft, or the version that counts where there is none; with both beside it.

    Raises:
        EtrustError: ``unknown_matter``.
    """
    draft, current = await catalogue_store.draft(connection, code), await catalogue_store.current(connection, code)
    matter = draft.matter if draft is not None else current
    if matter is None:
        raise unknown_matter(code)
    return matter, draft, current


def fault_of(request: web.Request, error: EtrustError) -> Fault:
    """How a refusal is told in the form that caused it.

    Raises:
        EtrustError: the refusal itself, when it is none that the form could mend.
    """
    if error.kind not in _SHOWN_AGAIN or error.code in _ELSEWHERE:
        raise error
    return Fault("", spoken(request, error), STATUSES[error.kind])


def read_own(matter: Matter, form: Form) -> Matter:
    """The matter with its own words as they were filled in.

    Raises:
        EtrustError: ``bad_days``, ``bad_list``, ``no_ground``.
    """
    days = form.text("days")
    if not (days.isascii() and days.isdigit() and len(days) <= len("3650")):
        raise EtrustError(
            Kind.INVALID, "bad_days", where="days", zh="承诺办结时限请填写工作日数，0 表示当场办结。",
            en="Please give the promised time as a number of working days; 0 means at once.",
        )  # fmt: skip
    elements = {name: form.text(f"element.{name}") for name in (*matter.elements, *chosen(form, "element"))}
    return replace(
        matter, name=read_words(form, "name"), legal_basis=form.text("legal_basis"), days=int(days), theme=form.text("theme"),
        grounds=frozenset(ground for ground in Ground if form.text(f"ground.{ground}")),
        parties=read_parties(form.text("parties")),
        elements=MappingProxyType({name: value for name, value in elements.items() if value}),
    )  # fmt: skip


def read_words(form: Form, name: str) -> Words:
    """A name in three languages."""
    return Words(*(" ".join(form.text(f"{name}_{language}").split()) for language in ("zh", "ug", "en")))


def read_material(form: Form, before: Material | None, place: int) -> MaterialForm:
    """A material as its form says it.

    Raises:
        EtrustError: ``bad_deferral``, ``bad_date``.
    """
    key = _NOT_KEY.sub("", form.text("key").lower()) or (before.key if before else f"m{place}")
    promise = read_words(form, "commitment")
    demands = tuple(
        Demand(form.text(f"license_{each}"), form.text(f"party_{each}"), (), _day(form.text(f"since_{each}")))
        for each in range(ALTERNATIVES) if form.text(f"license_{each}")
    )  # fmt: skip
    material = Material(
        key=key, name=read_words(form, "name"), required=bool(form.text("required")), satisfied_by=demands,
        commitment=promise if promise.zh else None, deferral_days=_days(form.text("deferral_days")), source=form.text("source"),
        form=form.text("form"),
    )  # fmt: skip
    return MaterialForm(material, chosen(form, "fills"), chosen(form, "review"))


def _day(text: str) -> date | None:
    day = read_date(text) if text else None
    if text and day is None:
        raise EtrustError(
            Kind.INVALID, "bad_date", where="since", zh="实施日期不是有效日期，请按 2024-05-31 的形式填写。",
            en="This is no valid date; please write it like 2024-05-31.",
        )  # fmt: skip
    return day


def _days(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= MAX_DEFERRAL):
        raise EtrustError(
            Kind.INVALID, "bad_deferral", where="deferral_days", zh=f"容缺补正期限应为 1 至 {MAX_DEFERRAL} 天。",
            en=f"The deferral must be 1 to {MAX_DEFERRAL} days.",
        )  # fmt: skip
    return int(text)
