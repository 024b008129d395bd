"""SQL of the catalogue of matters: one function, one statement."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from etrust.matters.documents import matter_digest, matter_document, read_matter, words_document
from etrust.matters.model import Matter, Standing, Theme, Words
from etrust.storage.postgres import Connection


@dataclass(frozen=True, slots=True)
class Publication:
    """One version in the history of a matter."""

    version: int
    standing: Standing
    operator: str
    approver: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """What is being worked on.

    Attributes:
        revision: grows with every change; a change names the one it was made from.
        base: the version it began from, 0 for a new matter.
        operator: who changed it last; never the one who publishes it, where a second person is needed.
        proposed_at: when it was handed on for publication; None while it is being written.
    """

    matter: Matter
    revision: int
    base: int
    operator: str
    body: str
    reason: str
    proposed_at: datetime | None
    changed_at: datetime


async def current(connection: Connection, code: str) -> Matter | None:
    """The version that counts, withdrawn or not."""
    document = await connection.fetchval(
        "SELECT v.document FROM matters m JOIN matter_versions v USING (code, version) WHERE m.code = $1", code
    )
    return None if document is None else read_matter(document)


async def version(connection: Connection, code: str, number: int) -> Matter | None:
    """One version."""
    document = await connection.fetchval(
        "SELECT document FROM matter_versions WHERE code = $1 AND version = $2", code, number
    )
    return None if document is None else read_matter(document)


async def history(connection: Connection, code: str) -> list[Publication]:
    """All versions of a matter, the newest first."""
    rows = await connection.fetch(
        "SELECT version, standing, operator, approver, reason, at FROM matter_versions WHERE code = $1"
        " ORDER BY version DESC", code,
    )  # fmt: skip
    return [
        Publication(row["version"], Standing(row["standing"]), row["operator"], row["approver"], row["reason"], row["at"])
        for row in rows
    ]


async def add_version(
    connection: Connection, matter: Matter, *, operator: str, approver: str, reason: str, at: datetime
) -> None:
    """Keep a version for good."""
    await connection.execute(
        "INSERT INTO matter_versions (code, version, standing, document, digest, operator, approver, reason, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        matter.code, matter.version, str(matter.standing), json.dumps(matter_document(matter)), matter_digest(matter),
        operator, approver, reason, at,
    )  # fmt: skip


async def set_current(connection: Connection, matter: Matter, words: str) -> None:
    """Let a version count from now on."""
    await connection.execute(
        "INSERT INTO matters (code, version, standing, theme, body, materials, spared, words)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (code) DO UPDATE SET version = excluded.version,"
        " standing = excluded.standing, theme = excluded.theme, body = excluded.body, materials = excluded.materials,"
        " spared = excluded.spared, words = excluded.words",
        matter.code, matter.version, str(matter.standing), matter.theme, matter.body, len(matter.materials),
        matter.spared, words,
    )  # fmt: skip


async def lock_matter(connection: Connection, code: str) -> None:
    """Let one transaction at a time change a matter, one that is not there yet included."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('matter ' || $1, 0))", code)


async def search(
    connection: Connection, words: Sequence[str], *, theme: str, body: str, after: str, limit: int
) -> list[Matter]:
    """Matters in force that hold all the words (lower case), in the order of their codes."""
    rows = await connection.fetch(
        "SELECT v.document FROM matters m JOIN matter_versions v USING (code, version)"
        " WHERE m.standing = 'in_force' AND ($1 = '' OR m.theme = $1) AND ($2 = '' OR m.body = $2) AND m.code > $3"
        " AND (SELECT coalesce(bool_and(strpos(m.words, word) > 0), true) FROM unnest($4::text[]) word)"
        " ORDER BY m.code LIMIT $5",
        theme, body, after, list(words), limit,
    )  # fmt: skip
    return [read_matter(row["document"]) for row in rows]


async def counts(connection: Connection) -> tuple[int, int, int]:
    """How many matters are in force, how many materials they need, and how many of those are spared."""
    row = await connection.fetchrow(
        "SELECT count(*) AS matters, coalesce(sum(materials), 0) AS materials, coalesce(sum(spared), 0) AS spared"
        " FROM matters WHERE standing = 'in_force'"
    )
    assert row is not None  # noqa: S101 - an aggregate always gives a row
    return row["matters"], row["materials"], row["spared"]


