"""The verifier in the browser says of every code what the one on the server says: the same word, the same findings."""

import base64
import random
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import cbor2
import pytest

from etrust.credentials import base45
from etrust.credentials.code import PLAIN, ZIPPED, encode_code
from etrust.credentials.online_code import LIFETIME, PREFIX, CodeFor, CodeState, OnlineClaims, encode_claims, sign_online_code
from etrust.ids import LicenseIdentifier
from etrust.licenses.types import by_code, load_types
from etrust.signing import cose
from etrust.signing.files import FileSigner
from etrust.signing.model import Algorithm
from etrust.status.bits import Bitmap
from etrust.status.model import State
from etrust.status.tokens import ListSnapshot, encode_status_cwt, read_status_list
from etrust.trust.lists import read_trust_list, sign_trust_list
from etrust.trust.model import Purpose
from etrust.verification.online_code import verify_online_code
from etrust.verification.verify import verify
from tests.support import ISSUER, NOW, TYPE_CODE, URI, Recipe, key_entry, make_signer, trust_list_of
from tests.web.conftest import Site

MEASURE = """async ({base, token, anchor, lists, cases}) => {
  const [{readTrustList}, {readStatusList}, {verify}, {decodeBase64}] = await Promise.all(
    ["trust", "status", "verify", "encoding"].map((name) => import(`${base}${name}.js`)));
  const now = cases[0].at;
  const trust = await readTrustList(token, decodeBase64(anchor), now);
  const judged = await Promise.all(lists.map((list) => readStatusList(decodeBase64(list), trust, now)));
  const snapshot = {trust, lists: new Map(judged.map((list) => [list.uri, list]))};
  return Promise.all(cases.map(async ({text, at}) => {
    const {verdict, sub_indication, status, findings, evidence, claims} = await verify(text, snapshot, at);
    return {verdict, sub_indication, status, findings, evidence, identifier: claims?.identifier.text ?? null, short: claims?.identifier.short ?? null};
  }));
}"""
MEASURE_ONLINE = """async ({base, token, anchor, now, cases}) => {
  const [{readTrustList}, {verifyOnlineCode}, {decodeBase64}] = await Promise.all(
    ["trust", "online_code", "encoding"].map((name) => import(`${base}${name}.js`)));
  const trust = await readTrustList(token, decodeBase64(anchor), now);
  return Promise.all(cases.map(async ({text, at}) => {
    const {verdict, sub_indication, status, kind, findings, evidence, claims} = await verifyOnlineCode(text, trust, at);
    return {verdict, sub_indication, status, kind, findings, evidence, name: claims?.name ?? null, short: claims?.short ?? null};
  }));
}"""
REFUSED = """async ({base, read, args}) => {
  const {[read.name]: call} = await import(`${base}${read.module}.js`);
  const {decodeBase64} = await import(`${base}encoding.js`);
  const given = args.map((arg) => typeof arg === "string" && arg.startsWith("base64:") ? decodeBase64(arg.slice(7)) : arg);
  try { await call(...given); return "accepted"; } catch (error) { return error.code; }
}"""


def in_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def codes(signer: FileSigner, eddsa: FileSigner, foreign: FileSigner) -> Iterator[str]:
    """Codes good and bad, of every kind that is told apart."""
    recipe = Recipe()
    good = recipe.signed(signer)
    yield encode_code(good)
    yield f" {encode_code(good).lower()}\n"
    yield encode_code(recipe.signed(eddsa))
    yield encode_code(recipe.signed(foreign))
    for index in (78, 79, 80, 2**20, 2**21):
        yield encode_code(replace(recipe, status_index=index).signed(signer))
    yield encode_code(replace(recipe, status_uri=URI + "9").signed(signer))
    for days in (-400, -31, 29, 31):
        yield encode_code(replace(recipe, not_before=NOW + timedelta(days=days), expires=NOW + timedelta(days=days + 30)).signed(signer))
    yield encode_code(replace(recipe, issued_at=NOW + timedelta(hours=1)).signed(signer))
    yield encode_code(replace(recipe, issued_at=NOW - timedelta(days=401)).signed(signer))
    yield encode_code(replace(recipe, not_before=None, expires=None, fields={1: ["买买提·艾山"], 2: ["6501"], 7: "x" * 500}).signed(signer))
    for type_code, issuer in (("11100000000013338W011", ISSUER), (TYPE_CODE, "11430000006122244L"), (TYPE_CODE, "650000")):
        yield encode_code(replace(recipe, identifier=LicenseIdentifier.make(type_code, issuer, "ABCDEFGHIJ", 2)).signed(signer))
    yield encode_code(b"\xd8\x3d" + good)
    yield from damaged(good)
    yield from forged(signer)


