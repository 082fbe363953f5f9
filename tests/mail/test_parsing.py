"""Messages of strangers: read where they can be read, and never an error."""

import base64
import random
import time
from datetime import UTC, datetime

import pytest

from mail import parsing
from mail.message_head import read_head
from mail.parsing import ParsedMessage, parse_message, part_of
from mail.subjects import bare_subject
from mail.tolerant_parsing import read_tolerantly

WHOLE = (
    "From: =?utf-8?q?P=C3=A9rez=2C_Jos=C3=A9?= <jose@x.example>\r\n"
    "To: ventas@penalba.example, Equipo: a@x.example, B <b@x.example>;\r\n"
    'Cc: "Ruiz, Ana" <ana@x.example>\r\n'
    "Subject: =?iso-8859-1?q?ma=F1ana?=\r\n"
    "Message-ID: <1@x.example>\r\n"
    "In-Reply-To: <0@x.example> (su mensaje)\r\n"
    "References: <a@x.example>\r\n <0@x.example>\r\n"
    "Date: Tue, 03 Feb 2026 10:00:00 +0100\r\n"
    "Content-Type: multipart/mixed; boundary=B\r\n"
    "\r\n--B\r\nContent-Type: multipart/related; boundary=C\r\n"
    "\r\n--C\r\nContent-Type: text/html; charset=windows-1252\r\nContent-Transfer-Encoding: 8bit\r\n"
    "\r\n<style>p {{}}</style><p>ma\xf1ana &amp; hoy</p><img src='cid:logo@x'>\r\n"
    "--C\r\nContent-Type: image/png\r\nContent-ID: <logo@x>\r\n\r\npng\r\n--C--\r\n"
    "--B\r\nContent-Type: message/rfc822\r\n\r\nSubject: dentro\r\n\r\nhola\r\n"
    "--B\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename*=utf-8''fa%C3%B1.pdf\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--B--\r\n"
).encode("latin-1")


@pytest.mark.parametrize("body", ["uno\r\ndos\r\n", "uno\r\n\r\n", "a\rb\r\nc\r", ""])
def test_line_ends_make_no_other_message(body: str) -> None:
    """X3-08: some servers write others; a CR that ends no line is a part of the text."""
    raw = b"Subject: a\r\n\r\n" + body.encode()
    ended = raw.replace(b"\r\n", b"\n")

    assert read_head(raw).content_sha256 == read_head(ended).content_sha256
    if "\r" in body.replace("\r\n", ""):
        assert read_head(raw).content_sha256 != read_head(raw.replace(b"\r", b"")).content_sha256


def test_a_message_by_the_rules() -> None:
    message = parse_message(WHOLE)

    assert (message.message_id, message.in_reply_to) == ("<1@x.example>", "<0@x.example>")
    assert message.references == ("<a@x.example>", "<0@x.example>")
    assert message.subject == "mañana"
    assert message.sent_at == datetime(2026, 2, 3, 9, tzinfo=UTC)
    assert [(each.field, each.name, each.address) for each in message.parties] == [
        ("from", "Pérez, José", "jose@x.example"),
        ("to", "", "ventas@penalba.example"),
        ("to", "", "a@x.example"),
        ("to", "B", "b@x.example"),
        ("cc", "Ruiz, Ana", "ana@x.example"),
    ]
    assert message.text == "mañana & hoy"
    assert "<p>mañana" in message.html
    assert [(each.part, each.file_name, each.media_type) for each in message.attachments] == [
        (1, "", "image/png"),
        (2, "", "message/rfc822"),
        (3, "fañ.pdf", "application/pdf"),
    ]
    assert [each.is_inline for each in message.attachments] == [True, False, False]
    assert message.has_files
    assert [part_of(WHOLE, part) for part in (1, 3, 0, 4)] == [b"png", b"%PDF", b"", b""]


def test_both_readers_number_the_files_alike() -> None:
    """So that a file stays under its number, whichever of them reads the message."""
    quick, tolerant = parsing._read(WHOLE), read_tolerantly(WHOLE)

    assert type(quick) is not type(tolerant)
    assert [each.mimetype for each in quick.attachments] == [
        each.mimetype for each in tolerant.attachments
    ]
    assert [each.filename for each in quick.attachments] == [
        each.filename for each in tolerant.attachments
    ]
    assert tolerant.subject == "mañana"
    assert tolerant.from_ is not None and tolerant.from_.display_name == "Pérez, José"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        pytest.param(b"", "", id="nothing"),
        pytest.param(b"hola", "hola", id="no head"),
        pytest.param(b"\r\n\r\n", "", id="empty lines"),
        pytest.param(b"Subject: a\nFrom: <a@b.c>\n\nbare line ends", "bare line ends", id="LF"),
        pytest.param(
            b"Content-Type: text/plain; charset=klingon\r\n\r\nma\xf1ana", "mañana", id="charset"
        ),
        pytest.param(
            b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!",
            None,
            id="base64 that is none",
        ),
        pytest.param(
            b"Content-Type: multipart/mixed\r\n\r\nwithout a boundary", None, id="no boundary"
        ),
        pytest.param(
            b"From: broken <<a@b>\r\nTo: ;;;,,\r\nDate: ayer\r\n\r\nx", "x", id="addresses"
        ),
        pytest.param(b"Subject: \x00nul\r\n\r\nun\x00o", "uno", id="NUL"),
        pytest.param(b"\xff\xfe" * 500, None, id="garbage"),
        pytest.param(b"Subject: x\r\n" + b"X: y\r\n" * 50_000 + b"\r\nz", "z", id="50,000 fields"),
        pytest.param(b"To: " + b"a@b.c, " * 100_000 + b"\r\n\r\nz", "z", id="100,000 recipients"),
        pytest.param(b"A" * 5_000_000, None, id="one long line"),
    ],
)
def test_broken_messages_are_read_as_far_as_they_go(raw: bytes, text: str | None) -> None:
    """F16: garbage is no reason to stop."""
    message = parse_message(raw)

    assert text is None or message.text.strip() == text
    assert storable(message)


