"""The e-mails of the portal: each is written into the ledger in the transaction of its cause.

Every function returns the key of the delivery; None where no account can send, or the cause was written about before.
"""

import logging
from collections.abc import Callable, Sequence
from typing import Concatenate, ParamSpec

from sqlalchemy import select

from mail.headers import Mailbox
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.people.organization import Organization
from models.portal.access_request import AccessRequest
from models.portal.group_portal import GroupPortal
from models.portal.portal_user import PortalMembership, PortalUser
from models.public_id import uuid7
from models.tenancy import current_scope
from services.mailbox.default_senders import account_for_notices
from services.mailings.notices import Notice, email
from services.portal.portal_addresses import base_url, portal_url
from services.portal.said_texts import levels_of

logger = logging.getLogger(__name__)
P = ParamSpec("P")


def access_email(membership: PortalMembership, url: str) -> int | None:
    """The invitation (S0-10): a link by which the registration is completed."""
    return sent(_access, membership, url)


def validation_confirmed(membership: PortalMembership) -> int | None:
    """Somebody may enter now (S0-13); once for each membership."""
    return sent(_validated, membership)


def forgotten_user_name(address: str, users: Sequence[PortalUser]) -> int | None:
    """All user names of an address (S0-24)."""
    return sent(_names, address, users)


def password_reset(user: PortalUser, url: str) -> int | None:
    """A link by which a new password is chosen (S0-27)."""
    return sent(_reset, user, url)


def magic_link(user: PortalUser, url: str) -> int | None:
    """A link that signs in (P-08)."""
    return sent(_link, user, url)


def email_change(user: PortalUser, address: str, code_url: str) -> int | None:
    """To the new address of a user: a link by which they show that it is theirs (X0-07)."""
    return sent(_change, user, address, code_url)


def access_request_received(request: AccessRequest) -> int | None:
    """To staff: somebody asks for access (S0-07). None where nobody has said who reads them."""
    to = _reader_of_requests(request)
    return sent(_received, request, to) if to else None


@email("portal-invitation")
def _access(membership: PortalMembership, url: str) -> Notice:
    user = membership.portal_user
    return Notice(
        cause=f"portal_membership:{membership.id}:{membership.invited_at}",
        to=Mailbox.of(user.email, user.name),
        lang=user.lang,
        values=_about(user, customer=membership.customer.name, link=url),
        has_secret=True,
    )


@email("portal-validated")
def _validated(membership: PortalMembership) -> Notice:
    user = membership.portal_user
    return Notice(
        cause=f"portal_membership:{membership.id}:validated",
        to=Mailbox.of(user.email, user.name),
        lang=user.lang,
        values=_about(user, customer=membership.customer.name, link=portal_url()),
    )


@email("portal-user-names")
def _names(address: str, users: Sequence[PortalUser]) -> Notice:
    return Notice(
        cause=f"portal_user_names:{uuid7()}",
        to=Mailbox.of(address, users[0].name),
        lang=users[0].lang,
        values=_about(users[0], logins=[user.login for user in users], link=portal_url("/sign-in")),
    )


@email("portal-password-reset")
def _reset(user: PortalUser, url: str) -> Notice:
    return _with_link(user, user.email, url)


@email("portal-magic-link")
def _link(user: PortalUser, url: str) -> Notice:
    return _with_link(user, user.email, url)


@email("portal-email-change")
def _change(user: PortalUser, address: str, url: str) -> Notice:
    return _with_link(user, address, url)


@email("portal-access-request")
def _received(request: AccessRequest, to: str) -> Notice:
    return Notice(
        cause=f"access_request:{request.id}",
        to=Mailbox.of(to, organization_in_scope().name),
        lang=organization_in_scope().default_lang,
        values={
            "organization": organization_in_scope().name,
            "name": request.name,
            "email": request.email,
            "company": request.company_name,
            "tax_id": request.tax_id,
            "answers": [(each["question"], each["answer"]) for each in request.answers.values()],
            "link": f"{base_url()}/access-requests/{request.public_id}",
        },
    )


def _with_link(user: PortalUser, address: str, url: str) -> Notice:
    return Notice(
        cause=f"portal_link:{uuid7()}",
        to=Mailbox.of(address, user.name),
        lang=user.lang,
        values=_about(user, link=url),
        has_secret=True,
    )


def _about(user: PortalUser, **values: object) -> dict[str, object]:
    return {
        "name": user.name,
        "login": user.login,
        "organization": organization_in_scope().name,
        **values,
    }


def _reader_of_requests(request: AccessRequest) -> str | None:
    """What the group says, or a level above it; else the organization's own address."""
    said = {each.customer_group_id: each for each in db.session.scalars(select(GroupPortal))}
    for level in levels_of(request.customer_group):
        if level in said and said[level].access_requests_to:
            return said[level].access_requests_to
    return organization_in_scope().email


def organization_in_scope() -> Organization:
    """The company that writes."""
    return db.session.get_one(Organization, current_scope().organization_id)


def sent(
    write: Callable[Concatenate[MailAccount, P], int | None], *args: P.args, **kwargs: P.kwargs
) -> int | None:
    """Write this e-mail from the account for notices; None where there is none."""
    account = account_for_notices()
    if account is None:
        logger.warning(
            "organization %s has no mail account for an e-mail of its portal",
            current_scope().organization_id,
        )
        return None
    return write(account, *args, **kwargs)
