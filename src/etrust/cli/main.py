"""`etrust`: the command line of a deployment. Exit codes: 0 good, 1 the answer is no, 2 usage or error."""

import json
import sys
from pathlib import Path

import click

from etrust.cli import accounts, check, demo, licenses, region, serving
from etrust.errors import EtrustError


class _EtrustGroup(click.Group):
    """Shows our own errors in both languages, and never a traceback for them."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except EtrustError as error:
            _show(error, as_json="--json" in sys.argv)
            ctx.exit(2)


def _show(error: EtrustError, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(
            {"error": error.code, "zh": error.zh, "en": error.en, "where": error.where}, ensure_ascii=False
        ))  # fmt: skip
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


for command in (
    region.init, region.migrate, region.trust, accounts.key, accounts.account, licenses.import_, licenses.issue,
    licenses.revoke, licenses.suspend, licenses.restore, licenses.link, licenses.show, check.verify, serving.serve,
    serving.up, demo.demo,
):  # fmt: skip
    main.add_command(command)
