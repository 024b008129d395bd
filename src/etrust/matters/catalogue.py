"""The catalogue of matters (事项目录): drafts, publication by a second person where more is told, withdrawal, search."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from etrust.access import store as access_store
from etrust.access.model import Operator, Role
from etrust.errors import EtrustError, Kind
from etrust.licenses.types import LicenseType
from etrust.matters import catalogue_store as store
from etrust.matters.catalogue_store import Draft
from etrust.matters.disclosure import Growth, growth
from etrust.matters.documents import matter_digest
from etrust.matters.model import Matter, Standing, Theme
from etrust.matters.rules import require_sound
from etrust.storage.postgres import Connection

MAX_REASON = 200
MAX_WORDS, MAX_QUERY = 8, 100
FOUNDING = "init"


@dataclass(frozen=True, slots=True)
class Published:
    """What became of a publication; `new` is False when the version in force says the same already."""

    matter: Matter
    new: bool


async def matter_in_force(connection: Connection, code: str) -> Matter | None:
    """The matter as it is in force, None for an unknown and a withdrawn one."""
    found = await store.current(connection, code)
    return found if found is not None and found.standing is Standing.IN_FORCE else None


async def search(
    connection: Connection, text: str = "", *, theme: str = "", body: str = "", limit: int = 50, after: str = ""
) -> list[Matter]:
    """Matters in force that hold every word of the text, in the order of their codes.

    Args:
        after: the code after which to go on; empty to begin.
    """
    return await store.search(connection, query_words(text), theme=theme, body=body, limit=limit, after=after)


async def themes(connection: Connection) -> tuple[Theme, ...]:
    """Every "thing" with its matters in force: in the order of the theme, those added later at its end."""
    by_theme: dict[str, list[str]] = {}
    for theme, code in await store.codes_by_theme(connection):
        by_theme.setdefault(theme, []).append(code)
    return tuple(
        replace(theme, matters=_in_order(theme.matters, by_theme.get(theme.key, []))) for theme in await store.themes(connection)
    )


def _in_order(order: tuple[str, ...], there: list[str]) -> tuple[str, ...]:
    return (*(code for code in order if code in there), *(code for code in there if code not in order))


async def save_draft(
    connection: Connection,
    matter: Matter,
    *,
    who: Operator,
    reason: str,
    at: datetime,
    revision: int = 0,
    proposed: bool = False,
) -> Draft:
    """Keep what is being worked on, or hand it on for publication.

    Args:
        revision: of the draft that was changed, 0 when there was none.
        proposed: hand it on: a second person may publish it now.

    Raises:
        EtrustError: ``not_permitted``; ``draft_changed``: somebody else changed it meanwhile.
    """
    await _require_officer(connection, who, matter)
    await store.lock_matter(connection, matter.code)
    before = await store.draft(connection, matter.code)
    if (before.revision if before else 0) != revision:
        raise _changed()
    base = await store.current(connection, matter.code)
    draft = Draft(
        replace(matter, version=(base.version if base else 0) + 1, standing=Standing.DRAFT), revision + 1,
        base.version if base else 0, who.username, who.body, _bounded(reason), at if proposed else None, at,
    )  # fmt: skip
    if not await store.put_draft(connection, draft):
        raise _changed()
    return draft


async def discard_draft(connection: Connection, code: str, *, who: Operator) -> None:
    """Throw a draft away.

    Raises:
        EtrustError: ``not_permitted``, ``no_draft``.
    """
    draft = await require_draft(connection, code)
    await _require_officer(connection, who, draft.matter)
    await store.drop_draft(connection, code)


async def require_draft(connection: Connection, code: str) -> Draft:
    """The draft of a matter.

    Raises:
        EtrustError: ``no_draft``.
    """
    draft = await store.draft(connection, code)
    if draft is None:
        raise EtrustError(
            Kind.NOT_FOUND, "no_draft", where=code, zh="该事项没有待发布的草稿。", en="There is no draft of this matter.",
        )  # fmt: skip
    return draft


async def publish_draft(
    connection: Connection,
    code: str,
    *,
    who: Operator,
    types: Mapping[str, LicenseType],
    at: datetime,
    revision: int | None = None,
) -> Published:
    """Put a draft in force as the next version.

    Where it lets more be told than the version in force (`growth`), the one who publishes is another person than the
    one who changed the draft last (design law 7).

    Args:
        revision: the draft that was looked at; None for whichever there is.

    Raises:
        EtrustError: ``not_permitted``, ``no_draft``, ``draft_changed``, ``draft_outdated`` (another version came into force
            since it was begun), ``second_person_needed``, ``unknown_body``, and the codes of `rules.problems`.
    """
    async with connection.transaction():
        await store.lock_matter(connection, code)
        draft = await require_draft(connection, code)
        await _require_officer(connection, who, draft.matter)
        if revision is not None and revision != draft.revision:
            raise _changed()
        before = await store.current(connection, code)
        if (before.version if before else 0) != draft.base:
            raise EtrustError(
                Kind.CONFLICT, "draft_outdated", where=code,
                zh="草稿开始之后该事项已发布新版本；请放弃草稿，在新版本上重新编辑。",
                en="Another version was published since the draft was begun; please discard it and edit the new version.",
            )  # fmt: skip
        _require_second(growth(before, draft.matter), draft, who)
        await _require_body(connection, draft.matter)
        done = await publish(
            connection, draft.matter, types=types, operator=draft.operator, approver=who.username, reason=draft.reason, at=at
        )
        await store.drop_draft(connection, code)
        return done


async def withdraw(connection: Connection, code: str, *, who: Operator, reason: str, at: datetime) -> Matter:
    """Take a matter out of use; its versions stay. One person may: it tells less than before.

    Raises:
        EtrustError: ``not_permitted``, ``unknown_matter``, ``reason_needed``.
    """
    if not reason.strip():
        raise EtrustError(
            Kind.INVALID, "reason_needed", where="reason", zh="请填写停用原因。", en="Please say why it is withdrawn."
        )
    async with connection.transaction():
        await store.lock_matter(connection, code)
        before = await matter_in_force(connection, code)
        if before is None:
            raise unknown_matter(code)
        await _require_officer(connection, who, before)
        after = replace(before, version=before.version + 1, standing=Standing.WITHDRAWN)
        await store.add_version(connection, after, operator=who.username, approver=who.username, reason=_bounded(reason), at=at)
        await store.set_current(connection, after, _words(after))
    return after


async def publish(
    connection: Connection,
    matter: Matter,
    *,
    types: Mapping[str, LicenseType],
    operator: str,
    approver: str,
    reason: str,
    at: datetime,
) -> Published:
    """Put a matter in force as it is; nothing happens when the version in force says the same.

    Who may do this, and whether it needs a second person, has been judged before: see `publish_draft`.

    Raises:
        EtrustError: the codes of `rules.problems`.
    """
    require_sound(matter, types)
    before = await store.current(connection, matter.code)
    after = replace(matter, version=(before.version if before else 0) + 1, standing=Standing.IN_FORCE)
    if before is not None and matter_digest(before) == matter_digest(after):
        return Published(before, new=False)
    await store.add_version(connection, after, operator=operator, approver=approver, reason=_bounded(reason), at=at)
    await store.set_current(connection, after, _words(after))
    return Published(after, new=True)


def unknown_matter(code: str) -> EtrustError:
    """The error of a code that no matter in force has."""
    return EtrustError(
        Kind.NOT_FOUND, "unknown_matter", where=code[:40], zh="没有该实施编码的在用事项，请核对编码。",
        en="No matter in force has this implementation code; please check it.",
    )  # fmt: skip


def query_words(text: str) -> list[str]:
    """The words of a search, folded as the catalogue's are; a code with blanks in it stays several words."""
    return _folded(text[:MAX_QUERY]).split()[:MAX_WORDS]


