"""`etrust key` as administrators use it: list, rotate, activate, compromise, request and install, encrypt."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from etrust.settings import Settings
from tests.cli.running import Etrust
from tests.licenses.issuing import COMPANY

pytestmark = pytest.mark.long

BODY = "11650000MB1A0004XU"
OLD = f"credential-{BODY}"
GROUND = ("--reason", "定期更换", "--legal-basis", "《密码法》第十四条")


def keys_of(etrust: Etrust) -> dict[str, dict[str, str]]:
    told = etrust("key", "list", "--json")
    assert told.code == 0, told.err
    found = told.json["keys"]
    assert isinstance(found, list)
    return {row["name"]: row for row in found}


def error_of(etrust: Etrust, *arguments: object) -> object:
    told = etrust(*arguments, "--json")
    assert told.code == 2, told.out + told.err
    return json.loads(told.out)["error"]


def issue(etrust: Etrust, number: str) -> str:
    told = etrust("issue", "-", "--type", "business_license", "--json", stdin=json.dumps({**COMPANY, "证照编号": number}).encode())
    assert told.code == 0, told.err
    return str(told.json["code"])


def test_a_rotation_by_two_people_and_a_compromise(etrust: Etrust) -> None:
    before = issue(etrust, "1")
    assert keys_of(etrust)[OLD]["state"] == "in force"
    proposed = etrust("key", "rotate", OLD, "--from", datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000"), "--json", *GROUND)
    assert proposed.code == 0, proposed.err
    number, name = proposed.json["proposal"], str(proposed.json["key"])
    assert name == f"{OLD}-2"
    assert error_of(etrust, "key", "activate", number, "--reason", "复核") == "second_person_needed"
    assert etrust("key", "activate", number, "--reason", "复核", "--operator", "admin2").code == 0
    assert error_of(etrust, "key", "withdraw", number, "--reason", "晚了") == "proposal_decided"

    told = etrust("key", "compromise", OLD, "--reason", "介质遗失", "--legal-basis", "《密码法》第三十七条", "--yes", "--json")
    assert told.code == 0, told.err
    assert told.json == {"key": OLD, "in_trust_list": True, "certificate_revoked": True}
    states = {own: row["state"] for own, row in keys_of(etrust).items()}
    assert states[OLD] == "compromised"
    assert states[name] in ("to come", "in force")  # fifteen seconds after its activation
    assert etrust("verify", before).code == 0  # this region recorded it before


def test_only_administrators_may(etrust: Etrust) -> None:
    for arguments in (
        ("rotate", OLD, *GROUND), ("activate", 1, "--reason", "x"), ("compromise", OLD, "--yes", *GROUND),
    ):  # fmt: skip
        assert error_of(etrust, "key", *arguments, "--operator", "clerk") == "no_role"
    told = etrust("key", "request", "new", "--subject", "CN=x", "--output", etrust.home / "x.csr", "--operator", "clerk")
    assert told.code == 2
    assert not (etrust.home / "keys" / "new.key").exists()


@pytest.mark.parametrize("algorithm", ["ES256", "SM2"])
def test_a_certificate_from_elsewhere_for_a_key_of_ours(etrust: Etrust, tmp_path: Path, algorithm: str) -> None:
    """Openssl is the other authority; its certificate goes into the line of the seal maker (SM2) or the body's key (P-256)."""
    curve, old = ("SM2", "seal-maker") if algorithm == "SM2" else ("P-256", OLD)
    csr, ca, certificate = tmp_path / "new.csr", tmp_path / "ca", tmp_path / "new.crt"
    told = etrust("key", "request", "from-elsewhere", "--algorithm", algorithm, "--subject", "C=CN, O=某局, CN=某局签发", "--output", csr)
    assert told.code == 0, told.err
    extra = ["-sm3", "-sigopt", "distid:1234567812345678", "-vfyopt", "distid:1234567812345678"] if curve == "SM2" else ["-sha256"]
    for command in (
        ["req", "-x509", "-newkey", "ec", "-pkeyopt", f"ec_paramgen_curve:{curve}", "-nodes", "-subj", "/CN=elsewhere", "-keyout", f"{ca}.key", "-out", f"{ca}.crt"],
        ["x509", "-req", "-in", csr, "-CA", f"{ca}.crt", "-CAkey", f"{ca}.key", *extra, "-days", "900", "-out", certificate],
    ):
        subprocess.run(["openssl", *command], check=True, capture_output=True)
    assert error_of(etrust, "key", "install", "from-elsewhere", f"{ca}.crt") == "bad_key"  # of another key
    assert etrust("key", "install", "from-elsewhere", certificate).code == 0
    proposed = etrust("key", "rotate", old, "--with", "from-elsewhere", "--json", *GROUND)
    assert proposed.code == 0, proposed.err
    assert etrust("key", "activate", proposed.json["proposal"], "--reason", "复核", "--operator", "admin2").code == 0
    row = keys_of(etrust)["from-elsewhere"]
    assert (row["state"], row["algorithm"], row["place"]) == ("to come", algorithm, "file")


@pytest.mark.long
def test_the_key_files_are_encrypted_and_the_passphrase_changes(etrust: Etrust, region: Settings, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for file in (first, second):
        file.write_text(f"passphrase {file.name}\n")
        file.chmod(0o600)
    locked = Etrust(etrust.home, {**etrust.environment, "ETRUST_KEY_PASSPHRASE_FILE": str(first)})
    done = locked("key", "encrypt", "--json")
    assert done.code == 0, done.err
    files = list((etrust.home / "keys").glob("*.key"))
    assert done.json["encrypted"] == sorted(file.stem for file in files)
    assert all(b"ENCRYPTED" in file.read_bytes() for file in files)
    issue(locked, "1")
    told = etrust("issue", "-", "--type", "business_license", stdin=json.dumps({**COMPANY, "证照编号": "2"}).encode())
    assert (told.code, "ETRUST_KEY_PASSPHRASE" in told.err) == (2, True)

    changed = locked("key", "encrypt", "--new-passphrase-file", second, "--json")
    assert len(changed.json["encrypted"]) == len(files)  # type: ignore[arg-type]
    relocked = Etrust(etrust.home, {**etrust.environment, "ETRUST_KEY_PASSPHRASE": "passphrase second"})
    issue(relocked, "3")
    wrong = locked("issue", "-", "--type", "business_license", "--json", stdin=json.dumps({**COMPANY, "证照编号": "4"}).encode())
    assert (wrong.code, json.loads(wrong.out)["error"]) == (2, "wrong_passphrase")


def test_a_passphrase_beside_the_keys_or_open_to_others_is_refused(etrust: Etrust, tmp_path: Path) -> None:
    (etrust.home / "etrust.toml").open("a").write('\nkey_passphrase = "secret"\n')
    assert error_of(etrust, "key", "list") == "passphrase_in_settings"
    text = (etrust.home / "etrust.toml").read_text().replace('key_passphrase = "secret"', "")
    (etrust.home / "etrust.toml").write_text(text)
    file = tmp_path / "passphrase"
    file.write_text("secret\n")
    file.chmod(0o644)
    exposed = Etrust(etrust.home, {**etrust.environment, "ETRUST_KEY_PASSPHRASE_FILE": str(file)})
    assert error_of(exposed, "key", "list") == "bad_passphrase_file"
