"""Makes the golden vectors anew: ``make vectors``. A difference in git is a change of format, which partners must be told.

The key is derived from a public phrase; it protects nothing.
"""

import base64
import json
from datetime import timedelta
from pathlib import Path

from etrust.credentials import base45
from etrust.credentials.code import encode_code
from etrust.credentials.online_code import PREFIX, CodeFor, CodeState, OnlineClaims, read_online_code, sign_online_code
from etrust.signing import cose
from etrust.signing.files import FileSigner
from etrust.status.permutation import IndexPermutation
from tests.support import NOW, TYPE_CODE, Recipe, make_signer

FILE = Path(__file__).with_name("credentials.json")
CODES_FILE = Path(__file__).with_name("online_codes.json")
PHRASE = "etrust golden vectors"
RECIPES = {
    "company": Recipe(),
    "never ends": Recipe(expires=None),
    "couple": Recipe(fields={1: ["阿不都热合曼·古丽巴哈尔", "李勇"], 2: ["650102********1799", "654301********9012"]}),
    "rare characters": Recipe(fields={1: ["张𬭚䶮"], 5: "تۇرسۇن پاتىگۈل"}),
    "compressible": Recipe(fields={1: "甲" * 100}),
    "expired": Recipe(expires=NOW - timedelta(days=1)),
    "begins tomorrow": Recipe(not_before=NOW + timedelta(days=1)),
}


def vectors() -> dict[str, object]:
    """Every vector, from nothing but the phrase."""
    signer = make_signer(PHRASE)
    return {
        "certificate": base64.b64encode(signer.certificate).decode(),
        "credentials": {name: _credential(recipe, signer) for name, recipe in RECIPES.items()},
        "status indices under a key of zeros": IndexPermutation(bytes(32)).batch(0, 8),
    }


def _credential(recipe: Recipe, signer: FileSigner) -> dict[str, str]:
    raw = recipe.signed(signer)
    return {"identifier": recipe.identifier.text, "credential": raw.hex(), "code": encode_code(raw)}


HANDLE = bytes(range(16))
MINUTE = timedelta(seconds=60)
CODES = {
    "holder": OnlineClaims("650000", NOW, NOW + MINUTE, HANDLE, CodeFor.HOLDER, "买*"),
    "company": OnlineClaims("650000", NOW, NOW + MINUTE, HANDLE, CodeFor.HOLDER, "新疆天山达盛棉业有限公司"),
    "license": OnlineClaims(
        "650000", NOW, NOW + MINUTE, HANDLE, CodeFor.LICENSE, "买*", TYPE_CODE, "ABCDEFGHIJKLMNOPQRST001X", CodeState.VALID
    ),
    "license revoked": OnlineClaims(
        "650000", NOW, NOW + MINUTE, HANDLE, CodeFor.LICENSE, "ئ*", TYPE_CODE, "00000000000000000000001A", CodeState.REVOKED
    ),
    "name cut": OnlineClaims(
        "650000", NOW, NOW + MINUTE, HANDLE, CodeFor.LICENSE, "新疆天山达盛棉业有限公司", TYPE_CODE, "ABCDEFGHIJKLMNOPQRST001X",
        CodeState.UNDER_OBJECTION,
    ),
    "matter": OnlineClaims(
        "650000", NOW, NOW + MINUTE, HANDLE, CodeFor.MATTER, "买*", matter="11653121MB1A0009XQ4000100010000"
    ),
    "expired": OnlineClaims("650000", NOW - 2 * MINUTE, NOW - MINUTE, HANDLE, CodeFor.HOLDER, "买*"),
    "of another region": OnlineClaims("620000", NOW, NOW + MINUTE, HANDLE, CodeFor.HOLDER, "买*"),
}  # fmt: skip


def code_vectors() -> dict[str, object]:
    """Every online code, judged five seconds after `NOW`, signed with the same key."""
    signer = make_signer(PHRASE)
    return {
        "certificate": base64.b64encode(signer.certificate).decode(), "judged at": (NOW + timedelta(seconds=5)).isoformat(),
        "codes": {name: _code(claims, signer) for name, claims in CODES.items()},
    }  # fmt: skip


def _code(claims: OnlineClaims, signer: FileSigner) -> dict[str, object]:
    text = sign_online_code(claims, signer)
    raw = base45.decode(text.removeprefix(PREFIX))
    payload = cose.parse_sign1(raw, len(raw)).payload.hex()
    return {"name": read_online_code(text).claims.name, "cose": raw.hex(), "payload": payload, "code": text}


if __name__ == "__main__":
    CODES_FILE.write_text(json.dumps(code_vectors(), ensure_ascii=False, indent=1) + "\n", "utf-8")
    FILE.write_text(json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n", "utf-8")
