"""Seals and seal signatures as we make them: byte for byte what the tests' own writer makes, and read back whole."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etrust.errors import EtrustError
from etrust.ses.encode import (
    encode_info,
    encode_seal,
    encode_seal_parts,
    encode_seal_signature,
    encode_signature_parts,
    encode_tbs,
)
from etrust.ses.make import SealRecipe as Wanted
from etrust.ses.make import (
    add_timestamp,
    listed_by_digest,
    make_seal,
    make_seal_signature,
    seal_info,
    sign_seal,
    signature_value,
)
from etrust.ses.model import CertificateDigest, Extension, Generation, Picture, Properties
from etrust.ses.parse import parse_seal, parse_seal_signature
from etrust.signing import sm2
from etrust.signing.model import Algorithm
from tests.data.ses.generate import FOLDER, SEALS, SIGNATURES
from tests.ses.making import (
    CREATED,
    MAKER,
    NOW,
    SIGNED,
    SIGNER,
    YEAR,
    CertificateRecipe,
    SealRecipe,
    SignatureRecipe,
    TokenRecipe,
    made,
)

TOKEN = TokenRecipe(time=CREATED)
INFO = "/Doc_0/Signs/Sign_0/Signature.xml"


class Holder:
    """The signer of a recipe's certificate, as a key file would be."""

    algorithm = Algorithm.SM2

    def __init__(self, recipe: CertificateRecipe) -> None:
        self._recipe = recipe
        self.certificate = made(recipe)
        self.kid = b"12345678"

    def sign(self, data: bytes) -> bytes:
        return sm2.signature_to_raw(self._recipe.key.sign(data))


def wanted(generation: int = 4, *, by_digest: bool = False, **changes: object) -> Wanted:
    """The recipe that says what the default recipe of the tests' writer says."""
    certificates = () if by_digest else (made(SIGNER),)
    digests = listed_by_digest([made(SIGNER)]) if by_digest else ()
    properties = Properties(1, "天山区市场监督管理局", certificates, digests, CREATED, CREATED, NOW + YEAR)
    recipe = Wanted("65010212345678", properties, Picture("PNG", b"\x89PNG picture", 42, 42), Generation(generation))
    return replace(recipe, **changes)  # type: ignore[arg-type]  # fields by name


def test_a_v4_seal_is_the_bytes_of_the_independent_writer() -> None:
    assert make_seal(wanted(), Holder(MAKER)) == SealRecipe(4).encoded()
    assert make_seal(wanted(by_digest=True), Holder(MAKER)) == SEALS["v4"].encoded()


def test_a_v5_seal_with_and_without_timestamp_too() -> None:
    assert make_seal(wanted(5), Holder(MAKER)) == SealRecipe(5).encoded()
    assert make_seal(wanted(5), Holder(MAKER), timestamp=TOKEN.encoded) == SEALS["v5"].encoded()


@pytest.mark.parametrize(("name", "token"), [("v4", None), ("v5", TokenRecipe())])
def test_seal_signatures_are_the_golden_files(name: str, token: TokenRecipe | None) -> None:
    made_here = make_seal_signature(
        seal=(FOLDER / f"{name}.esl").read_bytes(), digest=sm2.sm3(b"the document"), property_info=INFO, signer=Holder(SIGNER),
        at=SIGNED, timestamp=None if token is None else token.encoded,
    )  # fmt: skip
    assert made_here == (FOLDER / f"{name}.dat").read_bytes() == SIGNATURES[name].encoded()


@pytest.mark.parametrize("name", ["v4", "v5"])
def test_golden_files_written_anew_from_their_parts(name: str) -> None:
    seal, signature = (FOLDER / f"{name}.esl").read_bytes(), (FOLDER / f"{name}.dat").read_bytes()
    assert encode_seal(parse_seal(seal)) == seal
    assert encode_seal_signature(parse_seal_signature(signature)) == signature


