"""A body's key moves to a PKCS#11 token: licenses are issued with it, not while the token is away, and again when it is back."""

from datetime import timedelta
from pathlib import Path

import pytest
from tests.licenses.issuing import issue_company
from tests.signing.soft_token import soft_token
from tests.trust.key_desk import kid_of, open_desk, plan

from etrust.errors import EtrustError, Kind
from etrust.settings import Settings
from etrust.verification.model import Status


async def test_licenses_are_issued_with_a_key_on_a_token(region: Settings, tmp_path: Path) -> None:
    with soft_token(tmp_path / "token") as token:
        place = token.place
        settings = region.model_copy(
            update={"pkcs11_module": place.module, "pkcs11_token": place.label, "pkcs11_pin_file": place.pin_file}
        )
        async with open_desk(settings) as desk:
            done = await desk.rotated(plan(desk.clock, valid_from=desk.clock(), overlap=timedelta(0), on_token=True))
            assert desk.rooms.home.keys.place_of(done.key_name) == "token"
            desk.clock.now = done.entry.valid_from
            first = await issue_company(desk.rooms)
            with token.pulled_out(), pytest.raises(EtrustError, match="token_unavailable") as caught:
                await issue_company(desk.rooms, 证照编号="2")
            assert caught.value.kind is Kind.UNAVAILABLE
            again = await issue_company(desk.rooms, 证照编号="3")
            for license_ in (first, again):
                assert kid_of(license_) == done.entry.kid
                assert await desk.status(license_) == (Status.VALID, [])
