"""Documents as PDF, drawn by Typst from the templates in `templates/pdf/`.

Never fork after a page was rendered: a forked child hangs in its first compilation. Whoever
renders in several processes starts them fresh (`spawn` or an `exec`), or forks before the first
page. Threads are safe: each has its own compiler, and the interpreter lock is released.
"""

import json
import logging
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import segno
import typst

from files.brand_colour import readable_on_white
from files.document_page import DocumentPage
from files.errors import UnusableDocument
from files.logo import logo_as_svg

logger = logging.getLogger(__name__)

TEMPLATES = Path(__file__).parent.parent / "templates" / "pdf"

QR_MASK = 3

_LONG_WORD = re.compile(r"\S{24,}")

_of_this_thread = threading.local()


def render_document(document: DocumentPage, *, font_folders: Sequence[Path] = ()) -> bytes:
    """The document as an accessible PDF (PDF/UA-1); the same page gives the same bytes.

    Inter is looked for in `font_folders`; where it is missing a serif font takes its place.
    A page with letters that no font has (an emoji) is still tagged, but no longer PDF/UA-1.
    Raises UnusableDocument if the page cannot be drawn.
    """
    inputs = _inputs_of(document)
    try:
        return _compile(document, inputs, tuple(font_folders), accessible=True)
    except typst.TypstError:
        logger.info("drew %s %s without PDF/UA-1", document.kind.value, document.number)
    try:
        return _compile(document, inputs, tuple(font_folders), accessible=False)
    except typst.TypstError as error:
        raise UnusableDocument(f"The document cannot be drawn: {error.message}") from error


def _compile(
    document: DocumentPage,
    inputs: dict[str, str],
    font_folders: tuple[Path, ...],
    *,
    accessible: bool,
) -> bytes:
    pdf = _compiler(font_folders).compile(
        str(TEMPLATES / f"{document.kind.value}.typ"),
        format="pdf",
        sys_inputs=inputs,
        pdf_standards=["ua-1"] if accessible else [],
        timestamp=int(document.rendered_as_of.timestamp()),
    )
    return cast(bytes, pdf)


def _compiler(font_folders: tuple[Path, ...]) -> typst.Compiler:
    """This thread's compiler: one that two threads share raises "Already borrowed"."""
    if getattr(_of_this_thread, "font_folders", None) != font_folders:
        _of_this_thread.font_folders = font_folders
        _of_this_thread.compiler = typst.Compiler(
            root=str(TEMPLATES), font_paths=_fonts(font_folders)
        )
    return cast(typst.Compiler, _of_this_thread.compiler)


@lru_cache
def _fonts(font_folders: tuple[Path, ...]) -> typst.Fonts:
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=True,
        font_paths=[str(folder) for folder in font_folders if folder.is_dir()],
    )
    if "Inter" not in fonts.families():
        folders = ", ".join(map(str, font_folders)) or "no folder"
        logger.warning("the font Inter is not in %s; PDFs use a built-in font", folders)
    return fonts


def _inputs_of(document: DocumentPage) -> dict[str, str]:
    """What the template reads from `sys.inputs`: data as JSON, pictures as SVG."""
    page = asdict(document)
    del page["rendered_as_of"]
    logo = page["organization"].pop("logo")
    page["organization"]["brand_colour"] = readable_on_white(document.organization.brand_colour)
    page["has_long_words"] = any(
        _LONG_WORD.search(text) for text in _texts_in({**page, "document_url": ""})
    )
    inputs = {"document": json.dumps(page, ensure_ascii=False)}
    if logo:
        inputs["logo"] = logo_as_svg(logo)
    if document.document_url and document.has_qr:
        inputs["qr"] = _qr(document.document_url)
    return inputs


def _texts_in(values: Any) -> Iterator[str]:
    """All texts of a page, at any depth."""
    if isinstance(values, str):
        yield values
    elif isinstance(values, dict):
        for value in values.values():
            yield from _texts_in(value)
    elif isinstance(values, tuple):
        for value in values:
            yield from _texts_in(value)


def _qr(url: str) -> str:
    """The address as a QR code, in SVG."""
    svg = BytesIO()
    # Looking for the best of the eight masks takes as long as a third of the page; each is legal.
    code = segno.make_qr(url, error="m", boost_error=False, mask=QR_MASK)
    code.save(svg, kind="svg", border=0, dark="#15202b", xmldecl=False)
    return svg.getvalue().decode()
