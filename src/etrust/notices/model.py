"""Notices (通知): who is told what, in which order. Pure.

A notice belongs to a stream (one case of objection, one correction, …). To each recipient the notices of a stream arrive at
least once and in order: number n+1 is not sent before n was confirmed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

MAX_CONTENT = 64 * 1024
"""Bytes of a notice's content as JSON."""


class RecipientKind(StrEnum):
    """Who can be told."""

    REGION = "region"  # another region, over the partner interface
    BODY = "body"  # a body of this region: its inbox, and its webhook where it has one
    PERSON = "person"  # a holder: the inbox in the space of one's own


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody to be told.

    Attributes:
        name: division of a region (six digits), code of a body (18 characters), or a holder's key in hexadecimal.
    """

    kind: RecipientKind
    name: str

    @property
    def text(self) -> str:
        """As it is stored: ``region:620000``."""
        return f"{self.kind}:{self.name}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """What `text` gave."""
        kind, _, name = text.partition(":")
        return cls(RecipientKind(kind), name)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell one recipient.

    Attributes:
        notice_id: ``N-`` and 22 characters; the same however often it is sent.
        stream: what it belongs to, such as ``objection/YY20261125-ABCDEFGH``.
        number: from 1 in this stream for this recipient.
        kind: what it says, such as ``objection.forwarded``; whoever takes it in has a handler by this word.
        content: JSON. Personal data only in a part that is encrypted to the recipient.
    """

    notice_id: str
    stream: str
    number: int
    recipient: Recipient
    kind: str
    content: Mapping[str, object]
    at: datetime


@dataclass(frozen=True, slots=True)
class Arrived:
    """A notice of another region as it arrived here, its sender proven by the signature of the request.

    Attributes:
        sender: division of the region that sent it.
    """

    sender: str
    notice: Notice
