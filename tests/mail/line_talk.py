"""What the tests of an SMTP line say over it."""

import pytest

from mail.envelope import Envelope
from mail.errors import MailError
from mail.headers import Mailbox, MessageHeaders
from mail.mime import Head, WireBytes, assemble, attachment_part, size_of
from mail.reply import Reply
from mail.smtp_line import SmtpLine

BOTH_WAYS = pytest.mark.parametrize("has_pipelining", [True, False])
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 100


def message(number: int = 1, text: str = "Hola\n.\n..x\n") -> list[WireBytes]:
    headers = MessageHeaders(
        sender=Mailbox("ventas@example.com"),
        to=(Mailbox("ana@example.com"),),
        subject="Año",
        message_id=f"<d.{number}@example.com>",
        delivery_id=f"delivery-{number}",
    )
    head = Head.of(headers, text=text, html="<p>Hola")
    return assemble(head, [attachment_part("Factura.pdf", "application/pdf", PDF)])


def envelope(*recipients: str) -> Envelope:
    return Envelope("ventas@example.com", recipients or ("ana@example.com",))


def send(line: SmtpLine, number: int = 1, *recipients: str) -> Reply:
    """One whole message."""
    pieces = message(number)
    line.send_envelope(envelope(*recipients), size_of(pieces))
    assert line.envelope_replies().is_ready
    line.send_body(pieces)
    return line.final_reply()


def loss_of(line: SmtpLine) -> tuple[str, MailError | None]:
    """Send a message and tell in which half the line was lost."""
    pieces = message()
    try:
        line.send_envelope(envelope(), size_of(pieces))
        assert line.envelope_replies().is_ready
    except MailError as error:
        return "envelope", error
    try:
        line.send_body(pieces)
        line.final_reply()
    except MailError as error:
        return "body", error
    return "nowhere", None
