"""What a message of somebody would look like with texts that are still being written (X4-10), and a test of it."""

import uuid
from dataclasses import dataclass, replace

from flask_babel import force_locale
from flask_babel import gettext as _

from errors import Invalid
from mail.envelope import EmailAddress
from mail.errors import InvalidAddress, MailError
from mail.headers import Mailbox, MessageHeaders
from mail.letter import Letter
from mail.merge import render
from mail.mime import Head
from models.audit_trail import record_event
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.delivery import DeliveryKind, DeliveryStatus
from models.people.organization import Organization
from models.people.user import User
from models.public_id import uuid7
from models.tenancy import current_scope
from services.mailbox.account_rows import accounts_of
from services.mailbox.default_senders import account_for_notices
from services.mailbox.letterheads import Around
from services.mailbox.logo_picture import logo_of, pictured
from services.mailbox.sender_fields import organization_values, person_values, sender_values
from services.mailings.fields import FIELDS
from services.mailings.frozen_rows import WAITED_FOR, Destiny, NewDelivery, write_deliveries
from services.mailings.message import FrozenMessage, letter_of, sender_domain
from services.mailings.trial import PREFIXES
from services.system.retelling import retold

GHOST = '<p style="border-left:2px solid #9aa5af;padding-left:12px;color:#6f7b86">{words}</p>'
QUOTE = '<blockquote type="cite"><p>{words}</p></blockquote>'


@dataclass(frozen=True)
class Example:
    """A message as it would leave."""

    sender: str
    subject: str
    letter: Letter


def example_with(stands: Around, person: User | None, *, is_reply: bool = False) -> Example:
    """A message of this person (None: of a shared account) with these texts around it. Raises MailError."""
    organization = db.session.get_one(Organization, current_scope().organization_id)
    account = _account_of(person) if person else account_for_notices()
    values = {name: str(label) for name, label in FIELDS.items()} | organization_values(
        organization
    )
    if person is not None:
        values |= person_values(person)
        values["user.email"] = account.address if account else person.email
    elif account is not None:
        values |= sender_values(account, organization)
    lang = person.lang if person else organization.default_lang
    with force_locale(lang):
        body = GHOST.format(
            words=_(
                "Here stands what each user writes. The signature comes once, after the text and before what is quoted."
            )
        )
        if is_reply:
            body += QUOTE.format(words=_("Here stands what the other one wrote."))
        subject = _("Quotation %(number)s", number="CO-2207")
    letter = pictured(letter_of(body, lang, stands, known=values), logo_of(organization))
    is_known = person is not None or account is not None
    return Example(
        sender=f"{values['user.name']} <{values['user.email']}>" if is_known else organization.name,
        subject=subject,
        letter=replace(
            letter,
            html=render(letter.html, values, html=True),
            text=render(letter.text, values, html=False),
        ),
    )


def send_example(stands: Around, person: User | None, address: str) -> int:
    """Put such a message into the ledger as a test, ready to leave; returns the key of the delivery.

    Raises Invalid if the address is none, if no account can send, or for texts that cannot be put together.
    """
    account = (_account_of(person) if person else None) or account_for_notices()
    if account is None:
        raise Invalid(_("No mail account can send. Set one up first."), field="address")
    try:
        to = EmailAddress.parse(address)
    except InvalidAddress:
        raise Invalid(
            _("“%(email)s” is not an e-mail address.", email=address), field="address"
        ) from None
    try:
        example = example_with(stands, person)
    except MailError as problem:
        raise Invalid(retold(problem.message), field="address") from problem
    lang = person.lang if person else "es"
    key = f"t:letterhead:{uuid.uuid4().hex}"
    made = write_deliveries(
        [NewDelivery(key, None, _frozen(account, example, to, lang), str(to), to.normalised)],
        Destiny(
            account_id=account.id,
            envelope_from=str(EmailAddress.parse(account.address)),
            kind=DeliveryKind.TEST,
            mailing_id=None,
            held_by=None,
            state=DeliveryStatus.QUEUED,
            priority=WAITED_FOR,
        ),
    )
    record_event(
        db.session(),
        entity="mail_account",
        entity_id=account.id,
        action="test",
        after={"delivery": made[key]},
    )
    return made[key]


def _account_of(person: User) -> MailAccount | None:
    accounts = accounts_of([person.id])[person.id]
    return next((account for account in accounts if account.is_active), None)


def _frozen(account: MailAccount, example: Example, to: EmailAddress, lang: str) -> FrozenMessage:
    public_id = uuid7()
    message_id = f"<d.{public_id}@{sender_domain(account.address)}>"
    subject = PREFIXES.get(lang, PREFIXES["en"]) + example.subject
    head = Head.of(
        MessageHeaders(
            sender=Mailbox(account.address, account.display_name),
            to=(Mailbox(str(to)),),
            subject=subject,
            message_id=message_id,
            delivery_id=str(public_id),
        ),
        text=example.letter.text,
        html=example.letter.html,
        shows_pictures=bool(example.letter.pictures),
    )
    return FrozenMessage(
        public_id, message_id, subject, head.wire, (), lang, pictures=example.letter.pictures
    )
