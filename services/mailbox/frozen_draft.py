"""A written message as it will go over the wire: its text with the letterhead, what it quotes, its files."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from flask_babel import force_locale
from flask_babel import gettext as _

from errors import Invalid
from mail.address_list import read_addresses
from mail.envelope import EmailAddress
from mail.errors import MailError
from mail.following import answered_id, references_of
from mail.headers import Mailbox, MessageHeaders
from mail.letter import compose_letter
from mail.merge import one_line, render
from mail.mime import Head
from mail.pictures import Picture
from mail.sanitise import clean_html, text_of
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_draft import MailDraft, MailDraftFile
from models.people.organization import Organization
from models.people.user import User
from models.public_id import uuid7
from models.sales.document import Document
from services.mailbox.drafts import language_of_draft
from services.mailbox.followed_message import followed_by
from services.mailbox.quoted_original import Quoted, parsed_original, quoted_original
from services.mailbox.sender_fields import words_of
from services.mailings.fields import FIELDS
from services.mailings.message import FrozenMessage, Part, keep_part, sender_domain
from services.mailings.plain_text import as_html
from services.mailings.unmade import unmade_words
from services.portal.share_links import NewLink, new_links
from services.sales.drawing import PDF
from services.sales.pdf import Workshop, pdf_of


@dataclass(frozen=True)
class FrozenDraft:
    """The message, and what the ledger writes down about it."""

    message: FrozenMessage
    envelope_from: str
    documents: Sequence[tuple[int, str]]


@dataclass(frozen=True)
class _Body:
    text: str
    html: str
    pictures: tuple[Picture, ...]


def freeze_draft(draft: MailDraft, person: User, workshop: Workshop) -> FrozenDraft:
    """Make it. Raises Invalid for what no message can be made of, Unavailable if a document cannot be drawn."""
    account = draft.account
    assert account is not None  # the caller has asked
    lang = language_of_draft(draft, person)
    quoted = (
        quoted_original(followed_by(draft, person), draft.kind, lang)
        if draft.fields.get("quotes")
        else Quoted()
    )
    parts, documents, links = _along(draft, workshop)
    own = _pictures(draft.files, workshop)
    try:
        body = _body(draft, account, quoted, links, lang, own)
        head, public_id, message_id, subject = _head(draft, account, body)
    except MailError as error:
        raise Invalid(unmade_words(error), field="body") from error
    message = FrozenMessage(
        public_id, message_id, subject, head.wire, parts, lang, links, body.pictures
    )
    return FrozenDraft(message, str(EmailAddress.parse(account.address)), documents)


def signature_words(account: MailAccount, person: User) -> str:
    """The signature that the account puts below a message, as plain text."""
    _header, signature, _footer = _around(account)
    return text_of(clean_html(signature)).strip() if signature.strip() else ""


def _head(draft: MailDraft, account: MailAccount, body: _Body) -> tuple[Head, uuid.UUID, str, str]:
    public_id = uuid7()
    message_id = f"<d.{public_id}@{sender_domain(account.address)}>"
    subject = " ".join(one_line(draft.fields.get("subject", "")).split())
    read = parsed_original(draft.follows) if draft.follows is not None else None
    headers = MessageHeaders(
        sender=Mailbox.of(account.address, account.display_name),
        to=_mailboxes(draft, "to") or _undisclosed(draft, account),
        cc=_mailboxes(draft, "cc"),
        reply_to=Mailbox(account.reply_to) if account.reply_to else None,
        subject=subject,
        message_id=message_id,
        in_reply_to=answered_id(read[0]) if read else None,
        references=references_of(read[0]) if read else (),
        delivery_id=str(public_id),
    )
    head = Head.of(headers, text=body.text, html=body.html, shows_pictures=bool(body.pictures))
    return head, public_id, message_id, subject


def _undisclosed(draft: MailDraft, account: MailAccount) -> tuple[Mailbox, ...]:
    """A message that goes to blind copies alone names its sender: no field with addresses would be no message."""
    return () if _mailboxes(draft, "cc") else (Mailbox.of(account.address, account.display_name),)


def _mailboxes(draft: MailDraft, field: str) -> tuple[Mailbox, ...]:
    return tuple(
        Mailbox.of(each.address, each.name)
        for each in read_addresses(draft.fields.get(field, ""))
        if not each.problem
    )


def _body(
    draft: MailDraft,
    account: MailAccount,
    quoted: Quoted,
    links: Sequence[NewLink],
    lang: str,
    own: Sequence[Picture],
) -> _Body:
    header, signature, footer = _around(account)
    linked_text, linked_html = _links(links, lang)
    organization = db.session.get_one(Organization, account.organization_id)
    footer_in_replies = words_of(account, organization).around.footer_in_replies
    if draft.fields.get("is_plain"):
        texts = [signature] if quoted.text and not footer_in_replies else [signature, footer]
        around = [text_of(clean_html(each)).strip() for each in texts if each.strip()]
        pieces = [draft.fields.get("body_text", "").rstrip(), linked_text, *around, quoted.text]
        return _Body("\n\n".join(filter(None, pieces)) + "\n", "", ())
    written = as_html(draft.fields.get("body_html", "")) + linked_html
    letter = compose_letter(
        written + quoted.html,
        header,
        signature,
        footer,
        lang=lang,
        footer_in_replies=footer_in_replies,
    )
    shown = [each for each in (*own, *quoted.pictures) if each.url in letter.html]
    return _Body(letter.text, letter.html, tuple(dict.fromkeys([*letter.pictures, *shown])))


def _around(account: MailAccount) -> tuple[str, str, str]:
    """Header, signature and footer, filled in."""
    organization = db.session.get_one(Organization, account.organization_id)
    sender = words_of(account, organization)
    values = dict.fromkeys(FIELDS, "") | sender.values
    header, signature, footer = (render(each, values, html=True) for each in sender.around.texts)
    return header, signature, footer


def _links(links: Sequence[NewLink], lang: str) -> tuple[str, str]:
    """The documents that go as an address, below what was written."""
    if not links:
        return "", ""
    with force_locale(lang):
        title = str(_("Documents:"))
    plain = "\n".join([title, *(f"{link.label}: {link.url}" for link in links)])
    rich = "".join(
        f'<li><a href="{escape(link.url)}">{escape(link.label)}</a></li>' for link in links
    )
    return plain, f"<p>{escape(title)}</p><ul>{rich}</ul>"


def _along(
    draft: MailDraft, workshop: Workshop
) -> tuple[tuple[Part, ...], list[tuple[int, str]], tuple[NewLink, ...]]:
    """The parts of the message, its documents with their PDFs, and the links to some of these."""
    parts: list[Part] = []
    documents: list[tuple[int, str]] = []
    linked: list[tuple[int, str]] = []
    for row in draft.files:
        if row.content_id is not None:
            continue
        if row.document_id is not None:
            document = db.session.get_one(Document, row.document_id)
            pdf = pdf_of(document, workshop)
            documents.append((document.id, pdf.sha256))
            if row.as_link:
                linked.append((document.id, str(document)))
            else:
                parts.append(keep_part(row.name, PDF, pdf.sha256, workshop.store))
        elif row.file is not None:
            parts.append(keep_part(row.name, row.file.media_type, row.file.sha256, workshop.store))
    return tuple(parts), documents, tuple(new_links(linked, workshop.base_url))


def _pictures(rows: Sequence[MailDraftFile], workshop: Workshop) -> list[Picture]:
    """Those that were put into the text."""
    found = [
        Picture.of(workshop.store.read(row.file.sha256))
        for row in rows
        if row.content_id is not None and row.file is not None
    ]
    return [picture for picture in found if picture is not None]
