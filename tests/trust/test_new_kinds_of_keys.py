"""A trust list may bring keys of kinds its readers do not know: they are skipped, the others stay in use."""

import base64
import json

import pytest
from tests.docs.test_partner_example import load
from tests.support import NOW, key_entry, make_signer, trust_list_of

from etrust.signing import base64url
from etrust.signing.files import FileSigner
from etrust.trust.lists import read_trust_list, sign_trust_list
from etrust.trust.model import Purpose


@pytest.fixture(scope="module")
def anchor() -> FileSigner:
    return make_signer("anchor")


def list_with(anchor: FileSigner, known: FileSigner, **changes: object) -> bytes:
    """A list with a known key and one like it that says something new, signed by the anchor."""
    token = sign_trust_list(trust_list_of(key_entry(known)), anchor)
    head, body, _ = token.split(b".")
    content = json.loads(base64url.decode(body))
    content["keys"].insert(0, {**content["keys"][0], **changes})
    signed = head + b"." + base64url.encode(json.dumps(content).encode()).encode()
    return signed + b"." + base64url.encode(anchor.sign(signed)).encode()


NEW = {
    "a purpose": {"purpose": "time_machine"},
    "an algorithm": {"algorithm": "ML-DSA-65"},
    "both, and a field": {"purpose": "x", "algorithm": "y", "colour": "red"},
}


@pytest.mark.parametrize("changes", NEW.values(), ids=NEW)
def test_our_reader_skips_what_it_does_not_know(anchor: FileSigner, changes: dict[str, object]) -> None:
    known = make_signer("known")
    found = read_trust_list(list_with(anchor, known, **changes), anchors=[anchor.certificate], at=NOW)
    assert [entry.kid for entry in found.trust_list.keys] == [known.kid]
    assert found.keys_for(known.kid, Purpose.CREDENTIAL)


@pytest.mark.parametrize("changes", NEW.values(), ids=NEW)
def test_the_example_for_partners_does_too(anchor: FileSigner, changes: dict[str, object]) -> None:
    known = make_signer("known")
    keys = load().read_trust_list(list_with(anchor, known, **changes), anchor.certificate, NOW.timestamp())
    data = b"signed"
    found = load().key_that_signed(keys, "credential", {4: known.kid, 1: -7}, known.sign(data), data)
    assert base64.b64decode(found["x5c"]) == known.certificate