def test_extensions_are_written_in_strict_form() -> None:
    extensions = (Extension("1.2.3.4.5", critical=False, value=b"\x05\x00"), Extension("1.2.3.4.6", critical=True, value=b""))
    seal = make_seal(wanted(extensions=extensions), Holder(MAKER))
    assert parse_seal(seal).extensions == extensions
    assert b"\x01\x01\x00" not in seal.split(b"PNG picture")[1][:40]  # no FALSE is written out


@pytest.mark.parametrize(("changes", "code"), [
    ({"generation": Generation.V1}, "bad_recipe"), ({"code": ""}, "bad_recipe"), ({"code": "印章"}, "not_encodable"),
    ({"picture": Picture("EXE", b"x", 42, 42)}, "bad_recipe"), ({"picture": Picture("PNG", b"", 42, 42)}, "bad_recipe"),
    ({"picture": Picture("PNG", b"x", 0, 42)}, "bad_recipe"), ({"vendor": "商"}, "not_encodable"),
    ({"properties": Properties(1, "x", (), (), CREATED, CREATED, NOW)}, "bad_recipe"),
    ({"properties": Properties(1, "x", (b"c",), (CertificateDigest("SM3", bytes(32)),), CREATED, CREATED, NOW)}, "bad_recipe"),
    ({"properties": Properties(1, "x", (b"c",), (), CREATED, NOW, CREATED)}, "bad_recipe"),
    ({"properties": Properties(1, "x", (b"c",), (), CREATED + timedelta(milliseconds=3), CREATED, NOW)}, "not_encodable"),
])  # fmt: skip
def test_what_would_not_verify_is_not_made(changes: dict[str, object], code: str) -> None:
    with pytest.raises(EtrustError) as refused:
        seal_info(wanted(**changes))
    assert refused.value.code == code


def test_a_v4_seal_takes_no_timestamp() -> None:
    with pytest.raises(EtrustError) as refused:
        sign_seal(seal_info(wanted()), Holder(MAKER), timestamp=TOKEN.encoded)
    assert refused.value.code == "timestamp_in_v4"


@pytest.mark.parametrize(("changes", "code"), [
    ({"signer": Holder(MAKER)}, "signer_not_in_seal"), ({"at": CREATED - timedelta(seconds=1)}, "seal_not_in_force"),
    ({"at": NOW + 2 * YEAR}, "seal_not_in_force"), ({"digest": bytes(20)}, "bad_digest"),
    ({"property_info": ""}, "bad_property_info"), ({"property_info": "签章"}, "bad_property_info"),
    ({"property_info": "x" * 1025}, "bad_property_info"), ({"seal": b"no seal"}, "bad_seal"),
    ({"seal": SealRecipe(1).encoded()}, "old_generation"),
])  # fmt: skip
def test_a_seal_signature_that_would_not_verify_is_not_made(changes: dict[str, object], code: str) -> None:
    asked = {
        "seal": SealRecipe(4).encoded(), "digest": bytes(32), "property_info": INFO, "signer": Holder(SIGNER), "at": SIGNED,
    }  # fmt: skip
    with pytest.raises(EtrustError) as refused:
        make_seal_signature(**{**asked, **changes})  # type: ignore[arg-type]  # arguments by name
    assert refused.value.code == code


def test_v1_is_read_and_not_written() -> None:
    for write in (lambda: encode_seal(parse_seal(SealRecipe(1).encoded())),
                  lambda: encode_seal_signature(parse_seal_signature(SignatureRecipe(SealRecipe(1)).encoded()))):
        with pytest.raises(EtrustError) as refused:
            write()
        assert refused.value.code == "old_generation"


