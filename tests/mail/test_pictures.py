"""Pictures that go along with a message: named in the HTML, beside it in the bytes."""

import base64
import email
import email.policy

import pytest

from mail.arrival import put_together, read_arrival, taken_apart
from mail.headers import Mailbox, MessageHeaders
from mail.mime import Head, assemble, attachment_part, picture_part, unstuffed
from mail.pictures import Picture, put_back, taken_out, with_source
from mail.reading import read_message

DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PNG = Picture("image/png", DOT)


def head(html: str) -> Head:
    headers = MessageHeaders(
        sender=Mailbox("ventas@example.com", "Ventas"),
        to=(Mailbox("ana@example.com"),),
        subject="Su factura",
        message_id="<d.1@example.com>",
    )
    return Head.of(headers, text="Hola", html=html, shows_pictures=True)


def message() -> tuple[Head, list[bytes]]:
    parts = [picture_part(PNG), attachment_part("FV-1.pdf", "application/pdf", b"%PDF-1.7 uno")]
    return head(f'<p>Hola</p><img src="{PNG.url}" alt="Acme">'), parts


def test_what_is_pasted_is_named_and_comes_back_for_a_page_of_ours() -> None:
    html = f'<p>Hola</p><img alt="a>b" src="{PNG.data_url}" height="48">'

    named, pictures = taken_out(html + html)

    assert named == f'<p>Hola</p><img alt="a>b" src="{PNG.url}" height="48">' * 2
    assert pictures == (PNG,)
    assert put_back(named, pictures) == html + html


@pytest.mark.parametrize("data", ["aG9sYQ==", "abc", "PHN2Zz4="])
def test_what_only_says_that_it_is_a_picture_is_left_out(data: str) -> None:
    assert taken_out(f'<p>Hola</p><img src="data:image/png;base64,{data}">') == ("<p>Hola</p>", ())


def test_a_place_gets_its_picture_or_goes() -> None:
    html = '<p>src="x"</p><img alt="Acme" src="x" height="48"><img src="y">'

    assert with_source(html, "x", "cid:1@picture") == html.replace(
        'alt="Acme" src="x"', 'alt="Acme" src="cid:1@picture"'
    )
    assert with_source(html, "x", None) == '<p>src="x"</p><img src="y">'


def test_a_mail_program_finds_the_picture_beside_the_html_and_the_file_apart() -> None:
    """RFC 2387 and 2392."""
    frozen, parts = message()

    read = email.message_from_bytes(
        unstuffed(b"".join(assemble(frozen, parts))), policy=email.policy.default
    )

    assert not [defect for part in read.walk() for defect in part.defects]
    related, pdf = read.iter_parts()
    assert related.get_content_type() == "multipart/related"
    words, shown = related.iter_parts()
    assert words.get_content_type() == "multipart/alternative"
    assert (shown["Content-ID"], shown.get_content_type()) == (
        f"<{PNG.content_id}>",
        "image/png",
    )
    assert shown.get_payload(decode=True) == DOT and not shown.is_attachment()
    assert pdf.get_filename() == "FV-1.pdf"
    assert PNG.url in read.get_body(("html",)).get_content()


def test_it_is_read_back_from_its_store_and_from_the_wire() -> None:
    frozen, parts = message()
    raw = unstuffed(b"".join(assemble(frozen, parts)))

    assert PNG.url in read_message(frozen.wire).html
    arrived = read_arrival(raw)
    assert [file.filename for file in arrived.files] == ["FV-1.pdf"] and not arrived.defects
    start, found = taken_apart(raw)
    assert found == [unstuffed(part) for part in parts]
    assert put_together(start, found) == raw


def test_without_pictures_it_is_what_it_was() -> None:
    frozen, parts = message()

    for few in ([], parts[:1], parts[1:]):
        raw = unstuffed(b"".join(assemble(frozen, few)))
        start, found = taken_apart(raw)
        assert (found, put_together(start, found)) == ([unstuffed(part) for part in few], raw)
