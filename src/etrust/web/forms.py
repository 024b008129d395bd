"""Forms as they arrive, read within bounds: a few short fields and at most one picture."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import BodyPartReader, web

from etrust.errors import EtrustError, Kind

MAX_FIELD = 8_192  # bytes
MAX_PARTS = 8
MAX_IMAGE = 12 * 1024 * 1024  # bytes, the bound of credentials.image
MAX_FRAME = 2 * 1024 * 1024  # bytes, one camera frame


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form and the picture or file sent with it, with the name it had."""

    values: Mapping[str, str] = field(default_factory=dict)
    image: bytes = b""
    filename: str = ""

    def text(self, name: str) -> str:
        """A field without surrounding blanks, empty when it was not sent."""
        return self.values.get(name, "").strip()


async def read_form(request: web.Request) -> Form:
    """Read an urlencoded or multipart form.

    Raises:
        EtrustError: TOO_LARGE ``form_too_large`` beyond the bounds, MALFORMED ``bad_form``.
    """
    try:
        if request.content_type == "multipart/form-data":
            return await _multipart(request)
        sent = await request.post()
    except (ValueError, AssertionError) as error:
        raise EtrustError(
            Kind.MALFORMED,
            "bad_form",
            zh="提交的内容无法读取，请重试。",
            en="The form cannot be read. Please try again.",
        ) from error
    except web.HTTPRequestEntityTooLarge as error:
        raise too_large() from error
    return Form({name: value for name, value in sent.items() if isinstance(value, str)})


async def read_upload(request: web.Request, limit: int, *, parts: int = MAX_PARTS) -> Form:
    """Read a multipart form of at most ``parts`` parts with a file of at most ``limit`` bytes.

    Raises:
        EtrustError: TOO_LARGE ``form_too_large`` (fields) or ``too_large`` (the file), MALFORMED ``bad_form``.
    """
    try:
        return await _multipart(request, limit, parts)
    except (ValueError, AssertionError) as error:
        raise EtrustError(
            Kind.MALFORMED, "bad_form",
            zh="提交的内容无法读取，请重试。", en="The form cannot be read. Please try again.",
        ) from error


async def _multipart(request: web.Request, limit: int = MAX_IMAGE, parts: int = MAX_PARTS) -> Form:
    values: dict[str, str] = {}
    image, filename = b"", ""
    reader = await request.multipart()
    for _ in range(parts):
        part = await reader.next()
        if part is None:
            return Form(values, image, filename)
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise ValueError("nested or nameless part")
        if part.filename is None:
            values[part.name] = (await _bounded(part, MAX_FIELD)).decode("utf-8")
        else:
            image, filename = await _bounded(part, limit), part.filename[:200]
    raise too_large()


async def _bounded(part: BodyPartReader, limit: int) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk():
        content += chunk
        if len(content) > limit:
            raise too_large()
    return bytes(content)


async def read_bounded(request: web.Request, limit: int) -> bytes:
    """The whole body of a request, at most ``limit`` bytes.

    Raises:
        EtrustError: TOO_LARGE ``form_too_large``.
    """
    content = bytearray()
    async for chunk in request.content.iter_any():
        content += chunk
        if len(content) > limit:
            raise too_large()
    return bytes(content)


def too_large() -> EtrustError:
    """The refusal of a body beyond the bounds."""
    return EtrustError(
        Kind.TOO_LARGE,
        "form_too_large",
        zh="内容太大：图片请不超过 12 MB。",
        en="Too large: a picture may have at most 12 MB.",
    )
