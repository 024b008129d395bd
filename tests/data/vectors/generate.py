"""Makes the golden vectors anew: ``make vectors``. A difference in git is a change of format, which partners must be told.

The key is derived from a public phrase; it protects nothing.
"""

import base64
import json
from datetime import timedelta
from pathlib import Path

from etrust.credentials.code import encode_code
from etrust.signing.files import FileSigner
from etrust.status.permutation import IndexPermutation
from tests.support import NOW, Recipe, make_signer

FILE = Path(__file__).with_name("credentials.json")
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


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n", "utf-8")
