"""Which of the codes in a picture is meant."""

from collections.abc import Sequence

from etrust.credentials.code import is_code
from etrust.errors import EtrustError, Kind


def one_code(codes: Sequence[str]) -> str:
    """The single license code among those read from a picture; a foreign code is returned when it is the only one.

    Raises:
        EtrustError: ``no_code_in_image``, or ``several_codes`` when it cannot be told which is meant.
    """
    ours = sorted({code for code in codes if is_code(code)})
    chosen = ours or sorted(set(codes))
    if not chosen:
        raise EtrustError(
            Kind.MALFORMED, "no_code_in_image", where="image",
            zh="图片中没有识别到二维码，请对准二维码重新拍摄。",
            en="No code was found in the picture; take it again, code in view.",
        )
    if len(chosen) > 1:
        raise EtrustError(
            Kind.MALFORMED, "several_codes", where="image",
            zh="图片中有多个二维码，请只保留要查验的一个。", en="The picture shows several codes; show only the one to check.",
        )
    return chosen[0]
