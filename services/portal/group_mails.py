"""Saving what a level says of the portal's e-mails: all sections, or none (S0-06 to S0-30)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from errors import Conflict, Invalid
from mail.envelope import EmailAddress
from mail.errors import InvalidAddress
from models.audit_trail import record_event
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.people.customer_group import CustomerGroup
from models.portal.group_portal import GroupPortal
from models.portal.portal_text import SECTIONS, PortalTextKind
from services.mailbox.default_senders import can_send
from services.mailbox.senders import may_send_as, refusal_of
from services.portal.form_refused import FormRefused
from services.portal.group_levels import MOST_REMINDERS, GroupSettings
from services.portal.portal_texts import Texts, checked_text, write_text

LATEST_DAY = 365
BOXES: Mapping[PortalTextKind, str] = {
    PortalTextKind.ACCESS_EMAIL: "invites_at_once",
    PortalTextKind.NEW_PRIMARY: "tells_new_primary",
    PortalTextKind.PREVIOUS_PRIMARY: "tells_previous_primary",
}


@dataclass(frozen=True)
class GroupMails:
    """What somebody wants a level to say, in one language; None: what the level above says.

    `version` is that of the row it was made from (0: there was none), `revisions` those of the texts.
    """

    lang: str
    access_requests_to: str | None = None
    sender: str | None = None
    reminder_days: str | None = None
    boxes: Mapping[str, bool | None] = field(default_factory=dict)
    texts: Mapping[PortalTextKind, tuple[str, str] | None] = field(default_factory=dict)
    version: int = 0
    revisions: Mapping[PortalTextKind, int] = field(default_factory=dict)


def save_group_mails(group: CustomerGroup | None, wanted: GroupMails) -> bool:
    """Write it; returns whether anything changed.

    Raises FormRefused with a sentence for each field (`subject-access_email`), Conflict if somebody saved meanwhile.
    """
    settings, texts = GroupSettings(group), Texts(group)
    _refuse_outdated(settings, texts, wanted)
    problems: dict[str, str] = {}
    values = _values(settings, wanted, problems)
    words = _words(texts, wanted, problems)
    if problems:
        raise FormRefused(problems)
    before = _told(settings.own, texts, wanted.lang)
    changed = _write_settings(group, settings.own, values)
    for kind, text in words.items():
        changed |= write_text(group, kind, wanted.lang, text)
    if changed:
        after = _told(GroupSettings(group).own, Texts(group), wanted.lang)
        record_event(
            db.session(),
            entity="customer_group" if group is not None else "organization",
            entity_id=group.id if group is not None else None,
            action="portal_mails",
            before={name: value for name, value in before.items() if after[name] != value},
            after={name: value for name, value in after.items() if before[name] != value},
        )
    return changed


def sender_with(address: str) -> MailAccount:
    """The account of the organization that sends as this address. Raises Invalid with the reason why none does."""
    try:
        wanted = EmailAddress.parse(address).normalised
    except InvalidAddress:
        raise Invalid(_("“%(email)s” is not an e-mail address.", email=address)) from None
    found = db.session.scalars(select(MailAccount).order_by(MailAccount.id)).all()
    fitting = [each for each in found if each.address.lower() == wanted.lower()]
    if not fitting:
        raise Invalid(
            _(
                "No mail account has the address %(email)s, so nothing could leave from it. Set up an account for it"
                " first.",
                email=address,
            )
        )
    for account in fitting:
        if can_send(account) and may_send_as(account.id, None):
            return account
    account = fitting[0]
    if not can_send(account):
        raise Invalid(
            _("The mail account %(email)s is switched off or stopped.", email=account.address)
        )
    raise Invalid(refusal_of(account, None))


def days_of(text: str) -> list[int]:
    """Days of reminders as they are typed, such as `3, 10`; nothing: there are none. Raises Invalid."""
    parts = [part for part in text.replace(",", " ").split() if part]
    if not all(part.isdecimal() and 0 < int(part) <= LATEST_DAY for part in parts):
        raise Invalid(_("Write days as whole numbers, such as 3, 10."))
    days = sorted({int(part) for part in parts})
    if len(days) > MOST_REMINDERS:
        raise Invalid(_("There are at most %(most)d reminders.", most=MOST_REMINDERS))
    return days


def _refuse_outdated(settings: GroupSettings, texts: Texts, wanted: GroupMails) -> None:
    row = settings.own
    if (row.version if row is not None else 0) != wanted.version:
        raise Conflict(_("Somebody else saved these texts meanwhile. Yours are not saved."))
    for kind, revision in wanted.revisions.items():
        own = texts.own(kind, wanted.lang)
        if (own.revision if own is not None else 0) != revision:
            raise Conflict(_("Somebody else saved these texts meanwhile. Yours are not saved."))


def _values(
    settings: GroupSettings, wanted: GroupMails, problems: dict[str, str]
) -> dict[str, Any]:
    values: dict[str, Any] = {name: wanted.boxes.get(name) for name in BOXES.values()}
    values["access_requests_to"] = None
    if wanted.access_requests_to:
        try:
            values["access_requests_to"] = str(EmailAddress.parse(wanted.access_requests_to))
        except InvalidAddress:
            problems["access_requests_to"] = _(
                "“%(email)s” is not an e-mail address.", email=wanted.access_requests_to
            )
    values["sender_account_id"] = None
    if wanted.sender:
        try:
            values["sender_account_id"] = sender_with(wanted.sender).id
        except Invalid as problem:
            problems["sender"] = problem.message
    values["reminder_days"] = None
    if wanted.reminder_days is not None:
        try:
            values["reminder_days"] = days_of(wanted.reminder_days)
        except Invalid as problem:
            problems["reminder_days"] = problem.message
    return values


def _words(
    texts: Texts, wanted: GroupMails, problems: dict[str, str]
) -> dict[PortalTextKind, tuple[str, str] | None]:
    words: dict[PortalTextKind, tuple[str, str] | None] = {}
    for kind, text in wanted.texts.items():
        own = texts.own(kind, wanted.lang)
        if text is None or (own is not None and text == (own.subject, own.body_html)):
            words[kind] = text
            continue
        try:
            words[kind] = checked_text(kind, *text)
        except Invalid as problem:
            problems[f"{problem.field}-{kind}"] = problem.message
    return words


def _write_settings(
    group: CustomerGroup | None, row: GroupPortal | None, values: Mapping[str, Any]
) -> bool:
    if row is None:
        if all(value is None for value in values.values()):
            return False
        row = GroupPortal(customer_group_id=group.id if group is not None else None)
        db.session.add(row)
    changed = False
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
            changed = True
    db.session.flush()
    return changed


def _told(row: GroupPortal | None, texts: Texts, lang: str) -> dict[str, Any]:
    """What a level says, for the audit."""
    names = ("access_requests_to", "sender_account_id", "reminder_days", *BOXES.values())
    told: dict[str, Any] = {name: getattr(row, name, None) for name in names}
    for kind in SECTIONS:
        own = texts.own(kind, lang)
        told[f"{kind}.{lang}"] = {"subject": own.subject, "body": own.body_html} if own else None
    return told
