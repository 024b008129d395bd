"""What a file of another region is held against, and which agreements it needs. Pure; for servers and for checks without one."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

from etrust.errors import EtrustError
from etrust.recognition.agreements import Agreement, agreement_for, agreement_for_seals, agreement_with
from etrust.trust.chains import Ground, Period
from etrust.trust.crls import Crl, CrlSet
from etrust.trust.model import Purpose, TrustSnapshot
from etrust.trust.x509 import Certificate, read_certificate
from etrust.verification.files import Examined
from etrust.verification.foreign import license_type, seal_kinds


def authorities_of(trust: TrustSnapshot, anchors: Sequence[bytes]) -> list[Certificate]:
    """The certificates that a region's own are issued by: those it lists as authorities, and those that sign its list."""
    listed = [each.certificate for each in trust.trust_list.keys if each.purpose is Purpose.AUTHORITY]
    found: dict[bytes, Certificate] = {}
    for each in (*anchors, *listed):
        try:
            found[hashlib.sha256(each).digest()] = read_certificate(each)
        except EtrustError:
            continue
    return list(found.values())


def ground_of(trust: TrustSnapshot, anchors: Sequence[bytes], at: datetime, crls: Iterable[Crl] = ()) -> Ground:
    """A region's authorities alone, each for the time its list gives it."""
    periods: dict[str, Period] = {}
    for each in trust.trust_list.keys:
        if each.purpose is Purpose.AUTHORITY:
            fingerprint = hashlib.sha256(each.certificate).hexdigest()
            periods[fingerprint] = Period(each.valid_from, each.compromised_since or each.valid_until)
    return Ground(tuple(authorities_of(trust, anchors)), at, crls=CrlSet([*crls]), periods=periods)


def needed_agreements(
    agreements: Iterable[Agreement], *, region: str, found: Examined, at: datetime
) -> list[Agreement | None]:
    """What a file needs: an agreement on the type of the license inside, and one on each kind of seal; else any at all."""
    every = list(agreements)
    type_code = license_type(found)
    needed = [agreement_for_seals(every, region=region, kind=kind, at=at) for kind in seal_kinds(found)]
    if type_code:
        needed.append(agreement_for(every, region=region, type_code=type_code, matter="", at=at))
    return needed or [agreement_with(every, region=region, at=at)]
