"""Checks over HTTP on one core, beside a bare handler that only verifies one signature; the client is another process."""

import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path

from aiohttp import web

from benchmarks.pairs import Result, Timed, Work, pairs
from benchmarks.region import BODY, region, some_licenses
from etrust.access.api_keys import make_api_key
from etrust.access.model import Scope
from etrust.cli.serving import serving
from etrust.credentials.code import encode_code
from etrust.signing.cose import to_be_signed
from etrust.signing.verify import VerifyKey


async def run(*, requests: int = 3000, rounds: int = 7) -> list[Result]:
    """Each of the client's answers must be the right one."""
    async with region() as rooms:
        license_ = next(each for each in await some_licenses(rooms, 50) if each.valid_until is None)
        async with rooms.stores.pool.acquire() as connection:
            key = await make_api_key(
                connection, operator="officer", scopes=[Scope.CHECK], at=rooms.clock(), lifetime=timedelta(hours=1)
            )
        signer = rooms.cabinet.of_body(BODY)
        verify_key = VerifyKey.from_certificate(signer.certificate, signer.algorithm)
        tbs = to_be_signed(license_.protected, license_.payload)

        async def bare_handler(request: web.Request) -> web.Response:
            await request.json()
            verify_key.check(license_.signature, tbs)
            return web.json_response({"verdict": "TOTAL-PASSED"})

        runner = web.AppRunner(_bare_app(bare_handler), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        bare_address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            async with serving(rooms, "127.0.0.1", 0) as address:
                asked = {"presented": encode_code(license_.credential)}
                bare, ours = _client(bare_address, key, asked, requests), _client(address, key, asked, requests)
                result = await pairs(
                    "POST /api/v1/checks", "bare handler with one ES256 verification", bare, ours, rounds=rounds
                )
                return [result]
        finally:
            await runner.cleanup()


def _bare_app(handler: object) -> web.Application:
    app = web.Application()
    app.router.add_post("/api/v1/checks", handler)  # type: ignore[arg-type]  # a handler as aiohttp wants it
    return app


def _client(address: str, key: str, asked: dict[str, str], requests: int) -> Work:
    async def call() -> Timed:
        process = await asyncio.create_subprocess_exec(
            sys.executable, Path(__file__).with_name("client.py"), address, key, str(requests), json.dumps(asked),
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, _ = await process.communicate()
        if process.returncode:
            raise AssertionError("a wrong answer over HTTP")
        return Timed(requests, float(out) * requests)  # the client's own clock: its process took time to start

    return call
