"""`etrust`: the command line of a deployment. Exit codes: 0 good, 1 the answer is no, 2 usage or error."""

import json
import sys
from importlib import import_module
from pathlib import Path

import click

from etrust.errors import EtrustError

_COMMANDS = {
    "init": "region:init",
    "up": "serving:up",
    "serve": "serving:serve",
    "migrate": "region:migrate",
    "import": "licenses:import_",
    "issue": "licenses:issue",
    "list": "showing:list_",
    "show": "showing:show",
    "link": "showing:link",
    "verify": "check:verify",
    "revoke": "licenses:revoke",
    "suspend": "licenses:suspend",
    "restore": "licenses:restore",
    "trust": "region:trust",
    "key": "keys:key",
    "account": "accounts:account",
    "matter": "matters:matter",
    "case": "cases:case",
    "seal": "seal:seal",
    "documents": "documents:documents",
    "code": "codes:code",
    "region": "regions:region",
    "lists": "lists:lists",
    "directory": "directory:directory",
    "objection": "objections:objection",
    "correction": "corrections:correction",
    "notice": "notices:notice",
    "ledger": "ledger:ledger",
    "agreement": "agreements:agreement",
    "audit": "audit:audit",
    "demo": "demo:demo",
}
"""Where each command is; its module is loaded only when it is asked for, so that a check need not load a web server."""


class _EtrustGroup(click.Group):
    """Loads commands when asked for, shows our own errors in both languages, and never a traceback for them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the signature is click's
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        place = _COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, name = place.split(":")
        command = getattr(import_module(f"etrust.cli.{module}"), name)
        assert isinstance(command, click.Command)  # noqa: S101 - the table above names commands only
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except EtrustError as error:
            _show(error, as_json="--json" in sys.argv)
            ctx.exit(2)


def _show(error: EtrustError, *, as_json: bool) -> None:
    if as_json:
        told = {"error": error.code, "zh": error.zh, "en": error.en, "where": error.where}
        click.echo(json.dumps(told, ensure_ascii=False))
    click.echo(f"错误：{error.zh}\nError: {error.en}", err=True)


@click.group(cls=_EtrustGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--home", envvar="ETRUST_HOME", default=".etrust", show_default=True, type=click.Path(path_type=Path, file_okay=False),
    help="工作目录 · the folder of settings, keys, embedded stores and reject files",
)
@click.version_option(package_name="etrust")
@click.pass_context
def main(context: click.Context, home: Path) -> None:
    """签发、核验、撤销电子证照 · Issue, verify and revoke electronic licenses."""
    context.obj = home.expanduser().absolute()
