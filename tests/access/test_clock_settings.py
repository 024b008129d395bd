"""What timestamps promise about their precision must be what the clock is held to."""

from pathlib import Path

import pytest

from etrust.errors import EtrustError
from etrust.settings import Settings, load_settings


def test_the_bound_of_the_clock_must_fit_the_accuracy(tmp_path: Path) -> None:
    assert load_settings(tmp_path, {"ETRUST_TIMESTAMP_CLOCK_BOUND_MS": "1000"}).timestamp_clock_bound_ms == 1000
    for wrong in ({"ETRUST_TIMESTAMP_CLOCK_BOUND_MS": "1001"}, {"ETRUST_TIMESTAMP_ACCURACY_SECONDS": "1"}):
        with pytest.raises(EtrustError, match="bad_setting"):
            load_settings(tmp_path, wrong)
    wide = {"ETRUST_TIMESTAMP_CLOCK_BOUND_MS": "3000", "ETRUST_TIMESTAMP_ACCURACY_SECONDS": "4"}
    assert load_settings(tmp_path, wide).timestamp_accuracy_seconds == 4


@pytest.mark.parametrize("policy", ["1", "3.1.2", "1.2.x", "1.02.3", "1..2", ""])
def test_a_policy_is_an_oid(tmp_path: Path, policy: str) -> None:
    with pytest.raises(ValueError, match="timestamp_policy"):
        Settings(home=tmp_path, timestamp_policy=policy)


def test_going_live_asks_the_kernel(tmp_path: Path) -> None:
    assert not Settings(home=tmp_path).asks_kernel_for_time
    assert Settings(home=tmp_path, public_url="https://licenses.example.org").asks_kernel_for_time
    assert Settings(home=tmp_path, timestamp_clock="kernel").asks_kernel_for_time
