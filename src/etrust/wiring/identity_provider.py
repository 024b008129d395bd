"""What an OpenID provider says of itself (OpenID Connect Discovery 1.0), and how this deployment is known there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from etrust.access.claims import ClaimNames
from etrust.access.id_token import ALGORITHMS
from etrust.errors import EtrustError, Kind
from etrust.settings import Settings, is_loopback, is_safe_address
from etrust.wiring.identity_answers import misconfigured


@dataclass(frozen=True, slots=True)
class Client:
    """How this deployment is known at the platform.

    Attributes:
        secret: empty for a public client, which has PKCE alone.
    """

    issuer: str
    client_id: str
    secret: str = field(default="", repr=False)
    scopes: str = "openid profile"
    names: ClaimNames = field(default_factory=ClaimNames)


@dataclass(frozen=True, slots=True)
class Provider:
    """What the discovery document says, as far as it is needed."""

    authorization: str
    token: str
    keys: str
    userinfo: str
    end_session: str
    algorithms: tuple[str, ...]
    basic: bool
    names_itself: bool  # RFC 9207: the answer to an authorization names the issuer


def client_of(settings: Settings) -> Client | None:
    """The client the settings describe, None without an issuer.

    Raises:
        EtrustError: the file of the secret cannot be read.
    """
    if settings.identity_issuer is None:
        return None
    secret = settings.identity_client_secret.get_secret_value() if settings.identity_client_secret else ""
    if settings.identity_client_secret_file is not None:
        try:
            secret = settings.identity_client_secret_file.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise EtrustError(
                Kind.INVALID, "bad_setting", where="identity_client_secret_file",
                zh="配置项 identity_client_secret_file 所指的文件无法读取。",
                en="The file that identity_client_secret_file names cannot be read.",
            ) from error
    names = ClaimNames(
        settings.identity_claim_name, settings.identity_claim_code, settings.identity_claim_code_type,
        settings.identity_claim_companies,
    )  # fmt: skip
    return Client(settings.identity_issuer, settings.identity_client_id, secret, settings.identity_scopes, names)


def read_provider(document: Mapping[str, object], issuer: str) -> Provider:
    """What the discovery document says; every address in it must be safe.

    Raises:
        EtrustError: ``identity_misconfigured``, also when it is the document of another issuer.
    """
    if document.get("issuer") != issuer:
        raise misconfigured("issuer")
    plain = is_loopback(urlsplit(issuer).hostname or "")

    def address(name: str, *, needed: bool) -> str:
        found = document.get(name)
        good = isinstance(found, str) and is_safe_address(found, plain_on_loopback=plain)
        if needed and not good:
            raise misconfigured(name)
        return str(found) if good else ""

    algorithms = _texts(document.get("id_token_signing_alg_values_supported"))
    ways = _texts(document.get("token_endpoint_auth_methods_supported")) or ("client_secret_basic",)
    return Provider(
        address("authorization_endpoint", needed=True), address("token_endpoint", needed=True), address("jwks_uri", needed=True),
        address("userinfo_endpoint", needed=False), address("end_session_endpoint", needed=False),
        tuple(each for each in algorithms if each in ALGORITHMS) or ALGORITHMS,
        basic="client_secret_basic" in ways,
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _texts(told: object) -> tuple[str, ...]:
    return tuple(each for each in told if isinstance(each, str)) if isinstance(told, list) else ()
