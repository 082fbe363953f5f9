import re
import struct
import subprocess
import sys
import threading
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from files.document_page import DocumentKind, TaxRow
from files.errors import UnusableDocument
from files.pdf import check_logo, render_document
from tests.files.pages import (
    make_account,
    make_line,
    make_movement,
    make_organization,
    make_page,
)

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30"><rect width="90" height="30"/></svg>'


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content))
            + kind
            + content
            + struct.pack(">I", zlib.crc32(kind + content))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress((b"\0" + b"\x0b\x5a\x73" * width) * height)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("language", ["es", "en", "pt", "fr"])
@pytest.mark.parametrize("kind", DocumentKind)
def test_every_kind_is_drawn_in_all_languages(kind, language, font_folders):
    """P-20; who reads a language that we do not speak gets English, and not nothing."""
    page = make_page(kind=kind, language=language, valid_until="17 jul", delivery_date="9 jul")

    pdf = render_document(page, font_folders=font_folders)

    titles = {
        "es": ["Factura", "Cotización", "Orden de venta", "Nota de crédito", "Estado de cuenta"],
        "en": ["Invoice", "Quote", "Sales order", "Credit note", "Statement of account"],
        "pt": ["Fatura", "Orçamento", "Pedido de venda", "Nota de crédito", "Extrato de conta"],
    }
    titles["fr"] = titles["en"]
    assert titles[language][list(DocumentKind).index(kind)] in text_of(pdf)


def test_text_can_be_taken_out_with_its_accents_and_signs(font_folders):
    page = make_page(lines=(make_line(description="Pañete «fino» a 12,50 € — Bogotá, ¿sí?"),))

    text = text_of(render_document(page, font_folders=font_folders))

    assert "Pañete «fino» a 12,50 € — Bogotá, ¿sí?" in text
    assert "Óptica Peñafiel, S. L." in text
    assert "2.315,94 €" in text


def test_pdf_is_tagged_titled_and_in_its_language(font_folders):
    reader = PdfReader(BytesIO(render_document(make_page(), font_folders=font_folders)))

    catalogue = reader.trailer["/Root"]
    assert catalogue["/MarkInfo"]["/Marked"]
    assert catalogue["/Lang"].startswith("es")
    assert reader.metadata.title == "Factura FV-10482 · Distribuidora Peñalba"
    assert reader.metadata.author == "Distribuidora Peñalba"
    assert b"pdfuaid:part" in catalogue["/Metadata"].get_data()


def test_all_fonts_are_embedded(font_folders):
    reader = PdfReader(BytesIO(render_document(make_page(), font_folders=font_folders)))

    fonts = [font.get_object() for font in reader.pages[0]["/Resources"]["/Font"].values()]
    descriptors = [font["/DescendantFonts"][0]["/FontDescriptor"] for font in fonts]

    assert fonts
    assert all({"/FontFile2", "/FontFile3"} & set(descriptor) for descriptor in descriptors)


def test_same_page_gives_same_bytes(font_folders):
    page = make_page(organization=make_organization(logo=SVG))

    assert render_document(page, font_folders=font_folders) == render_document(
        page, font_folders=font_folders
    )


def test_same_page_gives_same_bytes_in_another_process(font_folders):
    program = (
        "import hashlib; from files.pdf import check_logo, render_document; from pathlib import Path;"
        "from tests.files.pages import make_page;"
        f"folders = [Path(name) for name in {[str(folder) for folder in font_folders]!r}];"
        "print(hashlib.sha256(render_document(make_page(), font_folders=folders)).hexdigest())"
    )

    runs = [
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    ]

    assert runs[0] == runs[1]


def test_a_long_table_repeats_its_header_and_counts_its_pages(font_folders):
    lines = tuple(make_line(description=f"Artículo {number}") for number in range(300))

    pages = PdfReader(
        BytesIO(render_document(make_page(lines=lines), font_folders=font_folders))
    ).pages

    texts = [page.extract_text() for page in pages]
    assert len(pages) > 6
    assert all("Descripción" in text for text in texts[:-1])
    assert all(f"Página {n} de {len(pages)}" in text for n, text in enumerate(texts, start=1))
    assert ["Subtotal" in text for text in texts] == [False] * (len(pages) - 1) + [True]
    assert "Artículo 299" in "".join(texts)


