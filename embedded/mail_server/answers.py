"""An answer to a message of the demo, as whoever got it would write it."""

import email.policy
from email.message import EmailMessage
from email.utils import format_datetime, localtime, make_msgid, parseaddr


def answer_to(message: EmailMessage, text: str) -> tuple[str, str, bytes]:
    """Who answers, whom, and the answer itself, with CRLF."""
    writer = str(message["To"] or message["X-Demo-Recipients"]).split(",")[0].strip()
    reader = str(message["Reply-To"] or message["From"])
    subject, message_id = str(message["Subject"] or ""), str(message["Message-ID"] or "")
    answer = EmailMessage(policy=email.policy.SMTP)
    answer["From"], answer["To"] = writer, reader
    answer["Subject"] = subject if subject.lower().startswith("re:") else f"Re: {subject}"
    answer["Date"] = format_datetime(localtime())
    answer["Message-ID"] = make_msgid(domain=parseaddr(writer)[1].partition("@")[2] or None)
    if message_id:
        answer["In-Reply-To"] = message_id
        answer["References"] = f"{message['References'] or ''} {message_id}".strip()
    part = message.get_body(("plain",))
    quoted = part.get_content().strip() if part else ""
    lines = "\n".join(f"> {line}".rstrip() for line in quoted.splitlines())
    answer.set_content(f"{text.strip()}\n\n{lines}".strip() + "\n")
    return parseaddr(writer)[1], parseaddr(reader)[1], answer.as_bytes()
