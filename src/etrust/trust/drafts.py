"""Changes of bodies and rights (机构与权限变更), proposed by one trust officer and published by another.

A body is never taken out of the list: what it issued stays verifiable. Closing it ends its rights.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from etrust.access import store as access_store
from etrust.access.accounts import require_role
from etrust.access.model import Body, Mandate, Operator, Role
from etrust.errors import EtrustError, Kind
from etrust.ids.uscc import uscc_is_valid
from etrust.signing.model import Signer
from etrust.storage.postgres import Connection
from etrust.trust import draft_store as store
from etrust.trust.differences import Change, differences
from etrust.trust.model import TrustList, TrustSnapshot
from etrust.trust.publish import next_content, publish_trust_list

MAX_CHANGES = 50
MAX_TEXT = 200


class Op(StrEnum):
    """What is changed; the value is stored."""

    ADD_BODY = "add_body"  # 增设机构
    RENAME_BODY = "rename_body"  # 机构更名
    CLOSE_BODY = "close_body"  # 机构撤并
    GRANT = "grant"  # 赋予签发权
    END_RIGHT = "end_right"  # 收回签发权


_Name = Annotated[str, Field(max_length=120)]


class Edit(BaseModel):
    """One change; which fields it needs depends on `op`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    op: Op
    body: str = Field(max_length=32)
    name_zh: _Name = ""
    name_ug: _Name = ""
    name_en: _Name = ""
    level: int = Field(default=0, ge=0, le=5)
    division: str = Field(default="", max_length=12)
    parent: str = Field(default="", max_length=32)
    license_type: str = Field(default="", max_length=60)


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposal, and how it ended.

    Attributes:
        end: ``publish``, ``refuse`` or ``withdraw``; empty while it waits.
        sequence: of the list it was published with.
    """

    draft: int
    edits: tuple[Edit, ...]
    reason: str
    legal_basis: str
    proposed_by: str
    proposed_at: datetime
    end: str = ""
    ended_by: str = ""
    sequence: int | None = None


async def propose(
    connection: Connection, edits: Sequence[Edit], reason: str, legal_basis: str, *, region: str, types: frozenset[str],
    who: Operator, at: datetime,
) -> int:
    """Propose changes; the number of the draft. They are tried out now, so that a draft can be published as it is.

    Args:
        types: names of the license types of the region.

    Raises:
        EtrustError: ``no_role``; INVALID ``bad_edit`` naming what is wrong, ``bad_ground``, ``no_edits``.
    """
    require_role(who, Role.TRUST_OFFICER)
    _check_ground(reason, legal_basis)
    if not 1 <= len(edits) <= MAX_CHANGES:
        raise EtrustError(
            Kind.INVALID,
            "no_edits",
            zh=f"一份草案须有 1 至 {MAX_CHANGES} 项变更。",
            en=f"A draft has 1 to {MAX_CHANGES} changes.",
        )
    await preview(connection, edits, region=region, types=types, at=at)
    async with connection.transaction():
        number = await store.add(
            connection, edits=[each.model_dump(mode="json", exclude_defaults=True) for each in edits], reason=reason,
            legal_basis=legal_basis, operator=who.username, at=at,
        )  # fmt: skip
        await _record(connection, "trust_draft.propose", number, who, at, reason)
    return number


async def preview(
    connection: Connection, edits: Sequence[Edit], *, region: str, types: frozenset[str], at: datetime
) -> list[Change]:
    """What publishing would change in the list that is published now; nothing is kept.

    Raises:
        EtrustError: INVALID ``bad_edit``.
    """
    transaction = connection.transaction()
    await transaction.start()
    try:
        await _apply(connection, edits, types, at)
        new = await next_content(connection, region=region, at=at)
        return differences(await published(connection), new)
    finally:
        await transaction.rollback()


async def publish(
    connection: Connection, number: int, *, region: str, types: frozenset[str], anchor: Signer, who: Operator, at: datetime
) -> TrustSnapshot:
    """Publish a draft of another officer: its changes and the next list, in one transaction.

    Raises:
        EtrustError: ``no_role``; NOT_FOUND ``no_such_draft``; CONFLICT ``not_proposed``; FORBIDDEN ``second_person_needed``;
            INVALID ``bad_edit`` when the region has changed so that it does not fit any more.
    """
    require_role(who, Role.TRUST_OFFICER)
    async with connection.transaction():
        draft = await _waiting(connection, number)
        if draft.proposed_by == who.username:
            raise EtrustError(
                Kind.FORBIDDEN, "second_person_needed",
                zh="须由另一位信任管理员批准发布。", en="Another trust officer must publish it.",
            )
        await _apply(connection, draft.edits, types, at)
        snapshot = await publish_trust_list(connection, region=region, anchor=anchor, operator=who.username, at=at)
        await _end(connection, draft, "publish", who, at, sequence=snapshot.trust_list.sequence)
    return snapshot


async def refuse(connection: Connection, number: int, note: str, *, who: Operator, at: datetime) -> None:
    """Refuse a draft; whoever proposed it takes it back in this way.

    Raises:
        EtrustError: ``no_role``; ``no_such_draft``; ``not_proposed``.
    """
    require_role(who, Role.TRUST_OFFICER)
    async with connection.transaction():
        draft = await _waiting(connection, number)
        action = "withdraw" if draft.proposed_by == who.username else "refuse"
        await _end(connection, draft, action, who, at, note=note[:MAX_TEXT])


async def find(connection: Connection, number: int) -> Draft | None:
    """A draft by its number."""
    row = await store.find(connection, number)
    return None if row is None else _draft(row)


async def newest(connection: Connection, limit: int) -> list[Draft]:
    """Drafts, the newest first."""
    return [_draft(each) for each in await store.newest(connection, limit)]


def _draft(row: dict[str, Any]) -> Draft:
    return Draft(edits=read_edits(row.pop("changes")), **row)


async def published(connection: Connection) -> TrustList | None:
    """The newest published list, as it stands in the database."""
    return await store.newest_content(connection)


async def _apply(connection: Connection, edits: Sequence[Edit], types: frozenset[str], at: datetime) -> None:
    for place, edit in enumerate(edits, start=1):
        try:
            await _APPLY[edit.op](connection, edit, types, at)
        except EtrustError as error:
            raise EtrustError(
                Kind.INVALID, "bad_edit", where=f"{place} {edit.op.value}",
                zh=f"第 {place} 项：{error.zh}", en=f"Change {place}: {error.en}",
            ) from error


async def _add_body(connection: Connection, edit: Edit, _types: frozenset[str], _at: datetime) -> None:
    if not uscc_is_valid(edit.body):
        raise _bad("统一社会信用代码不正确", "its unified social credit code is wrong")
    if not edit.name_zh.strip() or not edit.level or not re.fullmatch(r"\d{6,12}", edit.division):
        raise _bad("须有中文名称、层级与行政区划代码", "it needs a Chinese name, a level and a division")
    known = {each.code: each for each in await access_store.bodies(connection)}
    if edit.body in known:
        raise _bad("该机构已存在", "the body is there already")
    above = known.get(edit.parent)
    if above is None or above.level >= edit.level:
        raise _bad("上级机构须已存在且层级更高", "the body above must be there, at a higher level")
    await access_store.add_body(
        connection, Body(edit.body, edit.name_zh, edit.name_ug, edit.name_en, edit.level, edit.division, edit.parent)
    )


async def _rename_body(connection: Connection, edit: Edit, _types: frozenset[str], _at: datetime) -> None:
    if not edit.name_zh.strip():
        raise _bad("须填写中文名称", "it needs a Chinese name")
    if not await store.rename_body(connection, edit.body, edit.name_zh, edit.name_ug, edit.name_en):
        raise _no_body()


async def _close_body(connection: Connection, edit: Edit, _types: frozenset[str], at: datetime) -> None:
    if await store.has_open_below(connection, edit.body):
        raise _bad("该机构下还有未撤并的机构", "there are bodies below it that are not closed")
    if not await store.close_body(connection, edit.body, at):
        raise _no_body()
    await store.end_mandates(connection, edit.body, None, at)


async def _grant(connection: Connection, edit: Edit, types: frozenset[str], at: datetime) -> None:
    if edit.license_type not in types:
        raise _bad(f"没有证照类型“{edit.license_type}”", f"there is no license type {edit.license_type!r}")
    if not await store.is_open(connection, edit.body):
        raise _no_body()
    mandates = await access_store.mandates(connection, edit.license_type)
    if any(each.body == edit.body and each.covers(at) for each in mandates):
        raise _bad("该机构已有此签发权", "the body has this right already")
    await store.grant(connection, Mandate(edit.body, edit.license_type, at, None))


async def _end_right(connection: Connection, edit: Edit, _types: frozenset[str], at: datetime) -> None:
    if not await store.end_mandates(connection, edit.body, edit.license_type, at):
        raise _bad("该机构没有此签发权", "the body has no such right")


_APPLY = {
    Op.ADD_BODY: _add_body, Op.RENAME_BODY: _rename_body, Op.CLOSE_BODY: _close_body, Op.GRANT: _grant, Op.END_RIGHT: _end_right,
}  # fmt: skip


async def _waiting(connection: Connection, number: int) -> Draft:
    await store.lock(connection, number)
    found = await find(connection, number)
    if found is None:
        raise EtrustError(Kind.NOT_FOUND, "no_such_draft", zh="没有这份草案。", en="There is no such draft.")
    if found.end:
        raise EtrustError(Kind.CONFLICT, "not_proposed", zh="该草案已有结论。", en="The draft has been decided on already.")
    return found


async def _end(
    connection: Connection, draft: Draft, action: str, who: Operator, at: datetime, *, note: str = "", sequence: int | None = None
) -> None:
    await store.end(connection, draft.draft, action=action, operator=who.username, note=note, sequence=sequence, at=at)
    await _record(connection, f"trust_draft.{action}", draft.draft, who, at, draft.reason)


async def _record(connection: Connection, action: str, number: int, who: Operator, at: datetime, reason: str) -> None:
    await access_store.record(
        connection, at=at, operator=who.username, body=who.body, action=action, subject=str(number), reason=reason
    )


def read_edits(found: object) -> tuple[Edit, ...]:
    """Changes from JSON.

    Raises:
        EtrustError: INVALID ``bad_edit``.
    """
    try:
        return tuple(Edit.model_validate(each) for each in found) if isinstance(found, list) else _refuse()
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise EtrustError(
            Kind.INVALID, "bad_edit", where=where, zh=f"变更内容无法读取：{where}。", en=f"The change cannot be read at {where}."
        ) from error


def _refuse() -> tuple[Edit, ...]:
    raise EtrustError(Kind.INVALID, "bad_edit", zh="变更须为一个列表。", en="Changes are a list.")


def _check_ground(reason: str, legal_basis: str) -> None:
    for text, where in ((reason, "reason"), (legal_basis, "legal_basis")):
        if not 1 <= len(text.strip()) <= MAX_TEXT or not text.isprintable():
            raise EtrustError(
                Kind.INVALID,
                "bad_ground",
                where=where,
                zh=f"请填写事由与依据，各不超过 {MAX_TEXT} 字。",
                en=f"Give reason and legal basis, at most {MAX_TEXT} characters each.",
            )


def _bad(zh: str, en: str) -> EtrustError:
    return EtrustError(Kind.INVALID, "bad_edit", zh=f"{zh}。", en=f"{en}.")


def _no_body() -> EtrustError:
    return _bad("没有该机构，或已撤并", "there is no such body, or it is closed")