def test_a_long_statement_goes_over_several_pages(font_folders):
    """S1-09: its head is on every page, the balance and its age on the last."""
    movements = tuple(make_movement(label=f"FV-{number}") for number in range(200))
    page = make_page(kind=DocumentKind.STATEMENT, account=make_account(movements=movements))

    pages = PdfReader(BytesIO(render_document(page, font_folders=font_folders))).pages

    texts = [each.extract_text() for each in pages]
    assert len(texts) > 4
    assert all("Movimiento" in text and "Abono" in text for text in texts)
    assert ["Antigüedad del saldo" in text for text in texts] == [False] * (len(texts) - 1) + [True]
    assert "FV-199" in "".join(texts)


@pytest.mark.parametrize(
    ("fields", "headline"),
    [
        ({}, "2.815,94 € de saldo al 31 jul 2026"),
        ({"is_owed": False, "is_in_favour": True}, "2.815,94 € a su favor al 31 jul 2026"),
        ({"is_owed": False}, "Sin saldo pendiente al 31 jul 2026"),
        ({"movements": ()}, "Sin movimientos en el periodo."),
    ],
)
def test_a_statement_says_first_what_it_comes_to(fields, headline, font_folders):
    page = make_page(kind=DocumentKind.STATEMENT, account=make_account(**fields))

    assert headline in text_of(render_document(page, font_folders=font_folders))


@pytest.mark.parametrize(
    ("fields", "headline"),
    [
        (
            {"amount_due": "12,00", "due_date": "1 may 2026"},
            "12,00 € por pagar hasta el 1 may 2026",
        ),
        ({"amount_due": "0,00", "is_paid": True}, "Pagada: no hay saldo pendiente"),
    ],
)
def test_an_invoice_says_first_what_is_due(fields, headline, font_folders):
    page = make_page(kind=DocumentKind.INVOICE, **fields)

    assert headline in text_of(render_document(page, font_folders=font_folders))


def test_nothing_runs_out_of_the_page(font_folders):
    digits = "999.999.999.999.999,99"
    page = make_page(
        lines=(
            make_line(
                description="X" * 400,
                code="Y" * 120,
                unit_price=digits,
                total=digits,
                discount="10 %",
                unit="caja",
            ),
        ),
        subtotal=digits,
        total=digits,
        amount_due=digits,
        document_url="https://portal.penalba.test/" + "d" * 200,
    )

    text = text_of(render_document(page, font_folders=font_folders))

    assert text.count(digits) >= 5
    assert text.count("X") == 400
    assert max(len(run) for run in re.findall("X+|Y+", text)) < 60


@pytest.mark.parametrize(
    "words",
    [
        "#set page(fill: red) $x^2$ *bold* _it_ \\ <label> @ref `raw` // note /* x */ [a] {b}",
        "مرحبا بالعالم",
        "שלום עולם",
        "Caja 📦 de regalo 🎁",
        "日本語の説明",
        "\u0000\u0001\ufffe tab\tand\nline",
        "palabra" * 200,
        "una descripción muy larga " * 120,
    ],
    ids=["markup", "arabic", "hebrew", "emoji", "japanese", "control", "long-word", "long-text"],
)
def test_any_description_is_drawn(words, font_folders):
    pdf = render_document(
        make_page(lines=(make_line(description=words),)), font_folders=font_folders
    )

    assert pdf.startswith(b"%PDF-")
    assert PdfReader(BytesIO(pdf)).trailer["/Root"]["/MarkInfo"]["/Marked"]


