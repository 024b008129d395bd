"""Settings: one frozen object made from the home folder's `etrust.toml` and the environment, environment first."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from etrust.errors import EtrustError, Kind

ENVIRONMENT_PREFIX = "ETRUST_"


class Settings(BaseModel):
    """How one deployment runs. Every field can be given as ``ETRUST_<NAME>`` or in ``HOME/etrust.toml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path
    database_url: str | None = None
    redis_url: str | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8180, ge=0, le=65535)
    public_url: str = "https://etrust.example"
    region: str = Field(default="650000", pattern=r"^\d{6}$")
    database_pool: int = Field(default=8, ge=1, le=200)
    store_timeout_seconds: float = Field(default=3.0, gt=0, le=60)
    status_list_lifetime_seconds: int = Field(default=86_400, ge=60)
    status_list_ttl_seconds: int = Field(default=300, ge=1)
    secure_cookies: bool = False


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
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise EtrustError(
            Kind.INVALID, "bad_settings_file", where=str(path),
            zh=f"配置文件 {path} 无法读取：{error}", en=f"Cannot read settings file {path}: {error}",
        ) from error


def _from_environment(variables: Mapping[str, str]) -> dict[str, object]:
    names = (name for name in Settings.model_fields if name != "home")
    return {
        name: variables[key] for name in names if (key := ENVIRONMENT_PREFIX + name.upper()) in variables and variables[key]
    }
