"""One frozen message: the mailing's text for one recipient, as it will go over the wire."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from flask_babel import gettext as _

from errors import Invalid
from files.store import FileStore
from mail.envelope import EmailAddress
from mail.errors import MailError
from mail.headers import Mailbox, MessageHeaders
from mail.letter import UNFRAMED, Frame, Letter, compose_letter
from mail.merge import UnknownField, check, render, render_subject
from mail.mime import Head, attachment_part, picture_part
from mail.pictures import Picture
from models.mailbox.mail_account import MailAccount
from models.mailings.delivery_copy import CopyRole
from models.mailings.mailing import AttachMode, Mailing
from models.public_id import uuid7
from services.mailbox.letterheads import TEXTS, Around, around
from services.mailbox.logo_picture import pictured
from services.mailbox.sender_fields import SenderWords
from services.mailings.audience import PlannedMessage
from services.mailings.copies import PlannedCopy
from services.mailings.document_block import block_of, block_values
from services.mailings.document_links import link_values
from services.mailings.fields import FIELDS, values_for
from services.mailings.letter_frame import frame_around
from services.mailings.subject_numbers import subject_values
from services.mailings.unmade import unmade_words
from services.portal.share_links import NewLink

LARGEST_MESSAGE = 25_000_000  # bytes on the wire; what the big providers take
HEADER_ROLES = {CopyRole.TO, CopyRole.CC}  # a blind copy stands in the envelope only
DATE_FIELD_BYTES = 39  # written when the message leaves
BOUNDARY_LINE_BYTES = 41
KEPT_LETTERS = 128  # one for each language and number of documents
OUR_COMPANY = ("company.", "empresa.")


@dataclass(frozen=True, slots=True)
class Text:
    """A subject and a body in one language, with their fields still to be filled in."""

    lang: str
    subject: str
    body_html: str


@dataclass(frozen=True, slots=True)
class Part:
    """An attachment as a stored part of any message."""

    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class FrozenMessage:
    """A message up to its attachments, and what the ledger writes down about it."""

    public_id: uuid.UUID
    message_id: str
    subject: str
    head: bytes
    parts: tuple[Part, ...]
    lang: str
    links: tuple[NewLink, ...] = ()
    pictures: tuple[Picture, ...] = ()

    @property
    def attach_mode(self) -> AttachMode | None:
        """How it brings its documents."""
        if self.links:
            return AttachMode.BOTH if self.parts else AttachMode.LINK
        return AttachMode.ATTACH if self.parts else None

    @property
    def size_bytes(self) -> int:
        parts = sum(part.size_bytes + BOUNDARY_LINE_BYTES for part in self.parts)
        parts += sum(_size_of(picture) + BOUNDARY_LINE_BYTES for picture in self.pictures)
        ends = (BOUNDARY_LINE_BYTES + 2) * (2 if self.pictures else 1)
        return DATE_FIELD_BYTES + len(self.head) + parts + ends


def text_for(mailing: Mailing, lang: str) -> Text:
    """The mailing's text in this language, or in its own if it has no variant."""
    variant = mailing.variants.get(lang)
    if variant and lang != mailing.lang:
        return Text(lang, variant["subject"], variant["body_html"])
    return Text(mailing.lang, mailing.subject, mailing.body_html)


def text_problems(subject: str, body_html: str) -> list[Invalid]:
    """Everything that cannot be filled in, with the field and the nearest name: all of it is corrected at once."""
    of_body = _field_problems("body_html", body_html)
    if not of_body:
        try:
            _check_letter(body_html, field="body_html")
        except Invalid as problem:
            of_body.append(problem)
    return [*_field_problems("subject", subject), *of_body]


def check_account_texts(account: MailAccount) -> None:
    """Raise Invalid for what stands around every message of the account and cannot be filled in."""
    try:
        check_around(around(account))
    except MailError as error:
        raise Invalid(unmade_words(error), field=TEXTS[0]) from error


def check_around(stands: Around) -> None:
    """The same for these texts; raises MailError for what cannot be put together."""
    check_fields(**dict(zip(TEXTS, stands.texts, strict=True)))
    letter_of("", "es", stands)


def check_fields(**texts: str) -> None:
    """Raise Invalid for the first text, by name, with a field that does not exist."""
    for name, text in texts.items():
        for problem in _field_problems(name, text):
            raise problem


def _field_problems(name: str, text: str) -> list[Invalid]:
    """What stands in this text that cannot be filled in, each wrong name once."""
    try:
        found = check(text, FIELDS)
    except MailError as error:
        return [Invalid(unmade_words(error), field=name)]
    wrong: dict[str, UnknownField] = {}
    for each in found:
        wrong.setdefault(each.name, each)
    return [Invalid(words_about(each), field=name) for each in wrong.values()]


