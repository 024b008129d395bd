"""`etrust init`: makes a home with a region, its bodies, keys, accounts and trust list. Running it again adds what is missing."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from etrust.access import store as access_store
from etrust.access.accounts import open_account
from etrust.access.model import Body, Mandate, Role
from etrust.errors import EtrustError, Kind
from etrust.licenses.types import LicenseType
from etrust.seals.make import Workshop
from etrust.storage.postgres import Connection
from etrust.trust import draft_store
from etrust.trust import store as trust_store
from etrust.trust.publish import publish_trust_list
from etrust.wiring.founding_keys import add_keys, make_anchors, wanted_keys
from etrust.wiring.founding_matters import found_matters
from etrust.wiring.founding_seals import found_seals
from etrust.wiring.home import SEAL_MAKER_KEY, Home
from etrust.wiring.trust_desk import facts_of


class _BodyFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    code: str = Field(pattern=r"^[0-9A-Z]{18}$")
    level: int = Field(ge=1, le=5)
    division: str
    parent: str | None = None
    zh: str
    ug: str = ""
    en: str = ""


class _AccountFile(BaseModel):
    model_config = ConfigDict(extra="forbid")
    username: str
    name: str
    body: str
    roles: list[Role]


class RegionFile(BaseModel):
    """A region as `templates/regions/*.yaml` describes it."""

    model_config = ConfigDict(extra="forbid")
    region: str = Field(pattern=r"^\d{6}$")
    operator: str
    bodies: list[_BodyFile]
    mandates: dict[str, list[str]]
    accounts: list[_AccountFile]


def read_region_file(path: Path) -> RegionFile:
    """Read a region file.

    Raises:
        EtrustError: ``bad_region_file``, naming the place.
    """
    try:
        return RegionFile.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except (OSError, yaml.YAMLError, ValidationError, UnicodeDecodeError) as error:
        raise EtrustError(
            Kind.INVALID, "bad_region_file", where=str(path),
            zh=f"区域配置文件 {path} 无法使用：{error}", en=f"Region file {path} cannot be used: {error}",
        ) from error


async def found_region(
    connection: Connection, home: Home, region: RegionFile, types: Mapping[str, LicenseType], at: datetime, *,
    public_url: str | None = None,
) -> dict[str, str]:
    """Make bodies, mandates, keys, accounts and the first trust list.

    Args:
        public_url: where the region is reached; certificates name their revocation lists under it.

    Keys are in force from the whole second on: what they sign tells its time in seconds, and must not seem older than they.

    Returns:
        The passwords of the accounts made now, by username; they are kept nowhere in clear.
    """
    at = at.replace(microsecond=0)
    async with connection.transaction():
        await _add_bodies(connection, region, at)
        anchors = make_anchors(home.keys, region.region, at)
        wanted = wanted_keys(region.region, _type_codes(region, types), {body.code: body.zh for body in region.bodies})
        missing = await add_keys(connection, home.keys, anchors, wanted, public_url=public_url, at=at)
        passwords = await _open_accounts(connection, region, at)
    await found_seals(
        connection, Workshop(home.keys, anchors.sm2, home.keys.load(SEAL_MAKER_KEY), public_url), at=at,
        officers=[account.username for account in region.accounts if Role.SEAL_OFFICER in account.roles],
        license_types=region.mandates,
    )
    await found_matters(connection, types, at=at)
    if missing or await trust_store.newest_list(connection) is None:
        await _tell_facts(connection, public_url, types, at)
        await publish_trust_list(connection, region=region.region, anchor=anchors.p256, operator="init", at=at)
    return passwords


async def _tell_facts(
    connection: Connection, public_url: str | None, types: Mapping[str, LicenseType], at: datetime
) -> None:
    """Let the list that is published next say where the region is reached, and its types and states."""
    facts = facts_of(public_url or "", types)
    if await draft_store.facts(connection) != facts:
        await draft_store.add_facts(connection, facts, operator="init", at=at)


async def _add_bodies(connection: Connection, region: RegionFile, at: datetime) -> None:
    for entry in region.bodies:
        body = Body(entry.code, entry.zh, entry.ug, entry.en, entry.level, entry.division, entry.parent)
        await access_store.add_body(connection, body)
    for body_code, names in region.mandates.items():
        for name in names:
            await access_store.add_mandate(connection, Mandate(body_code, name, at, None))


def _type_codes(region: RegionFile, types: Mapping[str, LicenseType]) -> dict[str, frozenset[str]]:
    return {body: frozenset(types[name].code for name in names) for body, names in region.mandates.items()}


async def _open_accounts(connection: Connection, region: RegionFile, at: datetime) -> dict[str, str]:
    passwords: dict[str, str] = {}
    for account in region.accounts:
        if await access_store.operator(connection, account.username) is None:
            passwords[account.username] = secrets.token_urlsafe(12)
            await open_account(
                connection, username=account.username, name=account.name, body=account.body, roles=account.roles,
                password=passwords[account.username], at=at,
            )
    return passwords
