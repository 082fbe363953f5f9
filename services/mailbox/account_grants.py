"""Who uses which mail account: naming people for it, its owner, and what becomes of it when somebody leaves (X4-08)."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, select

from errors import Conflict, Invalid
from models.base import db
from models.mailbox.account_default import AccountDefault
from models.mailbox.account_grant import AccountGrant
from models.mailbox.mail_account import MailAccount
from models.people.user import User
from services.people.colleagues import is_colleague, works_here


class Use(StrEnum):
    """What somebody may do with an account."""

    NOTHING = "nothing"
    READ = "read"
    SEND = "send"
    BOTH = "both"

    @classmethod
    def labels(cls) -> dict["Use", Any]:
        return {
            cls.NOTHING: "—",
            cls.READ: _l("Reads"),
            cls.SEND: _l("Sends"),
            cls.BOTH: _l("Reads and sends"),
        }

    @classmethod
    def of(cls, grant: AccountGrant) -> "Use":
        if grant.can_read:
            return cls.BOTH if grant.can_send else cls.READ
        return cls.SEND if grant.can_send else cls.NOTHING


def uses_of(account_ids: Iterable[int]) -> dict[tuple[int, int], Use]:
    """What each person is named for, by account and user."""
    grants = db.session.scalars(
        select(AccountGrant).where(AccountGrant.account_id.in_(set(account_ids)))
    )
    return {(grant.account_id, grant.user_id): Use.of(grant) for grant in grants}


def people_of(account: MailAccount) -> Sequence[AccountGrant]:
    """Who is named for this account, by name."""
    return db.session.scalars(
        select(AccountGrant)
        .join(User, AccountGrant.user_id == User.id)
        .where(AccountGrant.account_id == account.id)
        .order_by(User.name, User.id)
    ).all()


def allow(account: MailAccount, user: User, use: Use, *, seen: Use | None = None) -> bool:
    """Let a colleague use the account in this way from now on; returns whether that is new.

    `seen` is what the person who decides was shown: Conflict if somebody else has changed it since. Raises Invalid
    for the owner, who needs no grant, and for somebody who does not work in this organization.
    """
    grant = db.session.scalar(
        select(AccountGrant)
        .where(AccountGrant.account_id == account.id, AccountGrant.user_id == user.id)
        .with_for_update()
    )
    before = Use.of(grant) if grant is not None else Use.NOTHING
    if seen is not None and seen is not before:
        raise Conflict(
            _(
                "Somebody else has changed what %(name)s may do with %(address)s. Look at it again.",
                name=user.name,
                address=account.address,
            )
        )
    if use is before:
        return False
    if use is Use.NOTHING:
        db.session.delete(grant)
    else:
        _check_person(account, user)
        if grant is None:
            grant = AccountGrant(account_id=account.id, user_id=user.id)
            db.session.add(grant)
        grant.can_read = use in (Use.READ, Use.BOTH)
        grant.can_send = use in (Use.SEND, Use.BOTH)
    db.session.flush()
    return True


def settle_owner(account: MailAccount) -> None:
    """An account of a person is not shared, and its owner is named nowhere; raises Invalid for a stranger."""
    owner = account.owner
    if owner is None:
        return
    if not works_here(owner):
        raise Invalid(
            _("%(name)s does not work in this organization.", name=owner.name), field="owner"
        )
    account.is_shared = False
    if account.id is not None:
        db.session.execute(
            delete(AccountGrant)
            .where(AccountGrant.account_id == account.id, AccountGrant.user_id == owner.id)
            .execution_options(synchronize_session=False)
        )


def let_go_of_leavers() -> None:
    """Take from the present organization's accounts whoever has no place in it any more, or is switched off.

    What they were named for and had chosen ends. An account of who has no place stays with its mail and its mailings:
    without owner and not shared, so nobody uses it until whoever manages the accounts names somebody. `leaving.py`
    calls this, whichever way somebody goes.
    """
    gone = select(User.id).where(~is_colleague())
    owned = db.session.scalars(select(MailAccount).where(MailAccount.owner_id.in_(gone))).all()
    for account in owned:
        account.owner_id = None
        account.is_shared = False
    absent = select(User.id).where(~(is_colleague() & User.is_active))
    grants = db.session.scalars(select(AccountGrant).where(AccountGrant.user_id.in_(absent))).all()
    _keep_closed(grants)
    chosen = select(AccountDefault).where(AccountDefault.user_id.in_(absent))
    for row in (*grants, *db.session.scalars(chosen)):
        db.session.delete(row)
    db.session.flush()


def _keep_closed(ending: Sequence[AccountGrant]) -> None:
    """A shared account does not open to everybody because the last one who was named for it has left."""
    if not ending:
        return
    staying = select(AccountGrant.account_id).where(
        AccountGrant.id.not_in([grant.id for grant in ending])
    )
    closed = select(MailAccount).where(
        MailAccount.is_shared,
        MailAccount.id.in_({grant.account_id for grant in ending}),
        MailAccount.id.not_in(staying),
    )
    for account in db.session.scalars(closed):
        account.is_shared = False


def _check_person(account: MailAccount, user: User) -> None:
    if account.owner_id == user.id:
        raise Invalid(_("%(address)s is %(name)s's own.", address=account.address, name=user.name))
    if not works_here(user):
        raise Invalid(_("%(name)s does not work in this organization.", name=user.name))
