"""`etrust region answers`, `prove` and `check-proof`: what other regions answered, kept as it was signed."""

from pathlib import Path

import click

from etrust.access import store as access_store
from etrust.access.accounts import require_role
from etrust.access.model import Role
from etrust.cli.options import asynchronous, home_option, json_option, operator_option, print_json, read_bounded
from etrust.clock import BEIJING
from etrust.recognition.evidence import MAX_EVIDENCE, Evidence, is_of_its_time
from etrust.recognition.region_changes import MAX_CERTIFICATE, read_anchor
from etrust.settings import Settings
from etrust.wiring import open_rooms

_SHOWN = 100


@click.command("answers")
@home_option
@json_option
@operator_option
@click.argument("division", required=False)
@asynchronous
async def answers(settings: Settings, *, operator: str, division: str | None, as_json: bool) -> None:
    """列出其他地区的答复存证 · List the newest answers of other regions that are kept, without their content."""
    async with open_rooms(settings) as rooms:
        require_role(await rooms.operator(operator), Role.AUDITOR)
        found = await rooms.gate.answers(division, _SHOWN)
    rows = [
        {"answer": each.answer, "region": each.region, "at": each.at.isoformat(), "path": each.path, "status": each.status,
         "sha256": each.digest.hex()}
        for each in found
    ]  # fmt: skip
    if as_json:
        print_json({"answers": rows})
        return
    for each in found:
        click.echo(f"{each.answer}  {each.region}  {each.at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}  {each.status}  {each.path}")


@click.command("prove")
@home_option
@operator_option
@click.argument("answer")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@asynchronous
async def prove(settings: Settings, *, operator: str, answer: str, file: Path) -> None:
    """将一份答复存证 ANSWER 写入 FILE，供举证 · Write a kept answer to a file that proves what was told."""
    async with open_rooms(settings) as rooms:
        acting = await rooms.operator(operator)
        require_role(acting, Role.AUDITOR)
        evidence = await rooms.gate.evidence(answer)
        async with rooms.stores.pool.acquire() as connection:
            await access_store.record(
                connection, at=rooms.clock(), operator=acting.username, body=acting.body, action="answer.prove", subject=answer
            )
    file.write_bytes(evidence.to_json())
    click.echo(f"{file}  {evidence.region}  {evidence.answer.request.method} {evidence.answer.request.url}")


@click.command("check-proof")
@json_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--anchor", required=True, type=click.Path(path_type=Path, dir_okay=False, exists=True),
              help="该地区的锚证书 · the region's anchor certificate")
def check_proof(*, file: Path, anchor: Path, as_json: bool) -> None:
    """验证存证 FILE：确为该地区所答复 · Verify a proof: the region signed this answer to this question. Needs no home."""
    evidence = Evidence.from_json(read_bounded(file, MAX_EVIDENCE))
    signed, trust = evidence.judge(read_anchor(read_bounded(anchor, MAX_CERTIFICATE)))
    told = {
        "region": evidence.region, "signed_at": signed.created.isoformat(), "key": signed.kid.hex(),
        "trust_list": trust.trust_list.sequence, "question": f"{evidence.answer.request.method} {evidence.answer.request.url}",
        "status": evidence.answer.status_code, "answer": evidence.answer.body.decode("utf-8", "replace"),
        "of_its_time": is_of_its_time(evidence, signed),
    }  # fmt: skip
    if as_json:
        print_json(told)
        return
    click.echo("真实：确为该地区所签 · genuine: signed by the region")
    for name, value in told.items():
        click.echo(f"{name:12} {value}")
