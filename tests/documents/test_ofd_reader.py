"""OFD read back by a reader that is not ours: ofdkit (its own package, XML and layout code)."""

import pypdfium2
import pytest

from etrust.licenses.types import load_types
from tests.documents.contents import COPY
from tests.documents.ofd_making import face, page, sealed

ofdkit = pytest.importorskip("ofdkit", reason="the independent reader is not installed (extra: test)")
TYPES = sorted(load_types())


@pytest.mark.parametrize("name", TYPES)
def test_every_face_is_read_back(name: str) -> None:
    content, pdf, ofd = face(name)
    with ofdkit.open(ofd) as document:
        assert list(document.warnings) == []
        assert document.info.title == f"{content.title_zh} {content.identifier}"
        assert document.info.creation_date == "2026-11-14"
        text = "".join(document.text().split())
        sizes = [(each.width, each.height) for each in document.pages]
    wanted = [tuple(side * 25.4 / 72 for side in each.get_size()) for each in pypdfium2.PdfDocument(pdf)]
    assert [pytest.approx(size, abs=0.01) for size in wanted] == sizes
    missing = [row.name for row in content.rows if not row.date and row.value and "".join(row.value.split()) not in text]
    assert missing == []


def test_an_annotated_copy_is_read_back() -> None:
    _, _, ofd = face("business_license", annotation=COPY)
    with ofdkit.open(ofd) as document:
        text = "".join(document.text().split())
    assert COPY.number in text
    assert COPY.recipient in text


def test_a_line_of_uyghur_is_read_in_order() -> None:
    line = "شىنجاڭ ئۇيغۇر ئاپتونوم رايونى"
    body = f'#set text(lang: "ug", dir: rtl, font: "Noto Sans Arabic Precomposed")\n{line}'
    with ofdkit.open(sealed(page(body))) as document:
        assert document.text().strip() == line


def test_places_and_sizes_are_those_of_the_page() -> None:
    with ofdkit.open(sealed(page("营业执照"))) as document:
        (shown,) = document.pages
        (run,) = shown.runs
    assert (shown.width, shown.height) == (120.0, 80.0)
    assert run.text == "营业执照"
    assert abs(run.x - 10.0) < 0.1  # the margin
    assert abs(run.size - 12 * 25.4 / 72) < 0.001
    assert abs(run.width - 4 * 12 * 25.4 / 72) < 0.1
