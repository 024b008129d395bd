"""`etrust objection`."""

import click


@click.group()
def objection() -> None:
    """异议 · Objections."""