def test_a_message_of_200_000_parts_costs_little() -> None:
    raw = b"Content-Type: multipart/mixed; boundary=B\r\n\r\n"
    raw += b"--B\r\nContent-Type: image/png\r\n\r\nx\r\n" * 200_000 + b"--B--\r\n"

    message = parse_message(raw)

    assert len(message.attachments) == parsing.MOST_FILES


def test_deep_nesting_does_not_reach_the_bottom_of_the_stack() -> None:
    raw = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(3000)
    )

    assert storable(parse_message(raw))


def test_three_hundred_damaged_messages() -> None:
    """Notes, section 6: bytes lost, doubled and changed anywhere; the seed is fixed."""
    rng = random.Random(20261127)

    for _case in range(300):
        raw = bytearray(WHOLE)
        for _damage in range(rng.randrange(1, 12)):
            at, length = rng.randrange(len(raw)), rng.randrange(1, 60)
            match rng.randrange(4):
                case 0:
                    del raw[at : at + length]
                case 1:
                    raw[at:at] = rng.randbytes(length)
                case 2:
                    raw[at:at] = raw[at : at + length] * 3
                case _:
                    raw[at : at + 1] = b"\r\n"
        message = parse_message(bytes(raw))
        assert storable(message)
        for file in message.attachments:
            part_of(bytes(raw), file.part)


def test_a_file_in_bad_base64_loses_only_what_is_bad() -> None:
    content = base64.b64encode(b"hola " * 20)
    raw = (
        b"Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\nContent-Type: application/pdf\r\n"
        b"Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + content[:40]
        + b"!"
        + content[40:]
        + b"\r\n--B--\r\n"
    )

    assert part_of(raw, 1).startswith(b"hola hola")


@pytest.mark.parametrize(
    ("head", "is_automatic", "is_bounce"),
    [
        ("From: a@b.example", False, False),
        ("Auto-Submitted: no", False, False),
        ("Auto-Submitted: auto-replied", True, False),
        ("Precedence: bulk", True, False),
        ("List-Id: <x.example>", True, False),
        ("From: no-reply@x.example", True, False),
        ("Content-Type: multipart/report; report-type=delivery-status; boundary=B", True, True),
        ("From: MAILER-DAEMON@x.example", True, True),
        ("X-Failed-Recipients: a@b.example\r\nAuto-Submitted: auto-replied", True, True),
        ("Content-Type: multipart/report; report-type=disposition-notification", True, False),
        ("X-Auto-Response-Suppress: OOF, AutoReply", True, False),
        ("X-Auto-Response-Suppress: None", False, False),
        ("List-Unsubscribe: <mailto:x@y.example>", True, False),
        ("Return-Path: <>", True, False),
        ("Return-Path: <ana@x.example>", False, False),
    ],
)
def test_what_no_person_wrote(head: str, is_automatic: bool, is_bounce: bool) -> None:
    """X1-08, F18: so that nobody answers it by machine."""
    message = parse_message(f"{head}\r\nSubject: x\r\n\r\nx".encode())

    assert (message.is_automatic, message.is_bounce) == (is_automatic, is_bounce)


@pytest.mark.parametrize(
    ("subject", "bare"),
    [
        ("Re: RV: AW: FW: Factura", "Factura"),
        ("RE[2]: re : Factura", "Factura"),
        ("[ventas] Re: Factura", "Factura"),
        ("[ventas]", "[ventas]"),
        ("Recibo: 12", "Recibo: 12"),
        ("", ""),
        ("Re: " * 400 + "x", None),
    ],
)
def test_marks_of_answers_do_not_count(subject: str, bare: str | None) -> None:
    """Pains D-11: in whatever language."""
    assert bare is None or bare_subject(subject) == bare


def storable(message: ParsedMessage) -> bool:
    """Whether PostgreSQL takes its words."""
    words = [message.subject, message.text, message.html, message.message_id]
    words += [each.name + each.address for each in message.parties]
    words += [each.file_name + each.media_type for each in message.attachments]
    return all("\x00" not in each and each.encode("utf-8") is not None for each in words)


@pytest.mark.parametrize("name", ["Cc", "Subject", "X-Any"])
def test_encoded_words_without_end_cost_no_time(name: str) -> None:
    """F18: 1 MB of them took 17 seconds, and each page with the message as long."""
    field = f"{name}: {'=?utf-8?q?a?= ' * 60_000}<eva@otra.example>"
    raw = f"From: Ana <ana@cliente.example>\r\n{field}\r\n\r\nhola".encode()
    began = time.process_time()

    message = parse_message(raw)

    assert time.process_time() - began < 2
    assert (message.sender.address, message.text) == ("ana@cliente.example", "hola")
