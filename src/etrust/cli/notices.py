"""`etrust notice`: who was told what, who has not confirmed, and where programs of a body are told."""

import click

from etrust.cli.options import asynchronous, home_option, json_option, operator_option, print_json
from etrust.notices.model import RecipientKind
from etrust.notices.store import Delivery
from etrust.settings import Settings
from etrust.wiring import open_rooms


@click.group()
def notice() -> None:
    """通知 · Notices."""


@notice.command("unconfirmed")
@home_option
@json_option
@click.option("--to", "kind", type=click.Choice([each.value for each in RecipientKind]),
              help="只看某类接收方 · one kind of recipient")
@asynchronous
async def unconfirmed(settings: Settings, *, as_json: bool, kind: str | None) -> int:
    """尚未确认的通知，最早的在前 · What nobody has confirmed yet, the oldest first."""
    async with open_rooms(settings) as rooms:
        found = await rooms.notices.unconfirmed(kind=None if kind is None else RecipientKind(kind))
    _print(found, as_json=as_json)
    return 1 if found else 0


@notice.command("show")
@home_option
@json_option
@click.argument("stream")
@asynchronous
async def show(settings: Settings, *, as_json: bool, stream: str) -> int:
    """一件事通知了谁、谁已确认 · Whoever was told of one thing, such as objection/YY20261125-ABCDEFGH."""
    async with open_rooms(settings) as rooms:
        found = await rooms.notices.of_stream(stream)
    _print(found, as_json=as_json)
    return 0 if found else 1


@notice.command("resend")
@home_option
@operator_option
@click.argument("notice_id")
@asynchronous
async def resend(settings: Settings, *, operator: str, notice_id: str) -> None:
    """立即重发 · Try a notice at once."""
    async with open_rooms(settings) as rooms:
        await rooms.notices.resend(notice_id, who=await rooms.operator(operator))
    click.echo(f"将立即重发 · will be tried at once {notice_id}")


@notice.group("webhook")
def webhook() -> None:
    """通知地址 · Where programs of a body are told."""


@webhook.command("add")
@home_option
@operator_option
@click.argument("body")
@click.argument("url")
@asynchronous
async def webhook_add(settings: Settings, *, operator: str, body: str, url: str) -> None:
    """为机构 BODY 登记通知地址 URL · Tell programs of a body at an address."""
    async with open_rooms(settings) as rooms:
        number = await rooms.notices.add_webhook(body, url, who=await rooms.operator(operator))
    click.echo(f"{number} {body} {url}")


@webhook.command("list")
@home_option
@json_option
@asynchronous
async def webhook_list(settings: Settings, *, as_json: bool) -> None:
    """列出通知地址 · List them."""
    async with open_rooms(settings) as rooms:
        found = await rooms.notices.webhooks()
    if as_json:
        print_json({"webhooks": [{"webhook": each.webhook, "body": each.body, "url": each.url} for each in found]})
        return
    for each in found:
        click.echo(f"{each.webhook}  {each.body}  {each.url}")


@webhook.command("end")
@home_option
@operator_option
@click.argument("number", type=click.IntRange(1))
@asynchronous
async def webhook_end(settings: Settings, *, operator: str, number: int) -> int:
    """停用通知地址 · Tell nobody there any more."""
    async with open_rooms(settings) as rooms:
        done = await rooms.notices.end_webhook(number, who=await rooms.operator(operator))
    click.echo(f"已停用 · ended {number}" if done else f"没有在用的通知地址 · none in use {number}")
    return 0 if done else 1


def _print(found: list[Delivery], *, as_json: bool) -> None:
    if as_json:
        print_json({"notices": [_row(each) for each in found]})
        return
    for each in found:
        state = "✓" if each.confirmed_at else f"· {each.attempts} {each.last_error}"
        told = each.notice
        click.echo(f"{told.notice_id}  {told.at:%Y-%m-%d %H:%M}  {told.recipient.text}  {told.kind}  {told.stream}  {state}")


def _row(each: Delivery) -> dict[str, object]:
    return {
        "notice_id": each.notice.notice_id, "stream": each.notice.stream, "number": each.notice.number,
        "recipient": each.notice.recipient.text, "kind": each.notice.kind, "at": each.notice.at.isoformat(),
        "attempts": each.attempts, "last_error": each.last_error,
        "next_try": None if each.next_try is None else each.next_try.isoformat(),
        "confirmed_at": None if each.confirmed_at is None else each.confirmed_at.isoformat(), "confirmed_by": each.confirmed_by,
    }  # fmt: skip