def test_a_timestamp_put_in_afterwards_is_the_same_as_one_at_once() -> None:
    v5 = make_seal(wanted(5), Holder(MAKER))
    assert add_timestamp(v5, TOKEN.encoded(signature_value(v5))) == make_seal(wanted(5), Holder(MAKER), timestamp=TOKEN.encoded)
    plain = SignatureRecipe(SEALS["v4"]).encoded()
    stamped = add_timestamp(plain, b"token")
    assert parse_seal_signature(stamped).timestamp == b"token"
    assert parse_seal_signature(plain).signature == signature_value(plain)
    for sealed, code in ((make_seal(wanted(), Holder(MAKER)), "timestamp_in_v4"), (stamped, "timestamp_there")):
        with pytest.raises(EtrustError) as refused:
            add_timestamp(sealed, b"token")
        assert refused.value.code == code


ASCII = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40)
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(9999, 12, 30)).map(lambda at: at.replace(tzinfo=UTC, microsecond=0))
OIDS = st.lists(st.integers(0, 2**40), min_size=1, max_size=6).map(lambda arcs: "1.2." + ".".join(map(str, arcs)))
EXTENSIONS = st.lists(st.builds(Extension, OIDS, st.booleans(), st.binary(max_size=40)), max_size=4).map(tuple)
DIGESTS = st.builds(CertificateDigest, st.sampled_from(["SM3", sm2.SM3]), st.binary(min_size=32, max_size=32))
PICTURES = st.builds(Picture, st.sampled_from(["PNG", "SVG", "ofd"]), st.binary(max_size=300), st.integers(0, 900), st.integers(0, 900))
TIMES = (MOMENTS, MOMENTS, MOMENTS)
PROPERTIES = st.one_of(
    st.builds(Properties, st.integers(0, 2**31), st.text(max_size=20), st.lists(st.binary(max_size=300), max_size=3).map(tuple), st.just(()), *TIMES),
    st.builds(Properties, st.integers(0, 2**31), st.text(max_size=20), st.just(()), st.lists(DIGESTS, min_size=1, max_size=3).map(tuple), *TIMES),
)  # fmt: skip


@settings(max_examples=150)
@given(st.sampled_from([4, 5]), ASCII, ASCII, PROPERTIES, PICTURES, EXTENSIONS, st.binary(max_size=100), st.one_of(st.none(), st.binary(max_size=99)))
def test_every_seal_reads_back_as_it_was_written(
    version: int, vendor: str, code: str, properties: Properties, picture: Picture, extensions: Sequence[Extension], certificate: bytes,
    token: bytes | None,
) -> None:
    info = encode_info(header_id="ES", version=version, vendor=vendor, code=code, properties=properties, picture=picture, extensions=extensions)
    whole = encode_seal_parts(info, maker_certificate=certificate, algorithm="1.2.156.10197.1.501", signature=b"sig", timestamp=token)
    read = parse_seal(whole)
    assert (read.vendor, read.code, read.properties, read.picture, read.extensions) == (vendor, code, properties, picture, tuple(extensions))
    assert (read.maker_certificate, read.signature, read.timestamp, read.signed) == (certificate, b"sig", token, info)
    assert encode_seal(read) == whole


@settings(max_examples=100)
@given(MOMENTS, st.binary(max_size=64), ASCII, EXTENSIONS, st.one_of(st.none(), st.binary(max_size=99)))
def test_every_seal_signature_reads_back_as_it_was_written(
    time: datetime, digest: bytes, property_info: str, extensions: Sequence[Extension], token: bytes | None
) -> None:
    seal = SEAL
    tbs = encode_tbs(version=4, seal=seal, time=time, digest=digest, property_info=property_info, extensions=extensions)
    whole = encode_signature_parts(tbs, signer_certificate=b"c", algorithm="1.2.156.10197.1.501", signature=b"sig", timestamp=token)
    read = parse_seal_signature(whole)
    assert (read.time, read.digest, read.property_info, read.extensions) == (time, digest, property_info, tuple(extensions))
    assert (read.seal.encoded, read.signed, read.timestamp) == (seal, tbs, token)
    assert encode_seal_signature(read) == whole


SEAL = SealRecipe(4).encoded()
