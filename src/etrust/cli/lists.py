"""`etrust lists`."""

import click


@click.group()
def lists() -> None:
    """列表文件 · Lists as files, for checks without asking."""
