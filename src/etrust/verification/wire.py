"""What goes to the sandboxed worker and comes back, as JSON and bytes; and the worker's side of it."""

import contextlib
import importlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from etrust.documents.reading import EmbeddedFile, Indication, Signatory
from etrust.documents.sandbox_frames import Message
from etrust.errors import EtrustError, Kind
from etrust.signing import sm2
from etrust.trust.chains import Ground, Period
from etrust.trust.crls import CrlSet, read_crls
from etrust.trust.findings import Finding, Outcome
from etrust.trust.x509 import read_certificate
from etrust.verification.files import Examined, examine
from etrust.verification.sealed import SealedAt

TARGET = "etrust.verification.wire:answer"
"""What `etrust.documents.sandbox` starts."""


def ask(
    data: bytes, ground: Ground, *, document: bytes | None = None, indications: Sequence[Indication] | None = None
) -> Message:
    """The job: judge a file, or with ``indications`` write the ETSI report about one that was judged."""
    groups = (
        [each.encoded for each in ground.anchors], [each.encoded for each in ground.others],
        [each.encoded for each in ground.crls.lists], [] if document is None else [document],
    )  # fmt: skip
    head: dict[str, object] = {
        "now": ground.now.isoformat(), "counts": [len(each) for each in groups],
        "periods": {name: [_moment(each.since), _moment(each.until)] for name, each in ground.periods.items()},
    }  # fmt: skip
    if indications is not None:
        head["indications"] = [list(each) for each in indications]
    return Message(head, (data, *(each for group in groups for each in group)))


def warm() -> None:
    """Load what is loaded at first use, before the worker may load nothing more."""
    with contextlib.suppress(EtrustError):
        sm2.PrivateKey.generate()
    with contextlib.suppress(ImportError):
        importlib.import_module("pyhanko.sign.validation.report.tools")
    importlib.import_module("etrust.documents.validate")


def answer(job: Message) -> Message:
    """The worker's side."""
    head: Any = job.data
    data, *parts = job.parts
    groups: list[list[bytes]] = []
    for count in head["counts"]:
        groups.append(parts[:count])
        parts = parts[count:]
    ground = _ground(head, groups)
    if "indications" in head:
        from etrust.documents.pdf_report import etsi_report  # noqa: PLC0415 - readers are loaded only in the worker

        return Message({}, (etsi_report(data, ground, [Indication(*each) for each in head["indications"]]),))
    return _tell(examine(data, ground=ground, document=groups[3][0] if groups[3] else None))


def _ground(head: Mapping[str, Any], groups: list[list[bytes]]) -> Ground:
    periods = {
        name: Period(datetime.fromisoformat(since), until and datetime.fromisoformat(until))
        for name, (since, until) in head["periods"].items()
    }
    return Ground(
        anchors=tuple(map(read_certificate, groups[0])), now=datetime.fromisoformat(head["now"]),
        others=tuple(map(read_certificate, groups[1])),
        crls=CrlSet([each for data in groups[2] for each in read_crls(data)]), periods=periods,
    )  # fmt: skip


def _tell(found: Examined) -> Message:
    data = {
        "kind": found.kind, "title": found.title, "missing": list(found.missing_lists),
        "findings": [[each.step, each.outcome.value, each.reason, each.detail] for each in found.findings],
        "files": [each.name for each in found.files], "seals": [code for code, _ in found.seals],
        "times": [[_moment(each.stated), _moment(each.proven)] for each in found.times],
        "signatories": [
            [each.name, each.body, _moment(each.stated), _moment(each.proven), each.reason] for each in found.signatories
        ],
        "credential": found.credential is not None,
    }  # fmt: skip
    parts = (
        *(each.data for each in found.files), *(seal for _, seal in found.seals),
        *(each.certificate for each in found.signatories), *([found.credential] if found.credential is not None else []),
    )  # fmt: skip
    return Message(data, parts)


def told(reply: Message) -> Examined:
    """What a worker found.

    Raises:
        EtrustError: ``bad_frame``: the answer is not such as `answer` gives.
    """
    said: Any = reply.data
    parts = iter(reply.parts)
    try:
        return Examined(
            kind=str(said["kind"]), title=str(said["title"]), missing_lists=tuple(map(str, said["missing"])),
            findings=tuple(Finding(str(a), Outcome(b), str(c), str(d)) for a, b, c, d in said["findings"]),
            files=tuple(EmbeddedFile(str(name), next(parts)) for name in said["files"]),
            seals=tuple((str(code), next(parts)) for code in said["seals"]),
            signatories=tuple(
                Signatory(str(name), str(body), next(parts), _read_moment(stated), _read_moment(proven), str(reason))
                for name, body, stated, proven, reason in said["signatories"]
            ),
            credential=next(parts) if said["credential"] else None,
            times=tuple(SealedAt(_read_moment(stated), _read_moment(proven)) for stated, proven in said["times"]),
        )  # fmt: skip
    except (KeyError, ValueError, TypeError, StopIteration, RuntimeError) as error:
        raise EtrustError(
            Kind.MALFORMED, "bad_frame", zh="查验进程的答复无法读取。", en="The answer of the checking process cannot be read."
        ) from error


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _read_moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
