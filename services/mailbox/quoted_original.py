"""The message that one answers or forwards, as it stands below what one writes."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from html import escape
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from flask_babel import force_locale, format_date, format_time, pgettext
from flask_babel import gettext as _

from errors import AppError
from mail.errors import MailError
from mail.parsing import ParsedMessage, parse_message, part_of
from mail.pictures import Picture
from mail.quoting import FORWARDED, QUOTED
from mail.received_html import clean_received
from mail.sanitise import LONGEST_HTML, clean_html
from models.base import db
from models.mailbox.mail_draft import DraftKind
from models.mailbox.message import Message
from models.people.organization import Organization
from services.mailbox.message_bytes import raw_of

LONGEST_TEXT = 100_000  # characters of what is quoted
MOST_PICTURES = 20
INDENT = "margin:0 0 0 8px;padding-left:12px;border-left:2px solid #c5ccd3"


@dataclass(frozen=True)
class Quoted:
    """The same in both versions, with the pictures that the HTML shows; empty for a new message."""

    html: str = ""
    text: str = ""
    pictures: tuple[Picture, ...] = ()


def parsed_original(message: Message) -> tuple[ParsedMessage, bytes] | None:
    """Its content; None if that is not kept any more."""
    try:
        raw = raw_of(message)
    except AppError:
        return None
    return parse_message(raw), raw


def quoted_original(message: Message | None, kind: DraftKind, lang: str) -> Quoted:
    """What an answer repeats, or what is forwarded, in the language of the message that is written.

    Its moment is told in the time of the organization, whoever makes the message.
    """
    read = parsed_original(message) if message is not None else None
    if message is None or read is None or kind is DraftKind.NEW:
        return Quoted()
    parsed, raw = read
    organization = db.session.get_one(Organization, message.organization_id)
    with force_locale(lang):
        when = _moment(parsed.sent_at, ZoneInfo(organization.timezone))
        is_forward = kind is DraftKind.FORWARD
        head = _forwarded_head(parsed, when) if is_forward else [_introduction(parsed, when)]
    html, pictures = html_of(parsed, raw)
    introduced = "<br>".join(escape(line, quote=False) for line in head)
    if kind is DraftKind.FORWARD:
        rich = f'<div class="{FORWARDED}"><p>{introduced}</p>{html}</div>'
        plain = "\n".join([*head, "", parsed.text[:LONGEST_TEXT].strip()])
    else:
        rich = f'<div class="{QUOTED}"><p>{introduced}</p><blockquote style="{INDENT}">{html}</blockquote></div>'
        lines = parsed.text[:LONGEST_TEXT].strip().split("\n")
        plain = "\n".join(
            [*head, *(f">{line}" if line[:1] == ">" else f"> {line}" for line in lines)]
        )
    return Quoted(rich, plain, pictures)


def _introduction(parsed: ParsedMessage, when: str) -> str:
    who = parsed.sender.name or parsed.sender.address
    if not when:
        return str(_("%(who)s wrote:", who=who))
    return str(_("On %(when)s, %(who)s wrote:", when=when, who=who))


def _forwarded_head(parsed: ParsedMessage, when: str) -> list[str]:
    def named(*fields: str) -> str:
        return ", ".join(
            f"{each.name} <{each.address}>" if each.name else each.address
            for each in parsed.parties
            if each.field in fields
        )

    facts = (
        (pgettext("mail", "From"), named("from")),
        (_("Date"), when),
        (_("Subject"), parsed.subject),
        (pgettext("mail", "To"), named("to")),
        (_("Cc"), named("cc")),
    )
    title = f"---------- {_('Forwarded message')} ----------"
    return [title, *(f"{word}: {value}" for word, value in facts if value)]


def _moment(at: datetime | None, zone: ZoneInfo) -> str:
    if at is None:
        return ""
    here = at.astimezone(zone)
    return f"{format_date(here, 'long', rebase=False)}, {format_time(here, 'short', rebase=False)}"


def html_of(parsed: ParsedMessage, raw: bytes) -> tuple[str, tuple[Picture, ...]]:
    """What was HTML stays HTML, without anything that its readers' programs would fetch from elsewhere."""
    plain = _paragraphs(parsed.text[:LONGEST_TEXT])
    if not parsed.html:
        return plain, ()
    found = _pictures_of(parsed, raw)
    inline = {content_id: picture.url for content_id, picture in found.items()}
    cleaned = clean_received(parsed.html, inline=inline, shows_remote=False)
    if cleaned is None or len(cleaned.html) > LONGEST_HTML // 2:
        return plain, ()
    try:
        html = clean_html(cleaned.html)
    except MailError:
        return plain, ()
    html = re.sub(r"<img\b(?![^>]*\ssrc=)[^>]*>", "", html)
    return html, tuple(picture for picture in dict.fromkeys(found.values()) if picture.url in html)


def _pictures_of(parsed: ParsedMessage, raw: bytes) -> dict[str, Picture]:
    found: dict[str, Picture] = {}
    for content_id, part in _named_parts(parsed):
        picture = Picture.of(part_of(raw, part))
        if picture is not None:
            found[content_id] = picture
    return found


def _named_parts(parsed: ParsedMessage) -> Iterable[tuple[str, int]]:
    for each in parsed.attachments[:MOST_PICTURES]:
        if each.content_id and each.is_inline:
            yield unquote(each.content_id).strip("<>"), each.part


def _paragraphs(text: str) -> str:
    pieces = re.split(r"\n[ \t]*\n", text.strip())
    return "".join(
        f"<p>{escape(each, quote=False).replace(chr(10), '<br>')}</p>" for each in pieces
    )
