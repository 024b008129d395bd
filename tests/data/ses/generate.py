"""Makes the golden seal files anew: ``python -m tests.data.ses.generate``. A difference in git must have a reason.

Keys and nonces are derived from public names; they protect nothing.
"""

import base64
from dataclasses import replace
from pathlib import Path

from tests.ses.making import CREATED, ROOT, OfdRecipe, SealRecipe, SignatureRecipe, TokenRecipe, crl, made

FOLDER = Path(__file__).parent
SEAL_TOKEN = TokenRecipe(time=CREATED)
SEALS = {
    "v1": SealRecipe(1), "v4": SealRecipe(4, by_digest="SM3"), "v5": SealRecipe(5, token=SEAL_TOKEN),
}  # fmt: skip
SIGNATURES = {
    "v1": SignatureRecipe(SEALS["v1"]), "v4": SignatureRecipe(SEALS["v4"]), "v5": SignatureRecipe(SEALS["v5"], token=TokenRecipe()),
}  # fmt: skip


def files() -> dict[str, bytes]:
    """Every golden file by its name."""
    found = {"root.crt": _pem("CERTIFICATE", made(ROOT)), "root.crl": _pem("X509 CRL", crl())}
    for name, seal in SEALS.items():
        found[f"{name}.esl"] = seal.encoded()
        found[f"{name}.dat"] = SIGNATURES[name].encoded()
        found[f"{name}.ofd"] = replace(OfdRecipe(), signature=SIGNATURES[name]).encoded()
    return found


def _pem(label: str, data: bytes) -> bytes:
    return f"-----BEGIN {label}-----\n".encode() + base64.encodebytes(data) + f"-----END {label}-----\n".encode()


if __name__ == "__main__":
    for name, data in files().items():
        (FOLDER / name).write_bytes(data)
