"""Which account is taken for what, if nobody chooses another: one's own choice, the organization's, the oldest (S4-01)."""

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select

from errors import Invalid
from models.base import db
from models.mailbox.account_default import AccountDefault, MailPurpose
from models.mailbox.mail_account import MailAccount
from models.people.user import User
from services.mailbox.senders import (
    accounts_to_send_as,
    may_send_as,
    person_in_scope,
    require_sender,
)


def default_account(purpose: MailPurpose, person: User | None) -> MailAccount | None:
    """The account for this purpose that can send now or after a rest; None where there is none.

    An account that rests for a while counts, as what is queued leaves afterwards; one that waits for a person does
    not. Notices: `account_for_notices`.
    """
    return chosen_account(purpose, person) or usual_account(purpose, person)


def chosen_account(purpose: MailPurpose, person: User | None) -> MailAccount | None:
    """What the person has chosen, else the organization; passed over while it cannot or may not be used."""
    return _own_choice(purpose, person) or _common_choice(purpose, person)


def usual_account(purpose: MailPurpose, person: User | None) -> MailAccount | None:
    """What is taken where this person, or the organization (None), has chosen nothing.

    The choice of the organization, else the oldest account: for notices one that is shared, whoever may use it
    otherwise, as nobody sends but the organization; for personal mail one's own before a shared one.
    """
    common = _common_choice(purpose, person) if person is not None else None
    if common is not None:
        return common
    if purpose is MailPurpose.NOTICES:
        able = _shared()
    else:
        able = [each for each in accounts_to_send_as(person) if can_send(each)]
    if purpose is MailPurpose.PERSONAL and person is not None:
        able.sort(key=lambda each: each.owner_id != person.id)
    return next(iter(able), None)


def account_for_notices(*, besides: int | None = None) -> MailAccount | None:
    """Through which account the present organization writes to people.

    The choice of whoever acts, the organization's, its oldest shared account that can send; never an account of a
    person who did not choose it for this. `besides` is one that has just failed; then it is one that sends at once.
    """
    person, purpose = person_in_scope(), MailPurpose.NOTICES
    wanted = [_own_choice(purpose, person), _common_choice(purpose, person), *_shared()]
    able = [each for each in wanted if each is not None and each.id != besides]
    if besides is not None:
        able = [each for each in able if not each.is_paused]
    return next(iter(able), None)


def can_send(account: MailAccount) -> bool:
    """Whether it sends, now or by itself later."""
    return account.is_active and not (account.is_paused and account.paused_until is None)


def defaults_of(person: User | None) -> dict[MailPurpose, int]:
    """What was chosen by this person, or for the organization (None)."""
    chosen = db.session.scalars(select(AccountDefault).where(_is_of(person)))
    return {each.purpose: each.account_id for each in chosen}


def choose_default(purpose: MailPurpose, account_id: int | None, person: User | None) -> bool:
    """Take this account from now on, or (None) no choice of one's own; returns whether that is new.

    `person` None: for the organization. Raises NotTheirAccount, or Invalid for an account of a person.
    """
    row = db.session.scalar(
        select(AccountDefault).where(_is_of(person), AccountDefault.purpose == purpose)
    )
    if (row.account_id if row is not None else None) == account_id:
        return False
    if account_id is None:
        db.session.delete(row)
    else:
        account = db.session.scalar(select(MailAccount).where(MailAccount.id == account_id))
        if account is None or not account.is_active:
            raise Invalid(_("Choose one of the accounts."), field=purpose.value)
        require_sender(account_id, person)
        if row is None:
            row = AccountDefault(user_id=person.id if person else None, purpose=purpose)
            db.session.add(row)
        row.account_id = account_id
    db.session.flush()
    return True


def _is_of(person: User | None) -> ColumnElement[bool]:
    if person is None:
        return AccountDefault.user_id.is_(None)
    return AccountDefault.user_id == person.id


def _own_choice(purpose: MailPurpose, person: User | None) -> MailAccount | None:
    account = _choice_of(person, purpose) if person is not None else None
    return account if account is not None and may_send_as(account.id, person) else None


def _common_choice(purpose: MailPurpose, person: User | None) -> MailAccount | None:
    """The organization's, if this person may send as it; notices it sends itself."""
    account = _choice_of(None, purpose)
    sender = None if purpose is MailPurpose.NOTICES else person
    return account if account is not None and may_send_as(account.id, sender) else None


def _shared() -> list[MailAccount]:
    found = db.session.scalars(
        select(MailAccount)
        .where(MailAccount.is_active, MailAccount.is_shared)
        .order_by(MailAccount.id)
    )
    return [each for each in found if can_send(each)]


def _choice_of(person: User | None, purpose: MailPurpose) -> MailAccount | None:
    found: MailAccount | None = db.session.scalar(
        select(MailAccount)
        .join(AccountDefault, AccountDefault.account_id == MailAccount.id)
        .where(_is_of(person), AccountDefault.purpose == purpose)
    )
    return found if found is not None and can_send(found) else None
