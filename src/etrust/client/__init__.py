"""Calls a region: the Python client of departments and partner regions (接口客户端).

    async with Client("https://etrust.example", key) as region:
        verdict = await region.check(text)

`Client` is for programs of departments, `PartnerClient` for other regions. Neither needs a store, and nothing of the server is
imported. ``docs/client.md`` has the guide.
"""

from etrust.client.department import Client
from etrust.client.faults import BadAddress, BadAnswer, RegionFault, RegionRefused, RegionUnreachable
from etrust.client.models import (
    Checked,
    Compared,
    Difference,
    Download,
    Ground,
    License,
    Metadata,
    Notice,
    StatusChange,
    Taken,
    Totals,
    Use,
    Verdict,
)
from etrust.client.region import Identity, PartnerClient
from etrust.client.transport import Retry

__all__ = [
    "BadAddress", "BadAnswer", "Checked", "Client", "Compared", "Difference", "Download", "Ground", "Identity", "License",
    "Metadata", "Notice", "PartnerClient", "RegionFault", "RegionRefused", "RegionUnreachable", "Retry", "StatusChange", "Taken",
    "Totals", "Use", "Verdict",
]  # fmt: skip
