"""Where the passphrase and the token of a deployment come from: settings, environment first."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from etrust.errors import EtrustError
from etrust.settings import Settings, load_settings
from etrust.wiring.home import Home


def write(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


@pytest.mark.parametrize("content", [b"secret", b"secret\n", b"secret\r\nsecond line\n"])
def test_the_first_line_of_the_file_is_the_passphrase(tmp_path: Path, content: bytes) -> None:
    file = write(tmp_path / "passphrase", content)
    assert Home.of(Settings(home=tmp_path, key_passphrase_file=file)).keys.passphrase == b"secret"


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    (tmp_path / "etrust.toml").write_text(f'key_passphrase_file = "{tmp_path / "not there"}"\n')
    settings = load_settings(tmp_path, {"ETRUST_KEY_PASSPHRASE": "口令"})
    assert Home.of(settings).keys.passphrase == "口令".encode()
    assert "口令" not in repr(settings)
    assert "口令" not in repr(Home.of(settings))


@pytest.mark.parametrize(("content", "mode"), [(b"secret", 0o640), (b"", 0o600), (b"\nsecret", 0o600)])
def test_a_file_open_to_others_or_empty_is_refused(tmp_path: Path, content: bytes, mode: int) -> None:
    file = write(tmp_path / "passphrase", content, mode)
    with pytest.raises(EtrustError, match="bad_passphrase_file"):
        Home.of(Settings(home=tmp_path, key_passphrase_file=file))


def test_a_file_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EtrustError, match="bad_passphrase_file"):
        Home.of(Settings(home=tmp_path, key_passphrase_file=tmp_path / "none"))


def test_a_passphrase_in_the_settings_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "etrust.toml").write_text('key_passphrase = "secret"\n')
    with pytest.raises(EtrustError, match="passphrase_in_settings") as caught:
        load_settings(tmp_path, {})
    assert "secret" not in str(caught.value)


def test_a_token_is_named_whole_or_not_at_all(tmp_path: Path) -> None:
    whole = Settings(home=tmp_path, pkcs11_module=Path("/module.so"), pkcs11_token="label", pkcs11_pin_file=Path("/pin"))
    token = Home.of(whole).keys.token
    assert token is not None
    assert (token.module, token.label, token.pin_file) == (Path("/module.so"), "label", Path("/pin"))
    assert Home.of(Settings(home=tmp_path)).keys.token is None
    for part in ("pkcs11_module", "pkcs11_token", "pkcs11_pin_file"):
        with pytest.raises(EtrustError, match="bad_setting"):
            Home.of(whole.model_copy(update={part: None}))


def test_the_passphrase_is_kept_secret_in_the_settings(tmp_path: Path) -> None:
    assert "open sesame" not in repr(Settings(home=tmp_path, key_passphrase=SecretStr("open sesame")))
