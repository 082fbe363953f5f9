"""The e-mails that staff get from Ventanilla itself."""

from mail.headers import Mailbox
from models.people.organization import Organization
from models.people.user import User
from services.mailings.notices import Notice, email


@email("staff-invitation")
def staff_was_invited(
    user: User, organization: Organization, *, link_id: int, url: str, days: int
) -> Notice:
    return Notice(
        cause=f"password_link:{link_id}",
        to=Mailbox(user.email, user.name),
        lang=user.lang,
        values={
            "name": user.name,
            "email": user.email,
            "organization": organization.name,
            "link": url,
            "days": days,
        },
        has_secret=True,
    )


@email("staff-password-reset")
def staff_forgot_password(
    user: User, organization: Organization, *, link_id: int, url: str, hours: int
) -> Notice:
    return Notice(
        cause=f"password_link:{link_id}",
        to=Mailbox(user.email, user.name),
        lang=user.lang,
        values={
            "name": user.name,
            "email": user.email,
            "organization": organization.name,
            "link": url,
            "hours": hours,
        },
        has_secret=True,
    )
