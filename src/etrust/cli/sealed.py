"""What `etrust verify` does with files: with the region's stores where there is a home, else by the anchors at hand alone.

Either way the file itself is read in a worker that can be killed (`etrust.documents.sandbox`).
"""

from collections.abc import Sequence
from pathlib import Path

from etrust.cli.file_question import FileQuestion
from etrust.clock import system_clock
from etrust.documents.reading import Indication
from etrust.documents.sandbox import Sandbox, open_sandbox
from etrust.errors import EtrustError
from etrust.recognition.offline_regions import OfflineRegions
from etrust.settings import Settings
from etrust.trust.chains import Ground
from etrust.trust.crls import CrlSet, read_crls
from etrust.trust.x509 import Certificate, read_certificates
from etrust.verification.files import ABOUT_THE_FILE, Examined, conclude, meant, unreadable
from etrust.verification.inside import Register
from etrust.verification.model import Verdict
from etrust.verification.offline import OfflineVerifier
from etrust.verification.pdf import weigh_signatures
from etrust.verification.wire import TARGET, ask, told
from etrust.wiring import open_rooms
from etrust.wiring.file_checks import no_report, report_unavailable
from etrust.wiring.home import ANCHOR_KEY, Home


async def check_file(
    settings: Settings, question: FileQuestion, lists: OfflineVerifier | OfflineRegions | None = None
) -> Verdict:
    """The verdict on a file, by the region's stores where there is a home and nothing else was named, else offline.

    Args:
        lists: trust list and status lists that were named, for the license inside a document; or those of several regions.

    Raises:
        EtrustError: an anchor or a list cannot be read; the check could not be made.
    """
    if isinstance(lists, OfflineRegions):
        return await _several(settings, question, lists)
    named = question.offline or question.anchors or question.crls
    if not named and Home.of(settings).is_founded:
        return await _online(settings, question)
    ground = _ground(settings, question)
    async with open_sandbox(TARGET) as sandbox:
        found = await _examine(sandbox, question, ground)
        register = None if lists is None else Register(lists.trust, lists.status, lists.types)
        verdict = conclude(found, ground=ground, register=register)
        if question.report is not None:
            question.report.write_bytes(await _report(sandbox, question.data, ground, verdict))
    return verdict


async def _several(settings: Settings, question: FileQuestion, regions: OfflineRegions) -> Verdict:
    """By the own region's authorities, else by those of the region the file is of."""
    at = question.at or system_clock()
    ground = regions.ground([each.encoded for each in _anchors(settings, question.anchors)], at)
    async with open_sandbox(TARGET) as sandbox:
        found = await _examine(sandbox, question, ground)
        verdict = await regions.check_file(found, lambda other: _examine(sandbox, question, other), at=at)
    own = regions.own
    return verdict or conclude(found, ground=ground, register=Register(own.trust, own.status, own.types))


async def _online(settings: Settings, question: FileQuestion) -> Verdict:
    async with open_rooms(settings) as rooms:
        report = await rooms.files.check(question.data, at=question.at, document=_document(question))
        if question.report is not None:
            question.report.write_bytes(await rooms.files.etsi(question.data, report))
    return report.verdict


async def _examine(sandbox: Sandbox, question: FileQuestion, ground: Ground) -> Examined:
    try:
        return told(await sandbox.run(ask(question.data, ground, document=_document(question))))
    except EtrustError as error:
        if error.kind not in ABOUT_THE_FILE:
            raise
        return unreadable(meant(question.data), error)


async def _report(sandbox: Sandbox, data: bytes, ground: Ground, verdict: Verdict) -> bytes:
    indications = [Indication(each.overall, each.indication) for each in weigh_signatures(verdict.findings)]
    reply = await sandbox.run(ask(data, ground, indications=indications))
    if "error" in reply.data:
        raise report_unavailable() if reply.data["error"] == "report_unavailable" else no_report()
    return reply.parts[0]


def _document(question: FileQuestion) -> bytes | None:
    return None if question.document is None else question.document.read_bytes()


def _ground(settings: Settings, question: FileQuestion) -> Ground:
    lists = [each for path in question.crls for each in read_crls(path.read_bytes())]
    return Ground(_anchors(settings, question.anchors), question.at or system_clock(), crls=CrlSet(lists))


def _anchors(settings: Settings, named: Sequence[Path]) -> tuple[Certificate, ...]:
    if named:
        return tuple(each for path in named for each in read_certificates(path.read_bytes()))
    home = Home.of(settings)
    if not home.is_founded:
        return ()
    own = [name for name in home.keys.names() if name == ANCHOR_KEY or name.startswith(f"{ANCHOR_KEY}-")]
    return tuple(each for name in sorted(own) for each in read_certificates(home.keys.certificate(name)))
