"""The e-mail by which a user is asked for the password of their mail account (X4-06)."""

from mail.headers import Mailbox
from models.mailbox.mail_account import MailAccount
from models.people.organization import Organization
from models.people.user import User
from services.mailings.notices import Notice, email


@email("account-password-asked")
def password_was_asked(
    user: User,
    account: MailAccount,
    organization: Organization,
    *,
    asked_by: str,
    link_id: int,
    url: str,
    days: int,
) -> Notice:
    """It carries a key, so it is stored encrypted."""
    return Notice(
        cause=f"account_password_link:{link_id}",
        to=Mailbox.of(user.email, user.name),
        lang=user.lang,
        values={
            "name": user.name,
            "address": account.address,
            "organization": organization.name,
            "asked_by": asked_by,
            "link": url,
            "days": days,
        },
        has_secret=True,
    )
