"""The e-mails that staff get from Ventanilla itself."""

from mail.headers import Mailbox
from models.people.organization import Organization
from models.people.user import User
from services.mailings.notices import Notice, email


@email("staff-invitation")
def staff_was_invited(
    user: User, organization: Organization, *, link_id: int, url: str, days: int
) -> Notice:
    return _with_link(user, organization, link_id, link=url, days=days)


@email("staff-password-reset")
def staff_forgot_password(
    user: User, organization: Organization, *, link_id: int, url: str, hours: int
) -> Notice:
    return _with_link(user, organization, link_id, link=url, hours=hours)


def _with_link(user: User, organization: Organization, link_id: int, **values: str | int) -> Notice:
    """A link by which a password is set, so the message is stored encrypted."""
    return Notice(
        cause=f"password_link:{link_id}",
        to=Mailbox.of(user.email, user.name),
        lang=user.lang,
        values={
            "name": user.name,
            "email": user.email,
            "organization": organization.name,
            **values,
        },
        has_secret=True,
    )
