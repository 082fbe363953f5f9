"""Pages of a PDF as pictures."""

import struct
from concurrent.futures import ThreadPoolExecutor

import pytest

from files import pdf_pages
from files.errors import UnreadablePdf
from files.pdf import render_document
from files.pdf_pages import count_pages, draw_page
from tests.files.pages import make_line, make_page


@pytest.fixture(scope="module")
def invoice() -> bytes:
    return render_document(make_page(lines=tuple(make_line() for _each in range(60))))


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG")
    return struct.unpack(">II", png[16:24])  # type: ignore[return-value]


def test_every_page_can_be_drawn(invoice: bytes) -> None:
    """S1-14: the exact PDF, page by page."""
    pages = count_pages(invoice)

    pictures = [draw_page(invoice, page, width=900) for page in range(1, pages + 1)]

    assert pages > 1
    assert {size_of(picture)[0] for picture in pictures} == {900}
    assert len(set(pictures)) == pages
    assert all(len(picture) < 400_000 for picture in pictures)


@pytest.mark.parametrize("page", [0, -1, 999])
def test_a_page_that_there_is_not_is_refused(invoice: bytes, page: int) -> None:
    with pytest.raises(UnreadablePdf):
        draw_page(invoice, page, width=900)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 no more", b"<html>"])
def test_what_is_no_pdf_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadablePdf):
        count_pages(content)


def test_what_is_too_large_is_not_even_opened(
    invoice: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf_pages, "LARGEST_PDF", len(invoice) - 1)

    with pytest.raises(UnreadablePdf, match="too large"):
        draw_page(invoice, 1, width=900)


def test_nobody_asks_for_a_giant(invoice: bytes) -> None:
    assert size_of(draw_page(invoice, 1, width=100_000))[0] == pdf_pages.WIDEST


def test_threads_do_not_disturb_one_another(invoice: bytes) -> None:
    """Several people look at once: PDFium itself takes one thread only."""
    alone = draw_page(invoice, 1, width=480)

    with ThreadPoolExecutor(8) as threads:
        drawn = list(threads.map(lambda _each: draw_page(invoice, 1, width=480), range(32)))

    assert set(drawn) == {alone}
