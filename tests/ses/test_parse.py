"""Seals and seal signatures: told apart by shape and header, and refused as malformed rather than in any other way."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etrust.errors import EtrustError
from etrust.ses.model import Generation
from etrust.ses.parse import MAX_SIZE, parse_seal, parse_seal_signature
from etrust.signing import der, sm2
from etrust.verification.seals import recognize
from tests.ses.making import SIGNER, SealRecipe, SignatureRecipe, TokenRecipe, extension, made

V1, V4 = SealRecipe(1), SealRecipe()
V5 = SealRecipe(5, token=TokenRecipe())
SEALS = [(V1, Generation.V1), (V4, Generation.V4), (V5, Generation.V5), (replace(V5, token=None), Generation.V5)]


@pytest.mark.parametrize(("recipe", "generation"), SEALS)
def test_the_generation_is_told(recipe: SealRecipe, generation: Generation) -> None:
    seal = parse_seal(recipe.encoded())
    signature = parse_seal_signature(SignatureRecipe(recipe).encoded())
    assert seal.generation is signature.generation is generation
    assert (signature.seal, signature.seal.encoded) == (seal, recipe.encoded())
    assert (seal.code, seal.properties.name, seal.picture.width) == (recipe.code, recipe.name, 42)
    assert seal.properties.certificates == (made(SIGNER),)
    assert (seal.timestamp is not None) == (recipe.token is not None)


def test_digests_and_extensions_are_kept_as_they_are() -> None:
    seal = parse_seal(replace(V4, by_digest="SM3", extensions=(extension("1.2.3", b"\x00any", explicit_false=True),)).encoded())
    assert [(each.algorithm, each.value) for each in seal.properties.digests] == [("SM3", sm2.sm3(made(SIGNER)))]
    assert [(each.oid, each.critical, each.value) for each in seal.extensions] == [("1.2.3", False, b"\x00any")]


@pytest.mark.parametrize("whole", [V1.encoded(), V4.encoded(), V5.encoded()], ids=["v1", "v4", "v5"])
def test_cut_short_or_made_longer_it_is_malformed(whole: bytes) -> None:
    for data in (*(whole[:length] for length in range(0, len(whole), 7)), whole + b"\0"):
        with pytest.raises(EtrustError, match="bad_seal"):
            parse_seal(data)


def test_another_number_of_parts() -> None:
    parts = [each.encoded for each in der.read(V4.encoded()).children()]
    for count in (0, 1, 3):
        with pytest.raises(EtrustError, match="2, 4 or 5 parts"):
            parse_seal(der.write(der.SEQUENCE, *parts[:count]))


def test_a_seal_beyond_all_bounds() -> None:
    for parse in (parse_seal, parse_seal_signature):
        with pytest.raises(EtrustError, match="too_large"):
            parse(bytes(MAX_SIZE + 1))


WHOLES = (SignatureRecipe(V1).encoded(), SignatureRecipe(V5).encoded())


@given(st.data())
def test_damage_is_malformed_or_readable_and_nothing_else(data: st.DataObject) -> None:
    whole = bytearray(data.draw(st.sampled_from(WHOLES)))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        parse_seal_signature(bytes(whole))
    except EtrustError as error:
        assert error.code == "bad_seal_signature"


@pytest.mark.parametrize(("data", "kind"), [
    (V1.encoded(), "seal"), (V4.encoded(), "seal"), (V5.encoded()[:100], "seal"), (SignatureRecipe().encoded(), "seal_signature"),
    (SignatureRecipe(V1).encoded()[:60], "seal_signature"), (b"PK\x03\x04", "ofd"), (made(SIGNER), None), (b"", None),
    (b"ET1:ABC", None), (b"0123456789", None), (b"\x30\x82", None), (b"\x89PNG", None), (b"0", None), (b"\x30\x80\x30\x80\x02", None),
])  # fmt: skip
def test_kinds_of_files_are_told_by_their_beginning(data: bytes, kind: str | None) -> None:
    assert recognize(data) == kind


@given(st.binary(max_size=40))
def test_recognizing_never_fails(data: bytes) -> None:
    assert recognize(data) in (None, "seal", "seal_signature", "ofd")
