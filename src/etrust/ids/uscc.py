"""Unified social credit code (统一社会信用代码, USCC), GB 32100-2015: eighteen characters, the last a check character."""

from operator import mul

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_LENGTH = 18
_VALUES = {character: value for value, character in enumerate(USCC_ALPHABET)}
_WEIGHTS = tuple(pow(3, place, 31) for place in range(USCC_LENGTH - 1))
_ALL_WEIGHTS = (*_WEIGHTS, 1)
_NONE = 255
_BYTE_VALUES = bytes(_VALUES.get(chr(byte), _NONE) for byte in range(256))


def make_uscc_check(first: str) -> str:
    """The check character of the first seventeen characters (section 5: weights 3^i mod 31).

    Raises:
        ValueError: not seventeen characters of the alphabet.
    """
    if len(first) != USCC_LENGTH - 1 or any(character not in _VALUES for character in first):
        raise ValueError("a USCC has seventeen characters of 0-9 and A-Z without I, O, S, V, Z before its check character")
    total = sum(_VALUES[character] * weight for character, weight in zip(first, _WEIGHTS, strict=True))
    return USCC_ALPHABET[-total % 31]


def uscc_is_valid(code: str) -> bool:
    """Whether a code is a USCC: length, alphabet and the outer check character.

    The inner check of positions 9 to 17 (GB 11714) is not judged: many codes in force do not satisfy it.
    """
    if len(code) != USCC_LENGTH:
        return False
    values = code.encode("ascii", "replace").translate(_BYTE_VALUES)
    return _NONE not in values and sum(map(mul, values, _ALL_WEIGHTS)) % 31 == 0