def damaged(good: bytes) -> Iterator[str]:
    chance = random.Random(5)
    for _ in range(150):
        changed = bytearray(good)
        changed[chance.randrange(len(good))] ^= 1 << chance.randrange(8)
        yield PLAIN + base45.encode(bytes(changed))
    text = PLAIN + base45.encode(good)
    yield from (text[:-1], text[:-2], text[:-3], text + text, text + "A", text[:9] + "," + text[10:], PLAIN, "", "ET1", "https://example.org", ":" * 30)
    yield PLAIN + ":::"
    yield text + "0" * 4096
    packed = zlib.compress(good, 9)
    for data in (packed, packed[:-5], packed + b"\0", b"\x78" + packed, zlib.compress(bytes(3000)), b"no zlib at all"):
        yield ZIPPED + base45.encode(data)


def forged(signer: FileSigner) -> Iterator[str]:
    """Well signed, but not the claims of a license, or an envelope that must be refused."""
    payload = cbor2.loads(cbor2.loads(Recipe().signed(signer)[1:])[2])
    for claim, value in (
        (6, None), (6, -1), (6, "now"), (6, 1e300), (4, True), (5, float("nan")), (1, 5), (1, "6" * 21), (65535, {}), (-65537, None),
        (65535, {"status_list": {"idx": -1, "uri": URI}}), (65535, {"status_list": {"idx": 1.5, "uri": URI}}),
        (-65537, {0: "nonsense"}), (-65537, {**payload[-65537], "a": "b"}), (-65537, {**payload[-65537], 9: ["x", 3]}),
        (-65537, {**payload[-65537], 0: payload[-65537][0][:-1] + "0"}), (99, "ignored"), (6, payload[6] + 0.5), (2**63, 1),
    ):  # fmt: skip
        yield encode_code(cose.sign1(cbor2.dumps({**payload, claim: value}, canonical=True), {1: -7, 4: signer.kid}, signer))
    body = cbor2.dumps(payload, canonical=True)
    for header in ({4: signer.kid}, {1: -8, 4: signer.kid}, {1: -7, 2: [9], 4: signer.kid}, {1: -7}, {1: "ES256", 4: signer.kid}, {1: -7, 4: signer.kid[:7]}):
        yield encode_code(cose.sign1(body, header, signer))
    for broken in (body + b"\0", b"\xbf" + body[1:] + b"\xff", body.replace(b"\x06\x1a", b"\x01\x1a", 1), b"\x81" * 9 + b"\x00", b"\xf6", b"\x1a\x00\x00\x00\x01"):
        yield encode_code(cose.sign1(broken, {1: -7, 4: signer.kid}, signer))


@pytest.fixture(scope="module")
def signers() -> dict[str, FileSigner]:
    return {name: make_signer(name) for name in ("anchor", "credential", "status", "foreign", "compromised")} | {
        "eddsa": make_signer(algorithm=Algorithm.EDDSA)
    }


