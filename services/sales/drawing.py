"""Draw pages and store them; knows no database, so that fresh processes start quickly."""

import hashlib
import json
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, fields, is_dataclass
from functools import cache, lru_cache
from importlib.metadata import version
from itertools import zip_longest
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import Any, Self

from errors import AppError
from files.document_page import DocumentPage, OrganizationBlock
from files.pdf import TEMPLATES, render_document
from files.store import FileStore, StoredFile
from mail.mime import attachment_part

FONTS = Path(__file__).parents[2] / "static" / "dist" / "fonts"
PAGES_PER_TASK = 8
PDF = "application/pdf"
# glibc's: memory in large pages, and kept between pages of documents (decision 0042).
MEMORY = ":".join(
    (
        "glibc.malloc.hugetlb=1",
        f"glibc.malloc.trim_threshold={64 << 20}",
        f"glibc.malloc.mmap_threshold={32 << 20}",
    )
)
FEW = 12  # below this, starting processes takes longer than drawing


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """A document as it is to be printed, the name of its file, and the fingerprint of what it says."""

    filename: str
    print_: str
    page: DocumentPage


@dataclass(frozen=True, slots=True)
class Drawn:
    """A stored PDF, and the same as a stored `part` of messages; or in `problem` why there is none."""

    sha256: str = ""
    size_bytes: int = 0
    part: StoredFile | None = None
    problem: str = ""


def fingerprint(page: DocumentPage) -> str:
    """A hash of everything that makes the PDF what it is: the page, our templates, the compiler."""
    told = json.dumps(_told(page), default=_plain, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{_templates()}\n{told}".encode()).hexdigest()


class DrawingRoom:
    """Processes that draw and store pages, kept from chunk to chunk; they begin with what will be asked for next.

    With `makes_parts` they store each PDF as a part of messages, too, as long as they have it at hand.
    Fresh, not forked: a process that was forked after a page was drawn hangs in its first.
    """

    def __init__(self, files_url: str, processes: int, *, makes_parts: bool = False) -> None:
        self._files_url = files_url
        self._makes_parts = makes_parts
        self._processes = processes
        self._pool: ProcessPoolExecutor | None = None
        self._begun: dict[str, tuple[Future[list[Drawn]], int]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_problem: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def begin(self, pages: Sequence[PrintedPage]) -> None:
        """Draw these pages while other things are done; `draw` hands them over."""
        waiting = {each.print_: each for each in pages if each.print_ not in self._begun}
        if self._processes < 2 or (self._pool is None and len(waiting) < FEW):
            return  # drawn when they are asked for
        if self._pool is None:
            os.environ.setdefault("GLIBC_TUNABLES", MEMORY)  # read by what is started from here on
            self._pool = ProcessPoolExecutor(
                self._processes,
                mp_context=get_context("spawn"),
                initializer=_end_with_parent,
            )
        fresh = list(waiting.values())
        for at in range(0, len(fresh), PAGES_PER_TASK):
            task = fresh[at : at + PAGES_PER_TASK]
            future = self._pool.submit(draw_and_store, task, self._files_url, self._makes_parts)
            self._begun |= {each.print_: (future, place) for place, each in enumerate(task)}

    def draw(self, pages: Sequence[PrintedPage]) -> Iterator[Drawn]:
        """What became of the pages, in their order."""
        self.begin(pages)
        for each in pages:
            future, place = self._begun.pop(each.print_, (None, 0))
            if future is None:
                yield draw_and_store([each], self._files_url, self._makes_parts)[0]
            else:
                yield future.result()[place]


def draw(page: DocumentPage) -> bytes:
    """A page that is not kept; raises UnusableDocument."""
    return render_document(page, font_folders=(FONTS,))


def draw_and_store(pages: Sequence[PrintedPage], files_url: str, makes_parts: bool) -> list[Drawn]:
    """One task of a process: what it draws is stored together."""
    drawn = [_draw(each.page) for each in pages]
    contents = [content for content in drawn if isinstance(content, bytes)]
    parts = [
        attachment_part(each.filename, PDF, content)
        for each, content in zip(pages, drawn, strict=True)
        if makes_parts and isinstance(content, bytes)
    ]
    try:
        kept = FileStore(files_url).put_all([*contents, *parts])
    except AppError as problem:
        return [Drawn(problem=problem.message) for _ in pages]
    stored = zip_longest(kept[: len(contents)], kept[len(contents) :])
    return [each if isinstance(each, Drawn) else _kept(*next(stored)) for each in drawn]


def _draw(page: DocumentPage) -> bytes | Drawn:
    try:
        return draw(page)
    except AppError as problem:
        return Drawn(problem=problem.message)


def _kept(file: StoredFile, part: StoredFile | None) -> Drawn:
    return Drawn(file.sha256, file.size_bytes, part)


@cache
def _templates() -> str:
    digest = hashlib.sha256(version("typst").encode())
    for file in sorted(TEMPLATES.iterdir()):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _told(block: Any) -> dict[str, Any]:
    """The fields of a block, with the blocks in it left to `_plain`: a deep copy of each page took a third of its time."""
    return {name: getattr(block, name) for name in _names_of(block.__class__)}


@cache
def _names_of(kind: Any) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


def _plain(value: Any) -> Any:
    if isinstance(value, OrganizationBlock):
        return _issuer(value)
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    return _told(value) if is_dataclass(value) else str(value)


@lru_cache(maxsize=8)
def _issuer(block: OrganizationBlock) -> dict[str, Any]:
    """The same on all pages of a mailing, with a logo that takes its time to hash."""
    told = _told(block)
    return told | {"logo": _plain(block.logo)} if block.logo is not None else told


def _end_with_parent() -> None:
    """A pool that waits for work does not notice that nobody is there any more to give some."""
    threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
