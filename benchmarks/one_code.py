"""The one code: showing, redeeming and refusing one, beside the bare signature, Redis commands and row it cannot do without."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.pairs import Result, pairs
from benchmarks.region import region, some_licenses
from etrust.access.model import Operator
from etrust.credentials.online_code import read_online_code
from etrust.errors import EtrustError
from etrust.licenses.model import Holder
from etrust.onecode.model import Acting, Basis, CodeKind, Subject
from etrust.onecode.show import ShownCode
from etrust.signing.verify import VerifyKey
from etrust.wiring import Rooms
from etrust.wiring.home import CODE_KEY

_ROW = "INSERT INTO bare_uses (handle, used_at, operator) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING true"


@dataclass
class _Counter:
    """A holder, a clerk, and the bare means beside them."""

    rooms: Rooms
    acting: Acting
    clerk: Operator
    waiting: list[ShownCode]

    async def show(self, codes: int, kind: CodeKind = CodeKind.HOLDER) -> list[ShownCode]:
        """So many codes, each of a session of its own."""
        return [await self.rooms.codes.show(self.acting, session=secrets.token_bytes(32), kind=kind) for _ in range(codes)]

    async def redeem(self, code: ShownCode) -> None:
        """One use; the answer must be what was shown."""
        if await self.rooms.codes.redeem(code.text, operator=self.clerk) != code.shown:
            raise AssertionError("another code than was shown")

    async def refuse(self, code: ShownCode) -> None:
        """A second use; it must be refused with the time of the first."""
        try:
            await self.rooms.codes.redeem(code.text, operator=self.clerk)
        except EtrustError as error:
            if error.code != "code_used":
                raise AssertionError(error.code) from error
        else:
            raise AssertionError("a code was used twice")


async def run(*, codes: int = 200, rounds: int = 9) -> list[Result]:
    """Every code redeemed must be the one shown; every one used must be refused."""
    async with region() as rooms:
        holder = Holder(*(await some_licenses(rooms))[0].holders[0])
        subject = Subject(rooms.issuing.numbering.holder(holder), holder.name, holder.code, holder.code_type)
        counter = _Counter(rooms, Acting(subject, "person", Basis.SELF), await rooms.operator("clerk"), [])
        async with rooms.stores.pool.acquire() as connection:
            await connection.execute("CREATE TABLE bare_uses (handle bytea PRIMARY KEY, used_at timestamptz, operator text)")
        return [await measure(counter, codes, rounds) for measure in (_showing, _redeeming, _refusing)]


async def _showing(counter: _Counter, codes: int, rounds: int) -> Result:
    signer, redis = counter.rooms.cabinet.current(CODE_KEY), counter.rooms.stores.redis
    data = secrets.token_bytes(140)

    async def bare() -> int:
        for _ in range(codes):
            name = secrets.token_hex(16)
            signer.sign(data)
            await redis.set(f"bare:{name}", data, px=60_000)
            await redis.set(f"bare:s:{name}", data, px=60_000)
        return codes

    async def ours() -> int:
        await counter.show(codes)
        return codes

    return await pairs("show a code", "an ES256 signature and two Redis SETs", bare, ours, rounds=rounds)


async def _redeeming(counter: _Counter, codes: int, rounds: int) -> Result:
    check = await _bare_check(counter)
    redis, pool = counter.rooms.stores.redis, counter.rooms.stores.pool
    names: list[str] = []

    async def before() -> None:
        counter.waiting, names[:] = await counter.show(codes), [secrets.token_hex(16) for _ in range(codes)]
        for name in names:
            await redis.set(f"bare:{name}", b"x" * 300, px=60_000)

    async def bare() -> int:
        for name in names:
            check()
            await redis.get("bare:count")
            if await redis.getdel(f"bare:{name}") is None:
                raise AssertionError("an entry of the bare comparison is gone")
            async with pool.acquire() as connection:
                await connection.fetchval(_ROW, bytes.fromhex(name), counter.rooms.clock(), "clerk")
        return codes

    async def ours() -> int:
        for code in counter.waiting:
            await counter.redeem(code)
        return codes

    told = "an ES256 verification, two Redis commands and a row"
    return await pairs("redeem a code", told, bare, ours, rounds=rounds, before=before)


async def _refusing(counter: _Counter, codes: int, rounds: int) -> Result:
    check, redis = await _bare_check(counter), counter.rooms.stores.redis
    (code,) = await counter.show(1)
    await counter.redeem(code)

    async def bare() -> int:
        for _ in range(codes):
            check()
            await redis.get("bare:count")
            await redis.get("bare:used")
        return codes

    async def ours() -> int:
        for _ in range(codes):
            await counter.refuse(code)
        return codes

    return await pairs("refuse a code that was used", "an ES256 verification and two Redis GETs", bare, ours, rounds=rounds)


async def _bare_check(counter: _Counter) -> Callable[[], None]:
    """One ES256 verification of a real code."""
    (code,) = await counter.show(1)
    read, signer = read_online_code(code.text), counter.rooms.cabinet.current(CODE_KEY)
    key = VerifyKey.from_certificate(signer.certificate, signer.algorithm)
    return lambda: key.check(read.signature, read.to_be_signed)