async def codes_by_theme(connection: Connection) -> list[tuple[str, str]]:
    """Theme and code of every matter in force."""
    rows = await connection.fetch("SELECT theme, code FROM matters WHERE standing = 'in_force' ORDER BY theme, code")
    return [(row["theme"], row["code"]) for row in rows]


async def bodies_in_use(connection: Connection) -> list[str]:
    """Codes of the bodies that handle a matter in force."""
    rows = await connection.fetch("SELECT DISTINCT body FROM matters WHERE standing = 'in_force' ORDER BY body")
    return [row["body"] for row in rows]


async def put_theme(connection: Connection, theme: Theme, place: int) -> None:
    """Keep a theme, or what it is called now."""
    await connection.execute(
        "INSERT INTO matter_themes (key, place, audience, name, matters) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (key) DO UPDATE SET place = excluded.place, audience = excluded.audience, name = excluded.name,"
        " matters = excluded.matters",
        theme.key, place, theme.audience, json.dumps(words_document(theme.name)), list(theme.matters),
    )  # fmt: skip


async def themes(connection: Connection) -> list[Theme]:
    """All themes in their order, with the matters they were founded with."""
    rows = await connection.fetch("SELECT key, audience, name, matters FROM matter_themes ORDER BY place, key")
    return [
        Theme(row["key"], Words(row["name"]["zh"], row["name"]["ug"], row["name"]["en"]), row["audience"], tuple(row["matters"]))
        for row in rows
    ]


async def draft(connection: Connection, code: str) -> Draft | None:
    """The draft of a matter."""
    row = await connection.fetchrow("SELECT * FROM matter_drafts WHERE code = $1", code)
    return None if row is None else _draft(dict(row))


async def drafts(connection: Connection) -> list[Draft]:
    """All drafts: those that wait for a second person first, then the latest."""
    rows = await connection.fetch(
        "SELECT * FROM matter_drafts ORDER BY proposed_at IS NULL, changed_at DESC, code LIMIT 1000"
    )
    return [_draft(dict(row)) for row in rows]


async def put_draft(connection: Connection, draft: Draft) -> bool:
    """Keep a draft; False when it is not the next revision of the one there is."""
    done = await connection.execute(
        "INSERT INTO matter_drafts AS old (code, revision, base, document, operator, body, reason, proposed_at, changed_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (code) DO UPDATE SET revision = excluded.revision,"
        " base = excluded.base, document = excluded.document, operator = excluded.operator, body = excluded.body,"
        " reason = excluded.reason, proposed_at = excluded.proposed_at, changed_at = excluded.changed_at"
        " WHERE old.revision = excluded.revision - 1",
        draft.matter.code, draft.revision, draft.base, json.dumps(matter_document(draft.matter)), draft.operator,
        draft.body, draft.reason, draft.proposed_at, draft.changed_at,
    )  # fmt: skip
    return bool(done.endswith(" 1"))


async def drop_draft(connection: Connection, code: str) -> None:
    """Throw a draft away, or take it out because it was published."""
    await connection.execute("DELETE FROM matter_drafts WHERE code = $1", code)


def _draft(row: dict[str, Any]) -> Draft:
    return Draft(
        read_matter(row["document"]), row["revision"], row["base"], row["operator"], row["body"], row["reason"],
        row["proposed_at"], row["changed_at"],
    )  # fmt: skip


async def keep_upload(
    connection: Connection, digest: bytes, *, operator: str, name: str, content: bytes, at: datetime
) -> None:
    """Keep a list between its preview and its import."""
    await connection.execute(
        "INSERT INTO matter_uploads (digest, operator, name, content, at) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (digest) DO UPDATE SET operator = excluded.operator, name = excluded.name, at = excluded.at",
        digest, operator, name, content, at,
    )  # fmt: skip


async def upload(connection: Connection, digest: bytes, *, operator: str) -> tuple[str, bytes] | None:
    """Name and content of a list that this operator sent."""
    row = await connection.fetchrow(
        "SELECT name, content FROM matter_uploads WHERE digest = $1 AND operator = $2", digest, operator
    )
    return None if row is None else (row["name"], row["content"])


async def drop_uploads(connection: Connection, before: datetime) -> None:
    """Throw away lists that nobody imported."""
    await connection.execute("DELETE FROM matter_uploads WHERE at < $1", before)
