import email
import email.policy
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.errors import RenderError, UnsafeHeader
from mail.headers import Mailbox, MessageHeaders
from mail.mime import Head, assemble, attachment_part, size_of, unstuffed, wire_bytes

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 200

# What an editor can hold; line ends of all three kinds and lines that begin with dots among it.
texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=400),
    st.text("ñ€😀 .=-_\n\r\t", max_size=300),
)


def head(*, text: str = "Hola", html: str = "<p>Hola</p>", **fields: object) -> Head:
    headers = MessageHeaders(
        **{
            "sender": Mailbox("ventas@example.com", "Ventas"),
            "to": (Mailbox("ana@example.com"),),
            "subject": "Su factura",
            "message_id": "<d.1@example.com>",
            **fields,
        }
    )
    return Head.of(headers, text=text, html=html)


def read(pieces: list[bytes]) -> email.message.EmailMessage:
    return email.message_from_bytes(unstuffed(b"".join(pieces)), policy=email.policy.default)


def unix(text: str) -> str:
    return re.sub(r"\r\n?", "\n", text)


def decoded(part: email.message.EmailMessage) -> str:
    return unix(part.get_payload(decode=True).decode())


@given(texts, texts)
def test_the_standard_parser_reads_both_versions_as_they_were_written(text, html):
    pieces = assemble(head(text=text, html="<p>" + html), [])

    message = read(pieces)

    assert not message.defects
    alternative = next(message.iter_parts())
    plain, rich = alternative.iter_parts()
    assert [plain.get_content_type(), rich.get_content_type()] == ["text/plain", "text/html"]
    assert decoded(plain) == unix(text)
    assert decoded(rich) == unix("<p>" + html)


@given(texts)
def test_no_text_breaks_a_line_or_ends_the_message(text):
    whole = b"".join(assemble(head(text=text, html=text), [attachment_part("a", "a/b", b".")]))

    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", whole)
    assert not re.search(rb"(?m)^\.(?!\.)", whole)
    assert max(map(len, whole.split(b"\r\n"))) <= 79
    assert whole.endswith(b"--\r\n")


@given(st.binary(max_size=2_000), st.binary(max_size=300))
def test_files_come_out_as_they_went_in(first, second):
    parts = [
        attachment_part("uno.pdf", "application/pdf", first),
        attachment_part("dos.bin", "application/octet-stream", second),
    ]

    message = read(assemble(head(), parts))

    attached = list(message.iter_attachments())
    assert [each.get_payload(decode=True) for each in attached] == [first, second]


@pytest.mark.parametrize(
    "name",
    ["Factura A-12.pdf", "Factura Ñ-12 (año).pdf", "Cotización 'x' 100%.pdf", "😀.pdf", 'a"b.pdf'],
)
def test_file_names_are_read_as_they_were_written(name):
    message = read(assemble(head(), [attachment_part(name, "application/pdf", PDF)]))

    (attached,) = message.iter_attachments()
    assert attached.get_filename() == name
    assert attached.get_content_type() == "application/pdf"
    assert attached.get_payload(decode=True) == PDF


@pytest.mark.parametrize("name", ["", " ", "../x.pdf", "a\\b.pdf", "a\r\nX: y.pdf", "ñ" * 101])
def test_file_names_that_are_none_are_refused(name):
    with pytest.raises(UnsafeHeader):
        attachment_part(name, "application/pdf", PDF)


@pytest.mark.parametrize("kind", ["", "pdf", "application/pdf; name=x", "text/html\r\nX: y"])
def test_content_types_that_are_none_are_refused(kind):
    with pytest.raises(UnsafeHeader):
        attachment_part("a.pdf", kind, PDF)


def test_the_same_input_gives_the_same_bytes():
    assert head(text="uno").wire == head(text="uno").wire
    assert head(text="uno").boundary != head(text="dos").boundary


def test_text_alone_makes_a_message_without_html():
    message = read(assemble(head(html="", text="Hola\n.\nAdiós\n"), []))

    (only,) = message.iter_parts()
    assert decoded(only) == "Hola\n.\nAdiós\n"


def test_a_boundary_written_into_a_text_bounds_nothing():
    boundary = head().boundary.decode()
    text = f'--{boundary}--\n"; boundary="{boundary}"\n'

    message = read(assemble(head(text=text, subject=f'boundary="{boundary}"'), []))

    assert decoded(next(next(message.iter_parts()).iter_parts())) == text


def test_head_is_read_back_from_the_store():
    """S1-11: what was frozen when the mailing was registered is what is sent."""
    made = head(text=".punto\n..dos\n")

    stored = Head.stored(bytes(made.wire))

    assert stored == made
    assert stored.boundary == made.boundary


@pytest.mark.parametrize(
    "damage",
    [
        lambda wire: wire + b"\r\n.\r\nMAIL FROM:<x@example.com>\r\n",
        lambda wire: wire.replace(b"\r\n", b"\n", 1),
        lambda wire: wire + b"a\r.\rb\r\n",
        lambda wire: wire + b"\n.\n",
        lambda wire: wire + b"\r\n.\n",
        lambda wire: b"." + wire,
        lambda wire: wire[:-2],
        lambda wire: wire[:-1],
        lambda wire: wire[5:],
        lambda _: b"",
    ],
)
def test_a_damaged_head_does_not_reach_the_wire(damage):
    with pytest.raises(RenderError) as caught:
        Head.stored(damage(head().wire))

    assert caught.value.reason_code == "render_error"


@given(st.lists(st.sampled_from([b"a", b".", b"\r", b"\n", b"\r\n", b"\r\n."]), max_size=12))
def test_wire_bytes_passes_only_what_cannot_end_early(pieces):
    stored = b"".join(pieces)
    is_sound = (
        not re.search(rb"(?<!\r)\n|\r(?!\n)", stored)
        and not re.search(rb"(?:\A|\n)\.(?!\.)", stored)
        and stored.endswith(b"\r\n")
    )

    try:
        wire_bytes(stored)
    except RenderError:
        assert not is_sound
    else:
        assert is_sound


def test_date_is_frozen_or_written_when_the_message_leaves():
    frozen, later = datetime(2026, 1, 31, 9, tzinfo=UTC), datetime(2026, 2, 3, 9, tzinfo=UTC)

    assert read(assemble(head(date=frozen), []))["Date"].datetime == frozen
    dated = assemble(head(), [], date=later)
    assert read(dated)["Date"].datetime == later
    assert read(dated).get_all("Date") == ["Tue, 03 Feb 2026 09:00:00 +0000"]


def test_size_counts_every_byte_before_the_final_dot():
    pieces = assemble(head(), [attachment_part("a.pdf", "application/pdf", PDF)])

    assert size_of(pieces) == len(b"".join(pieces))


def test_only_an_address_with_letters_beyond_ascii_makes_a_head_utf8():
    assert not head(subject="Año 😀", to=(Mailbox("ana@ñandú.example", "Ñ"),)).has_utf8_headers
    assert head(to=(Mailbox("muñoz@example.com"),)).has_utf8_headers
