"""`etrust audit`."""

import click


@click.group()
def audit() -> None:
    """审计 · The audit trail."""