def words_about(problem: UnknownField) -> str:
    """The sentence about a place that cannot be filled in."""
    suggestion = problem.suggestion
    if problem.name.startswith(OUR_COMPANY):  # as other products name it
        _place, _dot, name = problem.name.partition(".")
        suggestion = f"organization.{name}" if f"organization.{name}" in FIELDS else suggestion
    if suggestion and not problem.is_malformed:
        return str(
            _(
                "There is no field “%(name)s” (line %(line)d). Did you mean “%(suggestion)s”?",
                name=problem.name,
                line=problem.line,
                suggestion=suggestion,
            )
        )
    return str(
        _(
            "“%(name)s” in line %(line)d is not a field. These exist: %(fields)s.",
            name=problem.name,
            line=problem.line,
            fields=", ".join(FIELDS),
        )
    )


def freeze(
    planned: PlannedMessage,
    *,
    mailing: Mailing,
    account: MailAccount,
    sender: SenderWords,
    parts: Sequence[Part],
    links: Sequence[NewLink] = (),
    subject_prefix: str = "",
    to: Mailbox | None = None,
) -> FrozenMessage:
    """Make the message for one recipient (`to` for another one alone: a test). Raises MailError."""
    text = text_for(mailing, planned.lang)
    values = (
        values_for(planned, mailing, text.lang)
        | sender.values
        | link_values(links)
        | block_values(planned.documents, text.lang)
    )
    texts = (text.body_html, *sender.around.texts)
    block = block_of(planned.documents, texts, has_links=bool(links))
    frame = frame_around(text.body_html, sender, block, text.lang)
    letter = letter_of(text.body_html, text.lang, sender.around, known=sender.values, frame=frame)
    letter = pictured(letter, sender.brand.logo)
    public_id = uuid7()
    of_subject = values | subject_values(planned.documents, text.lang)
    subject = subject_prefix + render_subject(text.subject, of_subject)
    message_id = f"<d.{public_id}@{sender_domain(account.address)}>"
    reply_to = mailing.reply_to or account.reply_to
    shown = [copy for copy in planned.copies if copy.role in HEADER_ROLES and to is None]
    main = to or Mailbox.of(planned.address, planned.entry.name)
    head = Head.of(
        MessageHeaders(
            sender=Mailbox.of(account.address, account.display_name),
            to=(main, *_mailboxes(shown, CopyRole.TO)),
            cc=_mailboxes(shown, CopyRole.CC),
            reply_to=Mailbox(reply_to) if reply_to else None,
            subject=subject,
            message_id=message_id,
            delivery_id=str(public_id),
        ),
        text=render(letter.text, values, html=False),
        html=render(letter.html, values, html=True),
        shows_pictures=bool(letter.pictures),
    )
    return FrozenMessage(
        public_id,
        message_id,
        subject,
        head.wire,
        tuple(parts),
        text.lang,
        tuple(links),
        letter.pictures,
    )


def keep_part(filename: str, content_type: str, sha256: str, store: FileStore) -> Part:
    """A stored file as a part of a message: its base64 is made once and kept like a file."""
    kept = store.put(attachment_part(filename, content_type, store.read(sha256)))
    return Part(kept.sha256, kept.size_bytes)


@lru_cache(maxsize=64)
def _size_of(picture: Picture) -> int:
    return len(picture_part(picture))


def sender_domain(address: str) -> str:
    return EmailAddress.parse(address).domain


def _mailboxes(copies: Sequence[PlannedCopy], role: CopyRole) -> tuple[Mailbox, ...]:
    return tuple(Mailbox.of(copy.address, copy.name) for copy in copies if copy.role is role)


def _check_letter(body_html: str, field: str) -> None:
    """Raise Invalid at the field for a text that makes no letter: too long, or with too many elements."""
    try:
        letter_of(body_html, "es", Around())
    except MailError as error:
        raise Invalid(unmade_words(error), field=field) from error


def letter_of(
    body_html: str,
    lang: str,
    stands: Around,
    *,
    known: Mapping[str, str] | None = None,
    frame: Frame = UNFRAMED,
) -> Letter:
    """A body with what stands around it; `known`: what the fields of the sender say. Raises MailError."""
    said = tuple(sorted((known or {}).items()))
    return _letter(body_html, lang, stands.texts, stands.footer_in_replies, said, frame)


@lru_cache(maxsize=KEPT_LETTERS)
def _letter(
    body_html: str,
    lang: str,
    texts: tuple[str, str, str],
    footer_in_replies: bool,
    known: tuple[tuple[str, str], ...],
    frame: Frame,
) -> Letter:
    return compose_letter(
        body_html,
        *texts,
        lang=lang,
        footer_in_replies=footer_in_replies,
        known=dict(known),
        frame=frame,
    )