@pytest.mark.parametrize(
    "fields",
    [
        {"lines": (make_line(description="una\n" * 150),)},
        {"lines": (make_line(description="una descripción muy larga " * 500),)},
        {"notes": "una\n" * 150},
        {"taxes": (TaxRow(label="IVA", base="1,00", amount="0,21"),) * 120},
    ],
    ids=["many-lines", "long-text", "notes", "taxes"],
)
def test_what_is_longer_than_a_page_goes_on_on_the_next(fields, font_folders):
    pdf = render_document(make_page(**fields), font_folders=font_folders)

    assert len(PdfReader(BytesIO(pdf)).pages) >= 3


def test_markup_in_the_data_stays_what_it_is(font_folders):
    words = "#strong[a] $x$ *b* \\ <c>"

    text = text_of(
        render_document(make_page(lines=(make_line(description=words),)), font_folders=font_folders)
    )

    assert words in text


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=80), st.text(max_size=40), st.text(max_size=200))
def test_no_text_breaks_the_page(description, name, notes):
    page = make_page(
        lines=(make_line(description=description),),
        organization=make_organization(name=name, legal_name=""),
        notes=notes,
    )

    assert render_document(page).startswith(b"%PDF-")


def test_no_lines_and_negative_totals_are_drawn(font_folders):
    page = make_page(lines=(), subtotal="-10,00", total="-12,10", taxes=())

    text = text_of(render_document(page, font_folders=font_folders))

    assert "Este documento no tiene líneas." in text
    assert "-12,10" in text


def test_each_kind_has_words_of_its_own(font_folders):
    quote = make_page(kind=DocumentKind.QUOTE, valid_until="17 jul 2026", amount_due="")
    order = make_page(kind=DocumentKind.SALES_ORDER, delivery_date="9 jul 2026", amount_due="")
    credit = make_page(kind=DocumentKind.CREDIT_NOTE, refers_to="FV-10001", amount_due="")

    texts = [
        text_of(render_document(page, font_folders=font_folders)) for page in (quote, order, credit)
    ]

    assert "oferta válida hasta el 17 jul 2026" in texts[0]
    assert "Firma" in texts[0]
    assert "entrega el 9 jul 2026" in texts[1]
    assert "por la factura FV-10001" in texts[2]


@pytest.mark.parametrize("logo", [SVG, png(90, 30), png(4000, 10)], ids=["svg", "png", "wide"])
def test_logo_is_drawn(logo, font_folders):
    page = make_page(organization=make_organization(logo=logo))

    with_logo = render_document(page, font_folders=font_folders)

    assert with_logo != render_document(make_page(), font_folders=font_folders)


@pytest.mark.parametrize("logo", [b"not a picture", b"\x89PNG\r\n\x1a\n", b"<svg", b"\xff\xd8\xff"])
def test_logo_that_is_no_picture_is_named(logo):
    with pytest.raises(UnusableDocument):
        render_document(make_page(organization=make_organization(logo=logo)))


def test_logo_is_checked_before_it_is_kept():
    check_logo(SVG)
    check_logo(png(30, 30))
    with pytest.raises(UnusableDocument, match="damaged"):
        check_logo(png(30, 30)[:60])
    with pytest.raises(UnusableDocument, match="another file"):
        check_logo(b'<svg xmlns="http://www.w3.org/2000/svg"><image href="labels.json"/></svg>')


def test_threads_draw_each_its_own_document(font_folders):
    drawn: dict[int, bytes] = {}

    def draw(number: int) -> None:
        drawn[number] = render_document(make_page(number=f"T-{number}"), font_folders=font_folders)

    threads = [threading.Thread(target=draw, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(f"T-{number}" in text_of(pdf) for number, pdf in drawn.items())
    assert len(drawn) == 8


def test_missing_font_is_told_once_and_the_page_is_still_drawn(caplog):
    folder = Path("/nowhere/fonts")

    pdfs = [render_document(make_page(), font_folders=[folder]) for _ in range(2)]

    assert all(pdf.startswith(b"%PDF-") for pdf in pdfs)
    assert [record.getMessage() for record in caplog.records].count(
        "the font Inter is not in /nowhere/fonts; PDFs use a built-in font"
    ) == 1
