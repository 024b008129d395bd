"""Settings: one frozen object made from the home folder's `etrust.toml` and the environment, environment first."""

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, ValidationInfo, field_validator

from etrust.errors import EtrustError, Kind

ENVIRONMENT_PREFIX = "ETRUST_"
EXAMPLE_URL = "https://etrust.example"
TIMESTAMP_POLICY = "2.25.131183091782837192918008128379092579861"
"""Policy of a timestamp service that has not chosen its own: an OID made from a UUID (X.667), which nobody registers."""


def is_safe_address(url: str, *, plain_on_loopback: bool, bare: bool = False) -> bool:
    """Whether an address may carry secrets: https, or http to this very machine where that is allowed.

    Args:
        bare: it must have neither query nor fragment.
    """
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or parts.password is not None or not url.isascii() or not url.isprintable():
        return False
    if parts.fragment or (bare and "?" in url):
        return False
    return parts.scheme == "https" or (plain_on_loopback and parts.scheme == "http" and is_loopback(host))


def is_loopback(host: str) -> bool:
    """Whether a host name is this very machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Settings(BaseModel):
    """How one deployment runs. Every field can be given as ``ETRUST_<NAME>`` or in ``HOME/etrust.toml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path
    database_url: str | None = None
    redis_url: str | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8180, ge=0, le=65535)
    tls_certificate_file: Path | None = None
    tls_key_file: Path | None = None
    partner_port: int | None = Field(default=None, ge=0, le=65535)
    public_url: str = EXAMPLE_URL
    region: str = Field(default="650000", pattern=r"^\d{6}$")
    database_pool: int = Field(default=8, ge=1, le=200)
    store_timeout_seconds: float = Field(default=3.0, gt=0, le=60)
    status_list_lifetime_seconds: int = Field(default=86_400, ge=60)
    status_list_ttl_seconds: int = Field(default=300, ge=1)
    secure_cookies: bool = False
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    file_workers: int = Field(default=1, ge=1, le=32)
    fetch_for_validation: bool = False
    document_workers: int = Field(default=2, ge=1, le=64)
    key_passphrase_file: Path | None = None
    key_passphrase: SecretStr | None = None
    pkcs11_module: Path | None = None
    pkcs11_token: str | None = Field(default=None, max_length=32)  # the room a token has for its label
    pkcs11_pin_file: Path | None = None
    timestamp_policy: str = Field(default=TIMESTAMP_POLICY, pattern=r"^[0-2](\.(0|[1-9]\d{0,38})){2,20}$", max_length=120)
    timestamp_accuracy_seconds: int = Field(default=2, ge=2, le=60)
    timestamp_clock: Literal["kernel", "steady"] | None = None
    timestamp_clock_bound_ms: int = Field(default=500, ge=1, le=10_000)
    partner_calls_per_minute: int = Field(default=300, ge=1, le=1_000_000)
    partner_calls_per_day: int = Field(default=100_000, ge=1, le=1_000_000_000)
    region_directory_url: str | None = Field(default=None, max_length=500)
    region_directory_certificate: Path | None = None
    identity_issuer: str | None = Field(default=None, max_length=500)
    identity_client_id: str = Field(default="etrust", min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")
    identity_client_secret_file: Path | None = None
    identity_client_secret: SecretStr | None = None
    identity_scopes: str = Field(default="openid profile", max_length=300, pattern=r"^openid( [\x21\x23-\x5b\x5d-\x7e]+)*$")
    identity_claim_name: str = Field(default="name", min_length=1, max_length=200)
    identity_claim_code: str = Field(default="citizen_number", min_length=1, max_length=200)
    identity_claim_code_type: str = Field(default="code_type", min_length=1, max_length=200)
    identity_claim_companies: str = Field(default="companies", min_length=1, max_length=200)

    @field_validator("region_directory_url")
    @classmethod
    def _directory_is_safe(cls, url: str | None) -> str | None:
        if url is not None and not is_safe_address(url, plain_on_loopback=True):
            raise ValueError("an address with https (http on this machine only)")
        return url

    @field_validator("identity_issuer")
    @classmethod
    def _issuer_is_safe(cls, issuer: str | None) -> str | None:
        """OpenID Connect Discovery: https, no query, no fragment; plain http only on this very machine."""
        if issuer is not None and not is_safe_address(issuer, plain_on_loopback=True, bare=True):
            raise ValueError("an address with https, without query and fragment (http on this machine only)")
        return issuer

    @field_validator("timestamp_clock_bound_ms")
    @classmethod
    def _within_accuracy(cls, bound: int, info: ValidationInfo) -> int:
        """Times are told in whole seconds, so one second of the accuracy is spent before the clock errs."""
        if bound > 1000 * (info.data.get("timestamp_accuracy_seconds", 2) - 1):
            raise ValueError("more than timestamp_accuracy_seconds less one second: less exact than promised")
        return bound

    @property
    def asks_kernel_for_time(self) -> bool:
        """Whether timestamps are refused while the kernel does not call its clock synchronized.

        Not in a trial, which has no address of its own yet: many machines for trials have no time service.
        """
        if self.timestamp_clock is not None:
            return self.timestamp_clock == "kernel"
        return self.public_url != EXAMPLE_URL


def load_settings(home: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of a home folder.

    Raises:
        EtrustError: the file is not TOML, or a value is out of its range; names file and key.
    """
    variables = os.environ if environment is None else environment
    values: dict[str, object] = {**_from_file(home / "etrust.toml"), **_from_environment(variables)}
    values["home"] = home
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise EtrustError(
            Kind.INVALID, "bad_setting", where=key,
            zh=f"配置项 {key} 不正确：请检查 {home / 'etrust.toml'} 与环境变量 ETRUST_{key.upper()}。",
            en=f"Setting {key}: {first['msg']}; check {home / 'etrust.toml'} and ETRUST_{key.upper()}.",
        ) from error


def _from_file(path: Path) -> dict[str, object]:
    if not path.is_file():
        return {}
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise EtrustError(
            Kind.INVALID, "bad_settings_file", where=str(path),
            zh=f"配置文件 {path} 无法读取：{error}", en=f"Cannot read settings file {path}: {error}",
        ) from error
    if "key_passphrase" in found:  # it would lie beside the keys it protects
        raise EtrustError(
            Kind.INVALID, "passphrase_in_settings", where=str(path),
            zh=f"口令不得写在 {path} 中；请用 key_passphrase_file 指向别处的文件，或用环境变量 ETRUST_KEY_PASSPHRASE。",
            en=f"No passphrase in {path}; let key_passphrase_file point elsewhere, or use ETRUST_KEY_PASSPHRASE.",
        )
    if "identity_client_secret" in found:  # settings are copied and shown more freely than secrets
        raise EtrustError(
            Kind.INVALID, "secret_in_settings", where=str(path),
            zh=f"客户端密钥不得写在 {path} 中；请用 identity_client_secret_file，或环境变量 ETRUST_IDENTITY_CLIENT_SECRET。",
            en=f"No client secret in {path}; use identity_client_secret_file or ETRUST_IDENTITY_CLIENT_SECRET.",
        )
    return found


def _from_environment(variables: Mapping[str, str]) -> dict[str, object]:
    names = (name for name in Settings.model_fields if name != "home")
    return {
        name: variables[key] for name in names if (key := ENVIRONMENT_PREFIX + name.upper()) in variables and variables[key]
    }
