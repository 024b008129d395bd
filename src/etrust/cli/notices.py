"""`etrust notice`."""

import click


@click.group()
def notice() -> None:
    """通知 · Notices."""