def _words(matter: Matter) -> str:
    names = [matter.name, *(material.name for material in matter.materials)]
    return _folded(" ".join([matter.code, matter.kind, *(text for name in names for text in (name.zh, name.ug, name.en))]))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace("\0", "")


def _require_second(grown: Growth, draft: Draft, who: Operator) -> None:
    if grown and draft.operator == who.username:
        raise EtrustError(
            Kind.FORBIDDEN, "second_person_needed", where=draft.matter.code,
            zh="此次修改扩大了可共享的信息项或用证依据，须由另一位事项管理员发布。",
            en="This change lets more be told than before: another matter officer must publish it.",
        )  # fmt: skip


async def require_keeper(connection: Connection, who: Operator, matter: Matter) -> None:
    """Refuse who may not keep a matter, and a matter whose body the region does not have.

    Raises:
        EtrustError: ``not_permitted``, ``unknown_body``.
    """
    await _require_body(connection, matter)
    await _require_officer(connection, who, matter)


async def _require_officer(connection: Connection, who: Operator, matter: Matter) -> None:
    """An officer keeps the matters of its own body and of those below it."""
    if Role.MATTER_OFFICER not in who.roles or not await _is_below(connection, matter.body, who.body):
        raise EtrustError(
            Kind.FORBIDDEN, "not_permitted", where="operator",
            zh="只有本级及上级机构的事项管理员可以维护该事项。",
            en="Only a matter officer of the body itself, or of one above it, keeps this matter.",
        )  # fmt: skip


async def _is_below(connection: Connection, body: str, above: str) -> bool:
    parents = {each.code: each.parent for each in await access_store.bodies(connection)}
    seen: set[str] = set()
    at: str | None = body
    while at is not None and at not in seen:
        if at == above:
            return True
        seen.add(at)
        at = parents.get(at)
    return False


async def _require_body(connection: Connection, matter: Matter) -> None:
    if all(each.code != matter.body for each in await access_store.bodies(connection)):
        raise EtrustError(
            Kind.INVALID, "unknown_body", where="body", zh="实施主体不在本区域的机构名录中，请先登记机构。",
            en="The body that handles the matter is not among the region's; please add it first.",
        )  # fmt: skip


def _bounded(reason: str) -> str:
    if len(reason) > MAX_REASON:
        raise EtrustError(
            Kind.INVALID, "too_long", where="reason",
            zh=f"说明不能超过 {MAX_REASON} 个字。", en=f"At most {MAX_REASON} characters.",
        )  # fmt: skip
    return reason.strip()


def _changed() -> EtrustError:
    return EtrustError(
        Kind.CONFLICT, "draft_changed", where="revision", zh="草稿刚被他人修改；请刷新后再操作。",
        en="Somebody else has changed the draft meanwhile; please reload it.",
    )  # fmt: skip
