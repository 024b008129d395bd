"""What the commands share: options, running a coroutine, printing for people and for programs."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click
import uvloop

from etrust.settings import Settings, load_settings

Command = TypeVar("Command", bound=Callable[..., Any])
DEFAULT_OPERATOR = "admin"


def home_option(command: Command) -> Command:
    """`--home` after the command as well as before it."""
    return click.option(
        "--home", "own_home", type=click.Path(path_type=Path, file_okay=False), help="工作目录 · the home folder"
    )(command)


def json_option(command: Command) -> Command:
    """`--json`: machine output."""
    return click.option("--json", "as_json", is_flag=True, help="输出 JSON · machine output")(command)


def operator_option(command: Command) -> Command:
    """`--operator`: the account that answers for the change."""
    return click.option(
        "--operator", default=DEFAULT_OPERATOR, show_default=True, help="操作员账号 · the account that acts"
    )(command)


def asynchronous(command: Callable[..., Coroutine[Any, Any, int | None]]) -> Callable[..., None]:
    """Run a coroutine command with the settings of its home; its result is the exit code."""

    @wraps(command)
    @click.pass_context
    def run(context: click.Context, /, own_home: Path | None = None, **arguments: object) -> None:
        settings = settings_of(context, own_home)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            code = runner.run(command(settings, **arguments))
        context.exit(code or 0)

    return run


def settings_of(context: click.Context, own_home: Path | None) -> Settings:
    """The settings of the home that was named, after the command or before it."""
    home = own_home.expanduser().absolute() if own_home else context.find_root().obj
    return load_settings(home)


def print_json(value: object) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def read_bounded(file: Path, limit: int) -> bytes:
    """The content of a file of certificates or lists, or so much of it that its reader sees it is too large.

    Args:
        limit: bytes that the reader takes; PEM is a third longer.
    """
    with file.open("rb") as opened:
        return opened.read(2 * limit + 1)
