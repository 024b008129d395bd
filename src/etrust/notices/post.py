"""Writes a notice in the transaction of its cause: what happened and who is told of it are committed together."""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime

from etrust.errors import EtrustError, Kind
from etrust.notices import store
from etrust.notices.model import MAX_CONTENT, Notice, Recipient
from etrust.storage.postgres import Connection


async def post(
    connection: Connection, *, stream: str, recipient: Recipient, kind: str, content: Mapping[str, object], at: datetime
) -> str:
    """Write a notice; it is delivered after the commit. Returns its id.

    Args:
        stream: what it belongs to; to one recipient the notices of a stream arrive in the order they were written.
        content: JSON, without personal data but in parts that are encrypted to the recipient.

    Raises:
        EtrustError: TOO_LARGE ``notice_too_large``.
    """
    text = json.dumps(content, ensure_ascii=False)
    if len(text.encode()) > MAX_CONTENT:
        raise EtrustError(
            Kind.TOO_LARGE, "notice_too_large", where=kind, zh="通知内容过长。", en="The notice is too long."
        )
    await store.lock_stream(connection, recipient.text, stream)
    number = await store.last_number(connection, recipient.text, stream) + 1
    notice = Notice(f"N-{secrets.token_urlsafe(16)}", stream, number, recipient, kind, content, at)
    await store.add(connection, notice, text)
    await store.add_delivery(connection, notice)
    return notice.notice_id
