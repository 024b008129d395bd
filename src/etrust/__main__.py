"""``python -m etrust`` is ``etrust``."""

from etrust.cli.main import main

main(prog_name="etrust")
