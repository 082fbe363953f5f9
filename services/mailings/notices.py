"""E-mails that we write ourselves: one to a person, put into the ledger in the transaction of its cause.

A folder of `templates/emails/` holds `subject.txt`, `body.txt` and `body.html`; a function with the decorator
`email` says what they are filled with. The door commits and rings; the sender sends it like any other message.
"""

import functools
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Concatenate, ParamSpec

from flask import current_app
from flask_babel import force_locale

from mail.envelope import EmailAddress
from mail.errors import MailError
from mail.headers import Mailbox, MessageHeaders
from mail.letter import Letter, compose_letter
from mail.merge import render
from mail.mime import Head
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.delivery import Delivery, DeliveryKind, DeliveryStatus
from models.people.organization import Organization
from models.public_id import uuid7
from services.mailbox.logo_picture import pictured
from services.mailbox.sender_fields import words_of
from services.mailings.audience import PlannedMessage
from services.mailings.fields import FIELDS
from services.mailings.frozen_rows import WAITED_FOR, Destiny, NewDelivery, write_deliveries
from services.mailings.message import FrozenMessage, Part, sender_domain

logger = logging.getLogger(__name__)
P = ParamSpec("P")
KEY = "evt:"  # begins the key of a notice in the ledger


@dataclass(frozen=True, kw_only=True)
class Enclosure:
    """Documents that go along with a message which a person asked for: to which contact, and their files."""

    planned: PlannedMessage
    documents: tuple[tuple[int, str], ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, kw_only=True)
class Notice:
    """To whom, in which language, and what the templates say.

    The same `cause` is written about once. `has_secret`: the message carries a key, such as a one-time link.
    Answers go to `reply_to`, if not to the account. With an `enclosed` document it is a single e-mail of somebody. What goes to
    a contact of a customer says so, and is found with both.
    """

    cause: str
    to: Mailbox
    lang: str
    values: Mapping[str, object]
    has_secret: bool = False
    reply_to: Mailbox | None = None
    enclosed: Enclosure | None = None
    customer_id: int | None = None
    contact_id: int | None = None


def cause_of(delivery: Delivery) -> str | None:
    """What a notice was written about; None for any other message."""
    key: str = delivery.idempotency_key
    return key.removeprefix(KEY) if key.startswith(KEY) else None


def email(
    folder: str,
) -> Callable[[Callable[P, Notice]], Callable[Concatenate[MailAccount, P], int | None]]:
    """Make a function an e-mail: called with the account that sends and its own arguments, it writes the delivery.

    Returns the key of the delivery, or None if this cause was written about before.
    """

    def made_by(describe: Callable[P, Notice]) -> Callable[Concatenate[MailAccount, P], int | None]:
        @functools.wraps(describe)
        def write(account: MailAccount, /, *args: P.args, **kwargs: P.kwargs) -> int | None:
            return _write(account, describe(*args, **kwargs), folder)

        return write

    return made_by


def write_letter(
    account: MailAccount,
    notice: Notice,
    subject: str,
    body_html: str,
    *,
    kind: DeliveryKind = DeliveryKind.NOTICE,
) -> int | None:
    """Write a message whose words are not ours: filled in already, its text part is made from them.

    Returns the key of the delivery, or None if this cause was written about before. Raises MailError.
    """
    try:
        letter = letter_from(account, body_html, notice.lang)
    except MailError as problem:
        logger.warning("letterhead of mail account %s was left out: %s", account.id, problem)
        letter = compose_letter(body_html, lang=notice.lang)
    message = _frozen_words(account, notice, subject, letter)
    return _put_down(account, notice, message, kind)


def letter_from(account: MailAccount, body_html: str, lang: str) -> Letter:
    """A body with the letterhead of the account, as it leaves. Raises MailError."""
    organization = db.session.get_one(Organization, account.organization_id)
    sender = words_of(account, organization)
    values = dict.fromkeys(FIELDS, "") | sender.values
    header, signature, footer = (render(each, values, html=True) for each in sender.around.texts)
    letter = compose_letter(body_html, header, signature, footer, lang=lang)
    return pictured(letter, sender.brand.logo)


def _write(account: MailAccount, notice: Notice, folder: str) -> int | None:
    kind = DeliveryKind.SINGLE if notice.enclosed else DeliveryKind.NOTICE
    return _put_down(account, notice, _frozen(account, notice, folder), kind)


def _put_down(
    account: MailAccount, notice: Notice, message: FrozenMessage, kind: DeliveryKind
) -> int | None:
    to = EmailAddress.parse(notice.to.address)
    key = f"{KEY}{notice.cause}"
    made = write_deliveries(
        [
            NewDelivery(
                key,
                notice.enclosed.planned if notice.enclosed else None,
                message,
                str(to),
                to.normalised,
                documents=notice.enclosed.documents if notice.enclosed else (),
                has_secret=notice.has_secret,
                customer_id=notice.customer_id,
                contact_id=notice.contact_id,
            )
        ],
        Destiny(
            account_id=account.id,
            envelope_from=str(EmailAddress.parse(account.address)),
            kind=kind,
            mailing_id=None,
            held_by=None,
            state=DeliveryStatus.QUEUED,
            priority=WAITED_FOR,
        ),
    )
    return made.get(key)


def _frozen(account: MailAccount, notice: Notice, folder: str) -> FrozenMessage:
    with force_locale(notice.lang):
        values = {**notice.values, "lang": notice.lang}
        subject = " ".join(_rendered(folder, "subject.txt", values).split())
        text = _rendered(folder, "body.txt", values)
        html = _rendered(folder, "body.html", {**values, "subject": subject})
    letter = _with_letterhead(account, Letter(html, text), notice.lang)
    return _frozen_words(account, notice, subject, letter)


def _frozen_words(
    account: MailAccount, notice: Notice, subject: str, letter: Letter
) -> FrozenMessage:
    public_id = uuid7()
    message_id = f"<d.{public_id}@{sender_domain(account.address)}>"
    head = Head.of(
        MessageHeaders(
            sender=Mailbox.of(account.address, account.display_name),
            to=(notice.to,),
            reply_to=notice.reply_to or (Mailbox(account.reply_to) if account.reply_to else None),
            subject=subject,
            message_id=message_id,
            delivery_id=str(public_id),
            auto_submitted=None if notice.enclosed else "auto-generated",
        ),
        text=letter.text,
        html=letter.html,
        shows_pictures=bool(letter.pictures),
    )
    parts = notice.enclosed.parts if notice.enclosed else ()
    return FrozenMessage(
        public_id,
        message_id,
        subject,
        head.wire,
        parts,
        notice.lang,
        pictures=letter.pictures,
    )


def _with_letterhead(account: MailAccount, words: Letter, lang: str) -> Letter:
    """With what stands around all messages of the account; a notice leaves without it rather than not at all."""
    organization = db.session.get_one(Organization, account.organization_id)
    sender = words_of(account, organization)
    if not any(sender.around.texts):
        return words
    try:
        return letter_from(account, words.html, lang)
    except MailError as problem:
        logger.warning("letterhead of mail account %s was left out: %s", account.id, problem)
        return words


def _rendered(folder: str, name: str, values: Mapping[str, object]) -> str:
    """Not `render_template`, which would ask who is signed in."""
    template = current_app.jinja_env.get_template(f"emails/{folder}/{name}")
    return template.render(values).strip() + "\n"