async def test_every_code_gets_the_verdict_of_the_server(site: Site, signers: dict[str, FileSigner]) -> None:
    listed = trust_list_of(
        key_entry(signers["credential"]), key_entry(signers["eddsa"]), key_entry(signers["status"], Purpose.STATUS),
        key_entry(signers["compromised"], compromised_since=NOW),
    )
    token, anchor = sign_trust_list(listed, signers["anchor"]), signers["anchor"].certificate
    bitmap = Bitmap(2**20)
    for index, state in ((78, State.REVOKED), (79, State.SUSPENDED), (80, State.UNDER_OBJECTION)):
        bitmap.set(index, state)
    status = encode_status_cwt(URI, bitmap, signers["status"], iat=NOW - timedelta(hours=1), exp=NOW + timedelta(hours=23), ttl=300)
    trust = read_trust_list(token, anchors=[anchor], at=NOW)
    lists = ListSnapshot([read_status_list(status, trust=trust, at=NOW)])
    texts = [*codes(signers["credential"], signers["eddsa"], signers["foreign"]), encode_code(Recipe().signed(signers["compromised"]))]
    cases = [(text, NOW) for text in texts] + [(texts[0], NOW + timedelta(hours=hours)) for hours in (-2, 24)]
    expected = [told(text, at, trust, lists) for text, at in cases]
    async with site.visitor() as page:
        await page.goto(f"{site.address}/signin")
        found = await page.evaluate(MEASURE, {
            "base": verifier(await page.content()), "token": token.decode(), "anchor": in_base64(anchor), "lists": [in_base64(status)],
            "cases": [{"text": text, "at": at.timestamp() * 1000} for text, at in cases],
        })  # fmt: skip
    different = [(case, mine, theirs) for case, mine, theirs in zip(cases, expected, found, strict=True) if mine != theirs]
    assert different == []
    assert {each["status"] for each in found} == {
        "valid", "revoked", "suspended", "under_objection", "expired", "not_yet_valid", "unknown_issuer", "bad_signature", "malformed", "unknown"
    }  # fmt: skip


