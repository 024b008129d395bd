"""Certificate requests: openssl accepts ours, for every kind of key, and an authority of its own certifies them."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etrust.errors import EtrustError
from etrust.signing import pem, private_keys
from etrust.signing.files import KeyFolder
from etrust.signing.model import Algorithm
from etrust.signing.requests import Subject, make_request
from etrust.signing.spki import certificate_spki

SUBJECT = "C=CN, ST=新疆维吾尔自治区, O=市场监督管理局\\, 登记处, organizationIdentifier=11650000MB1A0004XU, CN=签发"
ALL = pytest.mark.parametrize("algorithm", list(Algorithm))


def openssl(*arguments: object, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["openssl", *map(str, arguments)], input=given, capture_output=True, check=False)


@ALL
def test_openssl_verifies_the_request_and_reads_the_subject(tmp_path: Path, algorithm: Algorithm) -> None:
    key = private_keys.generate(algorithm)
    file = tmp_path / "request.csr"
    file.write_bytes(pem.encode("CERTIFICATE REQUEST", make_request(key, Subject.parse(SUBJECT))))
    options = ["-vfyopt", "distid:1234567812345678"] if algorithm is Algorithm.SM2 else []
    told = openssl("req", "-in", file, "-verify", *options, "-noout", "-subject", "-nameopt", "utf8,sep_comma_plus_space,-esc_msb")
    assert told.returncode == 0, told.stderr.decode()
    assert "verify OK" in (told.stdout + told.stderr).decode()
    assert "市场监督管理局" in told.stdout.decode()
    public = openssl("req", "-in", file, "-pubkey", "-noout")
    assert pem.decode(public.stdout)[1] == key.public_spki()


@ALL
def test_an_altered_request_is_refused_by_openssl(tmp_path: Path, algorithm: Algorithm) -> None:
    request = make_request(private_keys.generate(algorithm), Subject.parse("CN=some"))
    file = tmp_path / "request.csr"
    file.write_bytes(request.replace(b"some", b"same"))
    options = ["-vfyopt", "distid:1234567812345678"] if algorithm is Algorithm.SM2 else []
    told = openssl("req", "-in", file, "-inform", "DER", "-verify", *options, "-noout")
    assert "verify OK" not in (told.stdout + told.stderr).decode()


@pytest.mark.parametrize("algorithm", [Algorithm.ES256, Algorithm.RS256, Algorithm.SM2])
def test_a_certificate_made_elsewhere_from_the_request_fits_the_key(tmp_path: Path, algorithm: Algorithm) -> None:
    """Openssl is the other authority."""
    curve = "SM2" if algorithm is Algorithm.SM2 else "P-256"
    assert openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", f"ec_paramgen_curve:{curve}", "-nodes", "-subj", "/CN=elsewhere",
                   "-keyout", tmp_path / "ca.key", "-out", tmp_path / "ca.crt").returncode == 0  # fmt: skip
    keys = KeyFolder(tmp_path / "keys")
    request = make_request(keys.create("some", algorithm), Subject.parse("C=CN, CN=某局"))
    (tmp_path / "some.csr").write_bytes(pem.encode("CERTIFICATE REQUEST", request))
    digest = ["-sm3", "-sigopt", "distid:1234567812345678", "-vfyopt", "distid:1234567812345678"] if curve == "SM2" else ["-sha256"]
    made = openssl("x509", "-req", "-in", tmp_path / "some.csr", "-CA", tmp_path / "ca.crt", "-CAkey", tmp_path / "ca.key", *digest,
                   "-days", "30", "-outform", "DER")  # fmt: skip
    assert made.returncode == 0, made.stderr.decode()
    keys.certify("some", made.stdout)
    signer = keys.load("some")
    assert certificate_spki(signer.certificate) == signer.public_spki()


@pytest.mark.parametrize("text", ["", "CN=", "O=no common name", "CN=a, X=b", "CN=a, C=China", "CN=a, C=1A", "CN=a\nb", f"CN={'长' * 65}", "CN"])
def test_subjects_that_do_not_fit_are_refused(text: str) -> None:
    with pytest.raises(EtrustError, match="bad_subject"):
        Subject.parse(text)


@given(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=64), st.text(st.characters(categories=["L", "N"], include_characters=",="), min_size=1, max_size=64))
def test_what_is_written_is_read_again(name: str, organization: str) -> None:
    found = Subject.parse(f"O={organization.replace(',', chr(92) + ',')}, CN={name}")
    assert found.parts == (("O", organization), ("CN", name))
