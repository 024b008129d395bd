"""`/metrics`: what an operator watches, in the text format of Prometheus. Counts only; nothing here is about a person."""

from collections.abc import Mapping, Sequence

from aiohttp import web

from etrust.wiring import ROOMS
from etrust.wiring.gauges import Gauges
from etrust.wiring.matter_counts import MatterCounts

_HELP = {
    "documents_made": "Documents in the register.",
    "documents_open": "Documents asked for and not made.",
    "documents_due": "Documents whose archive renewal is due.",
    "documents_overdue": "Documents whose last timestamp has ended.",
    "documents_trouble": "Documents whose last making or renewal failed.",
}


async def metrics(request: web.Request) -> web.Response:
    """The gauges of this moment, or of ten seconds ago at most; counters of this process since it started."""
    rooms = request.app[ROOMS]
    counted = await rooms.documents.counts()
    lines = [*_matter_lines(rooms.matters.counts), *_witness_lines(await rooms.witness.counts())]
    lines += _region_lines(await rooms.gauges.now())
    for name, told in _HELP.items():
        lines += [f"# HELP etrust_{name} {told}", f"# TYPE etrust_{name} gauge"]
        lines.append(f"etrust_{name} {counted[name.removeprefix('documents_')]}")
    return web.Response(text="\n".join(lines) + "\n", content_type="text/plain", headers={"Cache-Control": "no-store"})


def _matter_lines(counts: MatterCounts) -> list[str]:
    """Checks of matters, by what they said of materials; refusals by reason; checks that waited for consent."""
    return _lines("counter", [
        ("matter_checks_total", "Checks of matters that were answered.", "", {"": counts.checks}),
        ("matter_check_waits_total", "Checks of matters for which a holder was asked.", "", {"": counts.waits}),
        ("matter_materials_total", "Materials checked, by outcome.", "outcome", counts.outcomes),
        ("matter_refusals_total", "Checks of matters refused, by reason.", "reason", counts.reasons),
    ])  # fmt: skip


def _lines(kind: str, told: Sequence[tuple[str, str, str, Mapping[str, float]]]) -> list[str]:
    """Figures in the text format: name, what it is, the name of its label where it has one, and values by label."""
    lines = []
    for name, help_, label, figures in told:
        lines += [f"# HELP etrust_{name} {help_}", f"# TYPE etrust_{name} {kind}"]
        for value, figure in sorted(figures.items()):
            labels = f'{{{label}="{value}"}}' if label else ""
            lines.append(f"etrust_{name}{labels} {figure}")
    return lines


def _region_lines(found: Gauges) -> list[str]:
    """The log, notices and other regions' lists."""
    checkpoint = 0.0 if found.checkpoint_at is None else found.checkpoint_at.timestamp()
    return _lines("gauge", [
        ("ledger_pending", "Entries of the log that wait to be integrated.", "", {"": found.ledger_pending}),
        ("ledger_checkpoint_timestamp_seconds", "When the newest checkpoint was signed.", "", {"": checkpoint}),
        ("notices_unconfirmed", "Notices that nobody has confirmed, by kind of recipient.", "recipient", found.unconfirmed),
        ("trust_alarms", "Lists of other regions refused in the last thirty days, by reason.", "reason", found.alarms),
    ])  # fmt: skip


def _witness_lines(alarms: dict[str, int]) -> list[str]:
    """Logs of other regions that do not fit what they showed before."""
    return [
        "# HELP etrust_witness_alarms Open alarms about other regions' logs, by reason.", "# TYPE etrust_witness_alarms gauge",
        *(f'etrust_witness_alarms{{reason="{reason}"}} {count}' for reason, count in sorted(alarms.items())),
    ]  # fmt: skip
