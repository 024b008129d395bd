"""The public door to the verifier (公众核验): anyone may hold a code to it, nobody can ask it about strangers.

Only codes are taken, never numbers: who can present a code was shown it. The answer has the least that a shop or a school
needs, and every online code that does not stand gets the one answer, whether it is unknown, used or too old.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from etrust.access.cache import FailedSignIns
from etrust.credentials.code import is_code
from etrust.credentials.online_code import CodeFor, is_online_code, read_online_code
from etrust.errors import EtrustError, Kind
from etrust.licenses.types import LicenseType
from etrust.onecode.masking import mask_name
from etrust.verification.judgment import judge
from etrust.verification.model import Finding, Outcome, Overall, Status, Verdict
from etrust.verification.verify import Step, unreadable

if TYPE_CHECKING:  # the rooms hold this door
    from etrust.wiring.rooms import Rooms

PER_MINUTE = 30
"""Checks of one address in a minute."""

FAILURES = 20
"""Codes that did not stand, of one address in ten minutes; a forgotten phone in a pocket is far from it."""

_MINUTE = timedelta(minutes=1)
_COMPANIES = {"001", "099"}
_NETWORK_BITS = 64  # what one subscriber has of IPv6


class PublicCheck:
    """Checks for those who are not signed in, within the pace of one person."""

    def __init__(self, rooms: "Rooms", key: bytes) -> None:
        self._rooms = rooms
        redis = rooms.stores.redis
        self._pace = FailedSignIns(redis, key, limit=PER_MINUTE, window=_MINUTE, name="public-checks")
        self._failures = FailedSignIns(redis, key, limit=FAILURES, name="public-failures")

    async def check(self, presented: str, *, client: str) -> Verdict:
        """The verdict on a code, with the least that may be told.

        Args:
            client: the address that asks.

        Raises:
            EtrustError: RATE_LIMITED ``too_many_public_checks``.
        """
        at, who = self._rooms.clock(), _subscriber(client)
        minute = f"{who} {int(at.timestamp()) // 60}"  # a count of its own for every minute, so that it ends with it
        if await self._pace.too_many(minute, at) or await self._failures.too_many(who, at):
            raise _too_many()
        await self._pace.add(minute, at)
        verdict = least(await self._judge(presented, who, at), self._rooms.types)
        if verdict.verdict is Overall.FAILED and verdict.license is None:
            await self._failures.add(who, at)
        return verdict

    async def _judge(self, presented: str, client: str, at: datetime) -> Verdict:
        if not is_code(presented):
            return unreadable(_only_codes(), at)
        if not is_online_code(presented):
            return await self._rooms.check(presented)
        try:
            for_windows = read_online_code(presented).claims.kind is not CodeFor.LICENSE
        except EtrustError:
            return no_such_code(at)
        if for_windows:  # left as it is: a shop's scan must not use up the code a window is about to read
            return unreadable(_for_windows(), at)
        return await self._rooms.codes.check(presented, operator=None, client=client)


def no_such_code(at: datetime) -> Verdict:
    """The answer of `CodeDesk.check` to outsiders, for a code that cannot even be read."""
    found = Finding("use", Outcome.FAILED, "code_not_valid")
    return judge([Step(found, Status.ALREADY_USED)], at=at, evidence={}, license=None, kind="code")


def least(verdict: Verdict, types: Mapping[str, LicenseType]) -> Verdict:
    """A verdict with what the public may see of the license: type, period, issuer, and the name, a person's masked."""
    license_ = verdict.license
    if license_ is None:
        return verdict
    type_ = types.get(str(license_["type"]))
    public_name = type_ is not None and all(set(holder.code_types) <= _COMPANIES for holder in type_.holders)
    fields = license_.get("fields")
    names = [each for each in fields if each["name"] == "holder_name"] if isinstance(fields, list) else []
    told = [each if public_name else {**each, "value": _masked(str(each["value"]))} for each in names]
    kept = ("type", "type_names", "issuer", "valid_from", "valid_until")
    return replace(verdict, license={**{name: license_.get(name) for name in kept}, "fields": told})


def _masked(names: str) -> str:
    return "、".join(name if name.endswith("*") else mask_name(name) for name in names.split("、"))


def _subscriber(client: str) -> str:
    """An address as one subscriber has it: IPv4 whole, IPv6 by its network."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    if address.version == 4:  # noqa: PLR2004  # of the Internet Protocol
        return str(address)
    return str(ipaddress.ip_network((address, _NETWORK_BITS), strict=False))


def _too_many() -> EtrustError:
    return EtrustError(
        Kind.RATE_LIMITED, "too_many_public_checks",
        zh="从您的网络发来的核验太多，请稍后再试。", en="Too many checks come from your network; try again later.",
    )


def _only_codes() -> EtrustError:
    return EtrustError(
        Kind.MALFORMED, "not_a_code", zh="这里只能核验二维码，不能查询号码。", en="Only codes are checked here, not numbers.",
    )


def _for_windows() -> EtrustError:
    return EtrustError(
        Kind.MALFORMED, "code_for_windows",
        zh="这是办事用的一码，只有政务窗口能读。请持证人出示那一本证照的码。",
        en="This code is for government windows; ask the holder for the code of the one license.",
    )
