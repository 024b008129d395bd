"""Every benchmark runs and gets right answers; how fast is not a test's business."""

import pytest
from benchmarks.__main__ import NAMES
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import (
    base45,
    check,
    documents,
    issuing,
    ledger,
    matter_checks,
    one_code,
    over_http,
    revoking,
    signing,
    status_list,
)
from etrust.credentials.base45 import encode

RUNS = {
    "issuing": (issuing.run, {"rows": 60}),
    "check": (check.run, {"checks": 8}),
    "over_http": (over_http.run, {"requests": 40}),
    "one_code": (one_code.run, {"codes": 5}),
    "matter_checks": (matter_checks.run, {"checks": 2}),
    "base45": (base45.run, {"decodings": 2}),
    "status_list": (status_list.run, {"entries": 4096}),
    "revoking": (revoking.run, {}),
    "documents": (documents.run, {"documents": 1}),
    "signing": (signing.run, {"signatures": 3}),
    "ledger": (ledger.run, {"rows": 60}),
}


def test_all_are_run() -> None:
    assert set(RUNS) == set(NAMES)


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.long
async def test_right_answers(name: str) -> None:
    run, size = RUNS[name]
    results = await run(**size, rounds=2)  # type: ignore[operator]
    assert results
    for result in results:
        assert len(result.ratios) == 2
        assert all(ratio > 0 for ratio in result.ratios)


@given(st.binary(max_size=60))
def test_the_plain_decoder_is_a_decoder(data: bytes) -> None:
    assert base45.plain_decode(encode(data)) == data
