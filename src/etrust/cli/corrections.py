"""`etrust correction`."""

import click


@click.group()
def correction() -> None:
    """纠错 · Error correction."""
