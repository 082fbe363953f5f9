"""Documents as PDF, drawn by Typst from the templates in `templates/pdf/`.

Never fork after a page was rendered: a forked child hangs in its first compilation. Whoever
renders in several processes starts them fresh (`spawn` or an `exec`), or forks before the first
page. Threads are safe: each has its own compiler, and the interpreter lock is released.
"""

import json
import logging
import threading
from collections.abc import Sequence
from dataclasses import fields
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, cast

import typst

from files.brand_colour import readable_on_white
from files.document_page import DocumentPage, OrganizationBlock
from files.errors import N_, UnusableDocument
from files.logo import logo_as_svg
from files.qr_code import qr_as_svg

logger = logging.getLogger(__name__)

TEMPLATES = Path(__file__).parent.parent / "templates" / "pdf"

LONGEST_QR = 300  # what still scans from paper at this size

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
        raise UnusableDocument(
            N_("The document cannot be drawn: %(reason)s."), reason=error.message
        ) from error


def check_logo(picture: bytes, *, font_folders: Sequence[Path] = ()) -> None:
    """Raise UnusableDocument if documents with this logo could not be drawn; ask before keeping it."""
    try:
        _compiler(tuple(font_folders)).compile(
            b'#image(bytes(sys.inputs.logo), format: "svg", width: 40mm)',
            format="pdf",
            sys_inputs={"logo": logo_as_svg(picture)},
        )
    except typst.TypstError as error:
        raise UnusableDocument(N_("The logo cannot be drawn; it may be damaged.")) from error


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
    compilers = _of_this_thread.__dict__.setdefault("compilers", {})
    if font_folders not in compilers:
        compilers[font_folders] = typst.Compiler(
            root=str(TEMPLATES), font_paths=_fonts(font_folders)
        )
    return cast(typst.Compiler, compilers[font_folders])


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
    inputs = {"document": json.dumps(document, default=_told, ensure_ascii=False)}
    if document.organization.logo:
        inputs["logo"] = logo_as_svg(document.organization.logo)
    if document.has_qr and 0 < len(document.document_url) <= LONGEST_QR:
        inputs["qr"] = qr_as_svg(document.document_url)
    return inputs


def _told(block: Any) -> dict[str, Any]:
    """The fields of a block; `asdict`, which copies what is in it, too, takes twice as long."""
    told = {name: getattr(block, name) for name in _names_of(block.__class__)}
    if isinstance(block, OrganizationBlock):
        told["brand_colour"] = readable_on_white(block.brand_colour)
    return told


@cache
def _names_of(kind: Any) -> tuple[str, ...]:
    """Without what the template is not told as JSON."""
    return tuple(each.name for each in fields(kind) if each.name not in {"rendered_as_of", "logo"})
