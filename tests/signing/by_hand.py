"""SM2 in thirty lines of integers, after GB/T 32918.2: the referee of the library in use, and the maker of golden files.

Its nonce comes from the key and the bytes, so that golden files can be made again byte for byte. Slow, and no secret is
safe with it: for tests only.
"""

import hashlib

from etrust.signing import der, sm2

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
Point = tuple[int, int] | None


def add(one: Point, other: Point) -> Point:
    if one is None or other is None:
        return one or other
    if one[0] == other[0] and (one[1] + other[1]) % P == 0:
        return None
    slope = (3 * one[0] ** 2 + A) * pow(2 * one[1], -1, P) if one == other else (other[1] - one[1]) * pow(other[0] - one[0], -1, P)
    x = (slope * slope - one[0] - other[0]) % P
    return x, (slope * (one[0] - x) - one[1]) % P


def multiply(number: int, point: Point) -> Point:
    total: Point = None
    while number:
        if number & 1:
            total = add(total, point)
        point, number = add(point, point), number >> 1
    return total


def encode(point: Point) -> bytes:
    assert point is not None
    return b"\x04" + point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")


def digest(point: bytes, data: bytes, signer_id: bytes) -> int:
    """E of the standard: SM3 over Z and the bytes."""
    curve = b"".join(number.to_bytes(32, "big") for number in (A, B, *G))
    z = sm2.sm3((len(signer_id) * 8).to_bytes(2, "big") + signer_id + curve + point[1:])
    return int.from_bytes(sm2.sm3(z, data), "big")


def sign(secret: int, data: bytes, signer_id: bytes = sm2.DEFAULT_ID, nonce: int | None = None) -> bytes:
    e = digest(encode(multiply(secret, G)), data, signer_id)
    k = nonce or int.from_bytes(hashlib.sha512(secret.to_bytes(32, "big") + data).digest(), "big") % (N - 1) + 1
    there = multiply(k, G)
    assert there is not None
    r = (e + there[0]) % N
    s = pow(1 + secret, -1, N) * (k - r * secret) % N
    return der.write(der.SEQUENCE, der.write_integer(r), der.write_integer(s))


def verify(point: bytes, signature: bytes, data: bytes, signer_id: bytes = sm2.DEFAULT_ID) -> bool:
    raw = sm2.signature_to_raw(signature)
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    key = int.from_bytes(point[1:33], "big"), int.from_bytes(point[33:], "big")
    there = add(multiply(s, G), multiply((r + s) % N, key))
    return there is not None and (digest(point, data, signer_id) + there[0]) % N == r
