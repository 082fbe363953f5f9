"""Draw pages and store them; knows no database, so that fresh processes start quickly."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path

from errors import AppError
from files.document_page import DocumentPage
from files.pdf import TEMPLATES, render_document
from files.store import FileStore

FONTS = Path(__file__).parents[2] / "static" / "dist" / "fonts"
PAGES_PER_TASK = 8
FEW = 12  # below this, starting processes takes longer than drawing


@dataclass(frozen=True, slots=True)
class Drawn:
    """A stored PDF, or in `problem` why there is none."""

    sha256: str = ""
    size_bytes: int = 0
    problem: str = ""


def fingerprint(page: DocumentPage) -> str:
    """A hash of everything that makes the PDF what it is: the page, our templates, the compiler."""
    told = json.dumps(asdict(page), default=_plain, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{_templates()}\n{told}".encode()).hexdigest()


def draw_pages(
    pages: Sequence[DocumentPage], *, files_url: str, processes: int
) -> Iterator[tuple[DocumentPage, Drawn]]:
    """Draw and store the pages, in their order; many of them in fresh processes.

    Fresh, not forked: a process that was forked after a page was drawn hangs in its first.
    """
    if len(pages) < FEW or processes < 2:
        yield from zip(pages, draw_and_store(pages, files_url), strict=True)
        return
    tasks = [pages[at : at + PAGES_PER_TASK] for at in range(0, len(pages), PAGES_PER_TASK)]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        drawn = pool.map(draw_and_store, tasks, [files_url] * len(tasks))
        for task, results in zip(tasks, drawn, strict=True):
            yield from zip(task, results, strict=True)


def draw_and_store(pages: Sequence[DocumentPage], files_url: str) -> list[Drawn]:
    """One task of a process."""
    store = FileStore(files_url)
    return [_draw(page, store) for page in pages]


def _draw(page: DocumentPage, store: FileStore) -> Drawn:
    try:
        kept = store.put(render_document(page, font_folders=(FONTS,)))
    except AppError as problem:
        return Drawn(problem=problem.message)
    return Drawn(kept.sha256, kept.size_bytes)


@cache
def _templates() -> str:
    digest = hashlib.sha256(version("typst").encode())
    for file in sorted(TEMPLATES.iterdir()):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _plain(value: object) -> str:
    return hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else str(value)
