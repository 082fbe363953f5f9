"""The pages of a PDF as pictures, so that a browser without a reader for PDF shows them too."""

import struct
import threading
import zlib

import pypdfium2

from files.errors import N_, UnreadablePdf

LARGEST_PDF = 25_000_000  # bytes; what is larger is downloaded
WIDEST = 1600  # pixels
TALLEST = 3  # times the width: nobody's paper, and no picture of a gigabyte
PNG_START = b"\x89PNG\r\n\x1a\n"

# PDFium works for one thread at a time; the others go on meanwhile, since it gives the interpreter free.
_pdfium = threading.Lock()


def count_pages(pdf: bytes) -> int:
    """How many pages it has. Raises UnreadablePdf."""
    _refuse_large(pdf)
    with _pdfium, _opened(pdf) as document:
        return len(document)


def draw_page(pdf: bytes, page: int, *, width: int) -> bytes:
    """One page (counted from 1) as a PNG of this width in pixels, 1600 at most.

    Raises UnreadablePdf, for a page that there is not too.
    """
    _refuse_large(pdf)
    with _pdfium, _opened(pdf) as document:
        if not 1 <= page <= len(document):
            raise UnreadablePdf(N_("There is no such page."))
        try:
            sheet = document[page - 1]
            wide, tall = sheet.get_size()
            if wide <= 0 or not 0 < tall <= TALLEST * wide:
                raise UnreadablePdf(N_("The page has an impossible size."))
            bitmap = sheet.render(scale=min(width, WIDEST) / wide, rev_byteorder=True)
        except pypdfium2.PdfiumError as error:
            raise UnreadablePdf(N_("The file cannot be read as a PDF.")) from error
        shape = (bitmap.width, bitmap.height, bitmap.stride, bitmap.n_channels)
        pixels = bytes(bitmap.buffer)
    return _png(pixels, *shape)


def _opened(pdf: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError as error:
        raise UnreadablePdf(N_("The file cannot be read as a PDF.")) from error


def _refuse_large(pdf: bytes) -> None:
    if len(pdf) > LARGEST_PDF:
        raise UnreadablePdf(N_("The PDF is too large to be shown."))


def _png(pixels: bytes, width: int, height: int, stride: int, channels: int) -> bytes:
    """RGB or RGBA rows as a PNG (ISO/IEC 15948), each row with the filter *none*."""
    colour = {3: 2, 4: 6}[channels]
    used = width * channels
    rows = b"".join(b"\0" + pixels[at : at + used] for at in range(0, stride * height, stride))
    header = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b""))
    return PNG_START + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )
