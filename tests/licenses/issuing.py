"""Licenses to work with: issued for real, by a body that has the mandate."""

from etrust.credentials.code import encode_code
from etrust.ids import LicenseIdentifier
from etrust.licenses import store
from etrust.licenses.issue import issue_one
from etrust.licenses.model import Provenance, StoredLicense
from etrust.wiring import Rooms

BODIES = {
    "business_license": "11650000MB1A0004XU",
    "resident_identity_card": "11650000MB1A0002XR",
    "marriage_certificate": "11650000MB1A0003XT",
}
COMPANY = {
    "证照编号": "650000000000001", "持证主体": "新疆天山达盛棉业有限公司", "统一社会信用代码": "936501021MRN4WKEFQ",
    "法定代表人": "阿依古丽·吐尔逊", "类型": "有限责任公司", "登记机关": "天山区市场监督管理局", "颁发日期": "2024-05-31",
    "有效期起始日期": "2024-05-31", "有效期截止日期": "长期",
}  # fmt: skip


def officer(rooms: Rooms, type_name: str = "business_license") -> Provenance:
    """Who issues licenses of a type, now."""
    return Provenance("admin", BODIES[type_name], rooms.clock())


async def issue_company(rooms: Rooms, **changes: str) -> StoredLicense:
    """A business license, with changed cells where wanted."""
    async with rooms.stores.pool.acquire() as connection:
        identifier = await issue_one(
            connection, rooms.issuing, rooms.types["business_license"], {**COMPANY, **changes}, who=officer(rooms)
        )
        found = await store.find(connection, identifier.serial, identifier.version)
    assert found is not None
    return found


def code_of(license_: StoredLicense) -> str:
    """The text of a license's code."""
    return encode_code(license_.credential)


def identifier_of(license_: StoredLicense) -> LicenseIdentifier:
    """The identifier of a license."""
    return license_.identifier


async def some_licenses(rooms: Rooms, type_name: str, count: int) -> list[StoredLicense]:
    """Some issued licenses of a type."""
    async with rooms.stores.pool.acquire() as connection:
        places = await store.newest_of_type(connection, type_name, count)
        found = [await store.find(connection, *place) for place in places]
    assert found
    return [license_ for license_ in found if license_ is not None]
