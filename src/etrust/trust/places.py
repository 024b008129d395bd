"""Where the certificates and revocation lists of this region's authorities are found on the network."""

from etrust.trust.x509 import Certificate


def crl_point(public_url: str, authority: bytes, shard: int) -> str:
    """The address of a revocation list: ``{public_url}/crl/{authority}/{shard}``.

    Args:
        authority: kid of the authority; it appears in hexadecimal, so that lists outlive a change of anchors.
    """
    return f"{public_url.rstrip('/')}/crl/{authority.hex()}/{shard}"


def authority_url(public_url: str, authority: bytes) -> str:
    """The address of an authority's certificate: ``{public_url}/ca/{authority}``."""
    return f"{public_url.rstrip('/')}/ca/{authority.hex()}"


def shard_of(certificate: Certificate) -> int:
    """The number of the list that a certificate of this region names, 0 when it names none."""
    for point in certificate.extensions.crl_points:
        number = point.rpartition("/")[2]
        if number.isascii() and number.isdigit():
            return int(number)
    return 0