def online_codes(signer: FileSigner, foreign: FileSigner) -> Iterator[tuple[str, datetime]]:
    """Online codes good and bad, each with the moment it is scanned."""
    fresh = OnlineClaims("650000", NOW, NOW + LIFETIME, bytes(range(16)), CodeFor.HOLDER, "买*")
    yield from ((sign_online_code(fresh, signer), NOW + timedelta(seconds=seconds)) for seconds in (0, 59, 69, 70, -10, -11, 3600))
    short = "8R2R1NGMKGCPT8W7O958001N"
    for state in CodeState:
        yield sign_online_code(replace(fresh, kind=CodeFor.LICENSE, type_code=TYPE_CODE, short=short, state=state), signer), NOW
    yield sign_online_code(replace(fresh, kind=CodeFor.LICENSE, type_code=TYPE_CODE, short="0" * 23 + "1", state=CodeState.VALID), signer), NOW
    yield sign_online_code(replace(fresh, kind=CodeFor.MATTER, matter="11650000MB1A0001XQ2" + "0" * 12), signer), NOW
    yield sign_online_code(replace(fresh, region="440000"), signer), NOW
    yield sign_online_code(fresh, foreign), NOW
    long_ago = NOW - timedelta(days=500)
    yield sign_online_code(replace(fresh, issued_at=long_ago, expires_at=long_ago + LIFETIME), signer), long_ago
    yield sign_online_code(replace(fresh, expires_at=NOW + LIFETIME * 2), signer), NOW
    claims = cbor2.loads(encode_claims(fresh))
    for claim, value in ((7, b"short"), (1, "65"), (-65538, {0: 9, 1: "x"}), (-65538, {0: True, 1: "x"}), (-65538, {0: 2, 1: "x"}), (4, None), (6, 1.5)):
        yield PREFIX + base45.encode(cose.sign1(cbor2.dumps({**claims, claim: value}, canonical=True), {1: -7, 4: signer.kid}, signer)), NOW
    whole = base45.decode(sign_online_code(fresh, signer)[len(PREFIX):])
    chance = random.Random(9)
    for _ in range(60):
        changed = bytearray(whole)
        changed[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        yield PREFIX + base45.encode(bytes(changed)), NOW


async def test_online_codes_get_the_verdict_of_the_server(site: Site, signers: dict[str, FileSigner]) -> None:
    signer = signers["credential"]
    listed = trust_list_of(key_entry(signer, Purpose.CODE, body="650000", license_types=frozenset()), key_entry(signer))
    token, anchor = sign_trust_list(listed, signers["anchor"]), signers["anchor"].certificate
    trust = read_trust_list(token, anchors=[anchor], at=NOW)
    cases = [*online_codes(signer, signers["foreign"])]
    expected = []
    for text, at in cases:
        verdict = verify_online_code(text, trust=trust, at=at, types=by_code(load_types()))
        findings = [{"step": each.step, "outcome": each.outcome.value, "reason": each.reason} for each in verdict.findings]
        fields: list[dict[str, str]] = (verdict.license or {}).get("fields", [])  # type: ignore[assignment]
        expected.append({
            "verdict": verdict.verdict.value, "sub_indication": verdict.sub_indication, "status": verdict.status.value, "kind": verdict.kind,
            "findings": findings, "evidence": dict(verdict.evidence), "name": fields[0]["value"] if fields else None,
            "short": (verdict.license or {}).get("short"),
        })  # fmt: skip
    async with site.visitor() as page:
        await page.goto(f"{site.address}/signin")
        found = await page.evaluate(MEASURE_ONLINE, {
            "base": verifier(await page.content()), "token": token.decode(), "anchor": in_base64(anchor), "now": NOW.timestamp() * 1000,
            "cases": [{"text": text, "at": at.timestamp() * 1000} for text, at in cases],
        })  # fmt: skip
    assert [pair for pair in zip(expected, found, strict=True) if pair[0] != pair[1]] == []
    assert {"valid", "unknown", "bad_signature", "malformed", "expired", "not_yet_valid", "unknown_issuer"} <= {each["status"] for each in found}


def told(text: str, at: datetime, trust: object, lists: object) -> dict[str, object]:
    """What the server's verifier says, as far as a browser says it too."""
    verdict = verify(text.strip(), trust=trust, status=lists, at=at, types=by_code(load_types()))  # type: ignore[arg-type]
    license_ = verdict.license or {}
    return {
        "verdict": verdict.verdict.value, "sub_indication": verdict.sub_indication, "status": verdict.status.value,
        "findings": [{"step": each.step, "outcome": each.outcome.value, "reason": each.reason} for each in verdict.findings],
        "evidence": dict(verdict.evidence), "identifier": license_.get("identifier"), "short": license_.get("short"),
    }  # fmt: skip


def verifier(content: str) -> str:
    """The address of the verifier's folder, from any page."""
    digest = content.split("/static/", 1)[1].split("/", 1)[0]
    return f"/static/{digest}/verifier/"


async def test_lists_that_must_not_be_relied_on_are_refused(site: Site, signers: dict[str, FileSigner]) -> None:
    listed = trust_list_of(key_entry(signers["credential"]), key_entry(signers["status"], Purpose.STATUS))
    anchor, token = signers["anchor"].certificate, sign_trust_list(listed, signers["anchor"]).decode()
    head, body, signature = token.split(".")
    now = NOW.timestamp() * 1000
    cases = {
        "untrusted_list": [(sign_trust_list(listed, signers["foreign"]).decode(), now), (f"{head}.{body}.{signature[:-4]}AAAA", now)],
        "expired_list": [(token, now + 30 * 86_400_000), (token, now - 2 * 86_400_000)],
        "bad_trust_list": [
            ("nonsense", now), (f"{head}.{body}", now), (f"{signature}.{body}.{signature}", now),
            ("..", now),
        ],
    }  # fmt: skip
    async with site.visitor() as page:
        await page.goto(f"{site.address}/signin")
        base = verifier(await page.content())
        for code, given in cases.items():
            for text, at in given:
                args = [text, f"base64:{in_base64(anchor)}", at]
                assert await page.evaluate(REFUSED, {"base": base, "read": {"module": "trust", "name": "readTrustList"}, "args": args}) == code
