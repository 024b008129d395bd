"""Every benchmark runs and gets right answers; how fast is not a test's business."""

import pytest

from benchmarks import check, issuing, over_http, status_list


@pytest.mark.parametrize(("run", "size"), [
    (issuing.run, {"rows": 20}), (check.run, {"checks": 8}), (over_http.run, {"requests": 40}), (status_list.run, {"entries": 4096}),
], ids=["issuing", "check", "over_http", "status_list"])  # fmt: skip
async def test_right_answers(run, size: dict[str, int]) -> None:  # type: ignore[no-untyped-def]
    for result in await run(**size, rounds=1):
        assert len(result.ratios) == 1
        assert result.ratios[0] > 0
