"""备案: the seal was recorded with the public security authority, whose number is kept."""

import re

from etrust.errors import EtrustError, Kind
from etrust.seals.model import Action, Actor, Ground, SealEvent
from etrust.seals.steps import find_for, take_step
from etrust.storage.postgres import Connection

_NUMBER = re.compile(r"[0-9A-Za-z〔〕\[\]()（）\-－/号第字\u4e00-\u9fff]{1,40}")


async def file_record(connection: Connection, code: str, *, record_number: str, who: Actor, ground: Ground) -> SealEvent:
    """Note the number under which a seal that was made is recorded (备案编号).

    Raises:
        EtrustError: ``bad_record_number``; ``no_role``, ``seal_not_found``, ``bad_ground``, ``bad_transition``.
    """
    if not _NUMBER.fullmatch(record_number):
        raise EtrustError(
            Kind.INVALID, "bad_record_number", where="record_number",
            zh="备案编号须为 1 至 40 个汉字、字母、数字或常用符号。",
            en="A record number has 1 to 40 letters, digits, Chinese characters or usual signs.",
        )
    await find_for(connection, code, who)
    async with connection.transaction():
        return await take_step(connection, code, Action.FILE_RECORD, who=who, ground=ground, note=record_number)
