"""`etrust ledger`."""

import click


@click.group()
def ledger() -> None:
    """透明日志 · The transparency log."""
