"""One scan checked against what a matter needs: consent on the phone, then every material with exactly its fields."""

from etrust.matters.check_model import CheckState
from etrust.settings import Settings
from tests.matters.scene import WIFE, HUSBAND, scene


async def test_a_birth_is_registered_without_a_sheet_of_paper(region: Settings) -> None:
    async with scene(region) as at:
        check = await at.newborn()
        assert check.state is CheckState.DONE
        print(check.materials, check.form, check.evidence)
        assert {each.key: each.outcome.value for each in check.materials} == dict.fromkeys(
            ["birth_certificate", "identity_card", "spouse_identity_card", "household_register", "spouse_household_register",
             "marriage_certificate"], "satisfied")
