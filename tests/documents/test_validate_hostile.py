"""Files made to exhaust their reader end in a word, in a worker that is replaced; the next good file passes."""

import asyncio

import pytest

from etrust.documents.sandbox import open_sandbox
from etrust.errors import EtrustError
from etrust.verification.files import conclude
from etrust.verification.model import Overall
from etrust.verification.wire import TARGET, ask, told
from tests.documents import hostile
from tests.documents.signed_pdfs import plain_pdf, sign, world

pytestmark = pytest.mark.long

WORDS = {
    "nested_arrays": {"too_complex"}, "nested_fields": {"too_slow", "too_complex"}, "field_loop": {"bad_pdf"},
    "many_signatures": {"too_complex", "too_slow"}, "huge_page_tree": {"too_slow", "no_signature", "too_complex"},
    "reference_loop": {"bad_pdf"}, "many_revisions": {"too_complex", "too_slow"},
    "attached_bomb": {"too_large", "too_complex", "too_slow"}, "twice_packed_bomb": {"no_signature", "too_complex"},
    "reference_bomb": {"too_slow", "bad_pdf", "too_complex", "too_large"}, "object_stream_bomb": {"too_complex"},
    "truncated": {"bad_pdf"},
}  # fmt: skip
"""The words a machine may end them in; a faster one gets further than a slower one."""


@pytest.mark.parametrize("make", hostile.ALL, ids=lambda each: each.__name__)
async def test_a_hostile_file_ends_in_a_word(make) -> None:  # type: ignore[no-untyped-def]
    """Never a pass, never another exception."""
    good, ground = await asyncio.to_thread(sign, plain_pdf()), world().ground()
    async with open_sandbox(TARGET) as sandbox:
        try:
            found = told(await sandbox.run(ask(make(), ground)))
        except EtrustError as error:
            assert error.code in WORDS[make.__name__]
        else:
            assert found.findings[0].reason in WORDS[make.__name__]
            assert conclude(found, ground=ground).verdict is not Overall.PASSED
        after = conclude(told(await sandbox.run(ask(good, ground))), ground=ground)
    assert after.verdict is Overall.PASSED
