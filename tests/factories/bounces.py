"""What servers send back, each in its own way; `returned` is what they quote of our message."""

from email.utils import format_datetime

from models.mailings.delivery import Delivery
from tests.factories.mailbox import NOON
from tests.factories.saving import numbers


def returned_head(delivery: Delivery) -> str:
    """The header of a message of ours as it comes back."""
    return (
        f"From: {delivery.envelope_from}\nTo: {delivery.recipient}\nSubject: {delivery.subject}\n"
        f"Message-ID: {delivery.message_id_header}\nX-Ventanilla-Delivery: {delivery.public_id}\n"
    )


def make_report(
    recipient: str,
    *,
    status: str = "5.1.1",
    action: str = "failed",
    diagnostic: str = "smtp; 550 5.1.1 User unknown",
    original: str | None = None,
    returned: str = "Subject: x\n",
) -> bytes:
    """By the standard (RFC 3464), as Postfix and most others write it."""
    original_field = f"Original-Recipient: rfc822;{original}\n" if original else ""
    return _message(
        'Content-Type: multipart/report; report-type=delivery-status; boundary="=b"',
        f"""--=b
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.

I'm sorry to have to inform you that your message could not be delivered.

--=b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Fri, 20 Nov 2026 12:00:00 +0000 (UTC)

Final-Recipient: rfc822; {recipient}
{original_field}Action: {action}
Status: {status}
Diagnostic-Code: {diagnostic}

--=b
Content-Type: text/rfc822-headers

{returned}
--=b--
""",
    )


def make_exim_bounce(recipient: str, said: str, *, returned: str = "") -> bytes:
    """Without a part for programs, but with a field."""
    return _message(
        f"X-Failed-Recipients: {recipient}\nAuto-Submitted: auto-replied",
        f"""This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {recipient}
    host mx.cliente.example [192.0.2.7]
    SMTP error from remote mail server after RCPT TO:<{recipient}>:
    {said}

------ This is a copy of the message, including all the headers. ------

{returned}
""",
    )


def make_qmail_bounce(recipient: str, *, returned: str = "") -> bytes:
    """Words only."""
    return _message(
        "Content-Type: text/plain",
        f"""Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{recipient}>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

{returned}
""",
    )


def _message(fields: str, body: str) -> bytes:
    head = (
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example (Mail Delivery System)\nTo: ventas@penalba.example\n"
        f"Subject: Undelivered Mail Returned to Sender\nDate: {format_datetime(NOON)}\n"
        f"Message-ID: <{next(numbers)}@mx.example>\nMIME-Version: 1.0\n{fields}\n\n"
    )
    return (head + body).encode().replace(b"\n", b"\r\n")
