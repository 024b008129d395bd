"""Certificate profiles (证书模板) of a region, read from ``keys/profiles.yaml``."""

from functools import lru_cache

import yaml
from pydantic import BaseModel, ConfigDict, Field

from etrust.errors import EtrustError, Kind
from etrust.resources import resource
from etrust.signing.model import Algorithm

KEY_USAGES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign",
    "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip
"""Names of the bits of keyUsage in their order (RFC 5280, section 4.2.1.3)."""
PURPOSES = {"time_stamping": "1.3.6.1.5.5.7.3.8", "document_signing": "1.3.6.1.5.5.7.3.36"}
"""OIDs of extended key usages by the name a profile gives them (RFC 3161, RFC 9336)."""


class Profile(BaseModel):
    """What a certificate of one kind must say.

    Attributes:
        algorithms: keys it may carry.
        ca: whether it may issue certificates.
        path_length: how many authorities may stand below it, None for a leaf.
        years: the longest it may be good.
        own_list: whether it stands on a revocation list alone, for readers that judge a whole path at the time of a list.
        key_usage: names out of `KEY_USAGES`.
        extended_key_usage: names out of `PURPOSES`; the extension is left out when there are none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    algorithms: tuple[Algorithm, ...]
    ca: bool
    path_length: int | None = Field(default=None, ge=0)
    years: int = Field(ge=1, le=30)
    own_list: bool = False
    key_usage: tuple[str, ...]
    extended_key_usage: tuple[str, ...] = ()
    extended_key_usage_critical: bool = False

    @property
    def usage_bits(self) -> int:
        """The bits of keyUsage; bit 0 of the string is bit 0 of the number."""
        return sum(1 << KEY_USAGES.index(name) for name in self.key_usage)

    @property
    def purposes(self) -> tuple[str, ...]:
        """OIDs of extendedKeyUsage."""
        return tuple(PURPOSES[name] for name in self.extended_key_usage)


@lru_cache(maxsize=1)
def profiles() -> dict[str, Profile]:
    """The packaged certificate profiles by name.

    Raises:
        EtrustError: ``bad_profile``: a usage or purpose is unknown.
    """
    found = yaml.safe_load(resource("keys", "profiles.yaml").read_text("utf-8"))
    read = {name: Profile.model_validate(profile) for name, profile in found.items()}
    for name, profile in read.items():
        unknown = (set(profile.key_usage) - set(KEY_USAGES)) | (set(profile.extended_key_usage) - PURPOSES.keys())
        if unknown:
            raise EtrustError(
                Kind.INVALID, "bad_profile", where=f"keys/profiles.yaml: {name}",
                zh=f"证书模板 {name} 中有未知的密钥用途：{sorted(unknown)}。",
                en=f"Profile {name} names unknown key usages: {sorted(unknown)}.",
            )
    return read


def profile_of(name: str) -> Profile:
    """A profile by its name.

    Raises:
        EtrustError: ``no_profile``.
    """
    found = profiles().get(name)
    if found is None:
        raise EtrustError(
            Kind.NOT_FOUND, "no_profile", where=name,
            zh=f"没有证书模板“{name}”，可用：{'、'.join(profiles())}。",
            en=f"There is no certificate profile {name!r}; there are {', '.join(profiles())}.",
        )
    return found
