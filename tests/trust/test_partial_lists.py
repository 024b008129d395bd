"""Which certificates a revocation list speaks for: what it says about itself is taken at its word, or not at all."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ses.making import NOW, ROOT, SIGNER, CertificateRecipe, crl, extension, made, sequence

from etrust.errors import EtrustError
from etrust.signing import der
from etrust.trust import writing, x509
from etrust.trust.crls import CrlSet, Revoked, read_crls
from etrust.trust.x509 import Certificate, read_certificate

ISSUER = read_certificate(made(ROOT))
HERE, ELSEWHERE = "http://lists.example/1.crl", "http://lists.example/2.crl"
TRUE = b"\xff"


def points(*urls: str, more: bytes = b"") -> bytes:
    """A cRLDistributionPoints extension with a point for each address."""
    return extension(x509.CRL_POINTS, sequence(*(sequence(writing.full_name(url), more) for url in urls)))


def leaf(*extra: bytes, **changes: object) -> Certificate:
    return read_certificate(CertificateRecipe("Leaf", SIGNER.key, serial=9, extra=extra, **changes).encoded())  # type: ignore[arg-type]


def scoped(*parts: bytes, revoked: bool = True) -> CrlSet:
    """A list with an IssuingDistributionPoint of these parts."""
    inside = extension("2.5.29.28", sequence(*parts), critical=True)
    entries = [(9, NOW - timedelta(days=2), None)] if revoked else []
    return CrlSet(read_crls(crl(entries, extra=inside)))


def asked(lists: CrlSet, certificate: Certificate) -> Revoked | str | None:
    try:
        return lists.look_up(certificate, ISSUER, at=NOW, now=NOW)
    except EtrustError as error:
        return error.code


FLAG = {number: der.write(der.context(number, constructed=False), TRUE) for number in (1, 2, 4, 5)}
SOME_REASONS = der.write(der.context(3, constructed=False), b"\1\2")
DIRECTORY = der.write(der.context(0), der.write(der.context(0), der.write(der.context(4), made(ROOT)[:0] + sequence())))


def test_a_list_answers_for_the_certificates_that_name_it() -> None:
    assert isinstance(asked(scoped(writing.full_name(HERE)), leaf(points(HERE))), Revoked)
    assert isinstance(asked(scoped(writing.full_name(HERE)), leaf(points(ELSEWHERE, HERE))), Revoked)
    assert asked(scoped(writing.full_name(HERE), revoked=False), leaf(points(HERE))) is None


def test_it_does_not_answer_for_others() -> None:
    assert asked(scoped(writing.full_name(HERE)), leaf(points(ELSEWHERE))) == "no_crl"
    assert asked(scoped(writing.full_name(HERE)), leaf()) == "no_crl"


def test_a_list_that_is_not_understood_lifts_no_hold() -> None:
    held = crl([(9, NOW - timedelta(days=2), 6)])
    for inside in (extension("2.5.29.28", sequence(FLAG[4]), critical=True), extension("2.5.29.27", der.write_integer(1), critical=True)):
        newer = crl(issued=NOW - timedelta(hours=1), extra=inside)
        assert isinstance(asked(CrlSet([*read_crls(held), *read_crls(newer)]), leaf()), Revoked)
    lifted = crl(issued=NOW - timedelta(hours=1))
    assert asked(CrlSet([*read_crls(held), *read_crls(lifted)]), leaf()) is None


def test_lists_for_users_and_for_authorities() -> None:
    authority = leaf(authority=True)
    assert isinstance(asked(scoped(FLAG[1]), leaf()), Revoked)
    assert asked(scoped(FLAG[1]), authority) == "no_crl"
    assert asked(scoped(FLAG[2]), leaf()) == "no_crl"
    assert isinstance(asked(scoped(FLAG[2]), authority), Revoked)


NOT_UNDERSTOOD = {
    "nothing at all": (), "some reasons": (writing.full_name(HERE), SOME_REASONS), "indirect": (FLAG[4],),
    "attribute certificates": (FLAG[5],), "users and authorities": (FLAG[1], FLAG[2]), "a directory name": (DIRECTORY,),
}  # fmt: skip


@pytest.mark.parametrize("parts", NOT_UNDERSTOOD.values(), ids=NOT_UNDERSTOOD)
def test_what_is_not_understood_answers_nothing(parts: tuple[bytes, ...]) -> None:
    assert asked(scoped(*parts, revoked=False), leaf(points(HERE))) == "crl_not_understood"


def test_a_point_with_reasons_or_of_another_issuer_names_no_list() -> None:
    for more in (SOME_REASONS[:0] + der.write(der.context(1, constructed=False), b"\1\2"), der.write(der.context(2), sequence())):
        assert leaf(points(HERE, more=more)).extensions.crl_points == frozenset()


@pytest.mark.parametrize("value", [b"\5\0", b"junk", sequence(b"\5\0"), sequence(sequence(b"\xa0\2\5\0"))])
def test_a_certificate_with_odd_points_can_be_read(value: bytes) -> None:
    assert leaf(extension(x509.CRL_POINTS, value)).extensions.crl_points == frozenset()


@settings(max_examples=25, deadline=None)  # each case signs a certificate and a list by hand
@given(urls=st.lists(st.text("abc/:.", max_size=12), max_size=4), other=st.lists(st.text("abc/:.", max_size=12), min_size=1, max_size=4))
def test_one_address_in_common_is_enough_and_needed(urls: list[str], other: list[str]) -> None:
    name = der.write(der.context(0), der.write(der.context(0), *map(writing.uri, other)))
    found = asked(scoped(name), leaf(points(*urls)) if urls else leaf())
    assert isinstance(found, Revoked) is bool(set(urls) & set(other))
