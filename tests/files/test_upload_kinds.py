"""What kind of file some bytes are."""

import io
import zipfile

import pytest

from files.upload_kinds import endings_of, recognised

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
BOMB = b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'


def archive(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.PDF", b"%PDF-1.7 ...", "application/pdf"),
        ("a.pdf", b"<html>", None),
        ("a.exe", b"%PDF-1.7", None),
        ("a.png", PNG, "image/png"),
        ("a.jpg", PNG, None),
        ("a.jpeg", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("a.webp", b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
        ("f.xml", b'<?xml version="1.0"?><Invoice xmlns="urn:x"/>', "application/xml"),
        ("f.xml", "\ufeff<Factura>ñ</Factura>".encode(), "application/xml"),
        ("f.xml", b"<Invoice>", None),
        ("f.xml", BOMB, None),
        ("f.xml", b'<?xml version="1.0" encoding="nonsense"?><a/>', None),
        ("s.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml"),
        ("s.svg", b"<html/>", None),
        ("a.xlsx", archive("xl/workbook.xml"), "application/vnd.openxmlformats"),
        ("a.docx", archive("xl/workbook.xml"), None),
        ("a.zip", archive("x"), "application/zip"),
        ("a.zip", b"PK\x03\x04 cut off", None),
        ("a.csv", "Peña;1".encode("latin-1"), "text/csv"),
        ("a.txt", b"\0\1\2", None),
        ("noending", b"%PDF-1.7", None),
    ],
)
def test_bytes_and_name_have_to_agree(name: str, content: bytes, media_type: str | None) -> None:
    """L-05: the name alone is not believed."""
    kinds = ("pdf", "png", "jpeg", "webp", "xml", "svg", "xlsx", "docx", "zip", "csv", "text")
    found = recognised(content, name, kinds)
    assert (found is None) == (media_type is None)
    assert found is None or found.media_type.startswith(str(media_type))


def test_only_kinds_that_are_asked_for() -> None:
    assert recognised(PNG, "a.png", ("pdf",)) is None
    assert endings_of(("pdf", "jpeg")) == [".pdf", ".jpg", ".jpeg"]
