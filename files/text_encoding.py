"""How the letters of a text file are encoded, decided from the whole file without keeping it."""

import codecs
from typing import BinaryIO

from charset_normalizer import from_bytes

from files.errors import N_, UnreadableFile

BLOCK_BYTES = 1 << 18
SAMPLE_BYTES = 1 << 16
USUAL_LETTERS = frozenset("áéíóúüñçàèòâêôãõïÁÉÍÓÚÜÑÇÀÈÒÂÊÔÃÕÏ¿¡ªº°·€£«»“”‘’–—…®©™²³½¼¾×±´\u00a0")

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def encoding_of(stream: BinaryIO) -> str:
    """The codec to read the stream with; the stream is left at its beginning.

    Raises UnreadableFile if the bytes are no text, or text of another alphabet.
    """
    head = stream.read(SAMPLE_BYTES)
    stream.seek(0)
    for mark, codec in _MARKS.items():
        if head.startswith(mark):
            return codec
    if wide := _without_mark(head):
        return wide
    sample = _first_that_is_not_utf8(stream)
    stream.seek(0)
    if sample is None:
        return "utf-8"
    # Only what spreadsheet programs write here: a free guess takes "Peña" for Central European.
    best = from_bytes(sample, cp_isolation=["cp1252", "latin_1"]).best()
    if best is None and _looks_western(sample):
        return "cp1252"
    if best is None:
        raise UnreadableFile(
            N_("The letters of this file cannot be read. Save it as CSV in UTF-8 and try again.")
        )
    return best.encoding


def _looks_western(sample: bytes) -> bool:
    """For texts too short to be judged as language: are the letters those that people here use?"""
    special = [letter for letter in sample.decode("cp1252", errors="replace") if letter > "\x7f"]
    return sum(letter in USUAL_LETTERS for letter in special) >= 0.9 * len(special)


def _without_mark(head: bytes) -> str | None:
    """UTF-16 gives itself away: every other byte of Western text is zero."""
    pairs = len(head) // 2
    if pairs >= 2:
        if head[1::2].count(0) > pairs * 0.7:
            return "utf-16-le"
        if head[0::2].count(0) > pairs * 0.7:
            return "utf-16-be"
    return None


def _first_that_is_not_utf8(stream: BinaryIO) -> bytes | None:
    """A sample around the first bytes that are not UTF-8; None if all are."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    while block := stream.read(BLOCK_BYTES):
        try:
            decoder.decode(block)
        except UnicodeDecodeError as error:
            start = max(0, error.start - SAMPLE_BYTES // 2)
            return error.object[start : start + SAMPLE_BYTES]
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return error.object
    return None
