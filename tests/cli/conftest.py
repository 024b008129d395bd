"""The command line on a founded region."""

import pytest

from etrust.settings import Settings
from tests.cli.running import Etrust


@pytest.fixture
def etrust(region: Settings) -> Etrust:
    """The `etrust` command on a region of its own."""
    return Etrust(region.home, {"ETRUST_DATABASE_URL": str(region.database_url), "ETRUST_REDIS_URL": str(region.redis_url)})
