"""From what was written down to messages as mail programs write them: heads, answers with what they answer, files."""

import email.policy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape

from seed.mail_files import MailFile

MONTHS = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
    *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
)
BOUNCE = """\
From: Mail Delivery System <MAILER-DAEMON@{domain}>
To: {to}
Subject: Undelivered Mail Returned to Sender
Date: {date}
Message-ID: {message_id}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="parts"

--parts
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Este es el servidor de correo de {domain}.

No pudimos entregar su mensaje a {address}. El servidor del destinatario respondió:

    550 5.1.1 No such mailbox here

No lo intentaremos de nuevo. Va adjunto el encabezado de su mensaje.

--parts
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.{domain}

Final-Recipient: rfc822; {address}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 No such mailbox here

--parts
Content-Type: text/rfc822-headers

{head}
--parts--
"""


@dataclass(frozen=True, slots=True)
class Answered:
    """The message before, as an answer repeats it."""

    message_id: str
    references: Sequence[str]
    name: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """What a message is made of; `sender` and `recipient` with their names."""

    sender: str
    recipient: str
    subject: str
    at: datetime
    message_id: str
    text: str
    html: str = ""
    signature: str = ""
    answers: Answered | None = None
    is_english: bool = False
    files: Sequence[MailFile] = ()
    headers: Mapping[str, str]


def compose(letter: Composed) -> bytes:
    """The message, with CRLF."""
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"] = letter.sender, letter.recipient
    message["Subject"] = f"Re: {letter.subject}" if letter.answers else letter.subject
    message["Date"], message["Message-ID"] = format_datetime(letter.at), letter.message_id
    if letter.answers is not None:
        message["In-Reply-To"] = letter.answers.message_id
        message["References"] = " ".join(letter.answers.references)
    for name, value in letter.headers.items():
        message[name] = value
    written = "\n\n".join(filter(None, (letter.text, letter.signature)))
    html = letter.html or _paragraphs(written)
    if letter.answers is not None:
        lines, block = _quoted(letter.answers, is_english=letter.is_english)
        written, html = f"{written}\n\n{lines}", html + block
    message.set_content(f"{written}\n")
    message.add_alternative(html, subtype="html")
    for file in letter.files:
        maintype, _, subtype = file.media_type.partition("/")
        message.add_attachment(file.content, maintype=maintype, subtype=subtype, filename=file.name)
    return message.as_bytes()


def bounce_of(raw: bytes, *, to: str, address: str, at: datetime, message_id: str) -> bytes:
    """What our own server writes when theirs knows no such mailbox (RFC 3464)."""
    said = BOUNCE.format(
        to=to,
        domain=to.partition("@")[2],
        address=address,
        date=format_datetime(at),
        message_id=message_id,
        head=raw.partition(b"\r\n\r\n")[0].decode().replace("\r\n", "\n"),
    )
    return said.replace("\n", "\r\n").encode()


def _quoted(answered: Answered, *, is_english: bool) -> tuple[str, str]:
    """The message before, below an answer: as text and as HTML."""
    at = answered.at
    said = f"El {at.day} de {MONTHS[at.month - 1]} de {at.year} a las {at:%H:%M}, {answered.name} escribió:"
    if is_english:
        said = f"On {at:%d/%m/%Y} at {at:%H:%M}, {answered.name} wrote:"
    lines = "\n".join(f"> {line}".rstrip() for line in answered.text.split("\n"))
    html = f'<div class="gmail_quote"><p>{escape(said)}</p><blockquote>{_paragraphs(answered.text)}</blockquote></div>'
    return f"{said}\n{lines}", html


def _paragraphs(text: str) -> str:
    parts = (escape(part).replace("\n", "<br>") for part in text.split("\n\n"))
    return "".join(f"<p>{part}</p>" for part in parts)
