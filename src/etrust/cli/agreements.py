"""`etrust agreement`."""

import click


@click.group()
def agreement() -> None:
    """互认协议 · Agreements with partner regions."""
