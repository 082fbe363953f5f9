"""PDFs a second on all cores: drawn and stored as a mailing does it, beside a bare typst loop over the same pages.

The bare loop compiles the same templates with the same inputs in as many fresh processes, and throws the bytes away.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing import get_context
from typing import Any

import typst

from files.document_page import (
    CustomerBlock,
    DocumentKind,
    DocumentPage,
    OrganizationBlock,
    PageLine,
    TaxRow,
)
from files.pdf import TEMPLATES, _inputs_of
from services.sales.drawing import FONTS, DrawingRoom, PrintedPage, fingerprint

PAGES = 240
LINES = 12
ROUNDS = 3


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Interleaved rounds; medians of pages a second and of their ratio."""
    pages = [_page(number) for number in range(PAGES)]
    cores = len(os.sched_getaffinity(0))
    ours, theirs = [], []
    for _ in range(getattr(arguments, "rounds", None) or ROUNDS):
        theirs.append(bare(pages, cores))
        ours.append(_ours(pages, cores))
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    ratio = round(statistics.median(ratios), 2)
    return {
        "benchmark": "pdf",
        "pages": PAGES,
        "cores": cores,
        "ours_per_second": round(statistics.median(ours), 1),
        "bare_typst_per_second": round(statistics.median(theirs), 1),
        "ratio": ratio,
        "wanted": 0.8,
        "met": ratio >= 0.8,
    }


def _ours(pages: Sequence[DocumentPage], cores: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        with DrawingRoom(f"file://{folder}", cores) as room:
            drawn = list(room.draw([PrintedPage("", fingerprint(page), page) for page in pages]))
        took = time.perf_counter() - began
    assert not any(result.problem for result in drawn)
    return len(pages) / took


def bare(pages: Sequence[DocumentPage], cores: int) -> float:
    """Pages a second of a bare typst loop in as many fresh processes."""
    inputs = [_inputs_of(page) for page in pages]
    os.environ.pop("GLIBC_TUNABLES", None)  # memory as any process has it, not as in a drawing room
    began = time.perf_counter()
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool:
        list(pool.map(_compile, [inputs[core::cores] for core in range(cores)]))
    return len(pages) / (time.perf_counter() - began)


def _compile(inputs: Sequence[dict[str, str]]) -> int:
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(FONTS)])
    compiler = typst.Compiler(root=str(TEMPLATES), font_paths=fonts)
    template = str(TEMPLATES / "invoice.typ")
    return sum(
        len(compiler.compile(template, format="pdf", sys_inputs=each, pdf_standards=["ua-1"]))
        for each in inputs
    )


def _page(number: int) -> DocumentPage:
    line = PageLine(
        code="PAP-A4",
        description="Resma de papel A4, 75 g, señal ñ á €",
        quantity="12",
        unit="und",
        unit_price="1.234,50",
        tax="21 %",
        total="14.814,00",
    )
    return DocumentPage(
        kind=DocumentKind.INVOICE,
        language="es",
        number=f"FV-{10_000 + number}",
        currency="EUR",
        organization=OrganizationBlock(
            name="Peñalba España",
            legal_name="Peñalba España, S. L.",
            address_lines=("Calle de Núñez de Balboa 112", "28006 Madrid"),
            brand_colour="#0b5a73",
        ),
        customer=CustomerBlock(name=f"Óptica Peñafiel {number}, S. L."),
        lines=tuple(replace(line, description=f"{line.description} {n}") for n in range(LINES)),
        subtotal="177.768,00",
        total="215.099,28",
        taxes=(TaxRow(label="IVA 21 %", base="177.768,00", amount="37.331,28"),),
        amount_due="215.099,28",
        issue_date="15 jul 2026",
        due_date="14 ago 2026",
        rendered_as_of=datetime(2026, 7, 15, tzinfo=UTC),
        document_url=f"https://example.com/d/{number}",
    )
