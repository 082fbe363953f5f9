"""The e-mails of asking for access and of the account's own safety; they are never rewritten by a group."""

from datetime import datetime

from mail.headers import Mailbox
from models.base import utc_now
from models.portal.access_request import AccessRequest
from models.portal.portal_user import PortalUser
from services.mailings.notices import Notice, email
from services.portal.mail_words import organization_in_scope, reader_of_user
from services.portal.portal_emails import customer_of, sent, sent_for


def access_code(request: AccessRequest, code: str, *, minutes: int) -> int | None:
    """The code that shows that an address is whose it is said to be."""
    return sent_for(request.customer_group, _code, request, code, minutes)


def address_changed(user: PortalUser, former: str) -> int | None:
    """To the former address: the account has another one now."""
    return sent(_changed, user, former, utc_now())


@email("portal-access-code")
def _code(request: AccessRequest, code: str, minutes: int) -> Notice:
    return Notice(
        cause=f"access_code:{request.id}:{request.code_ends_at}",
        to=Mailbox.of(request.email, request.name),
        lang=request.lang,
        values={
            "organization": organization_in_scope().name,
            "code": code,
            "minutes": minutes,
        },
        has_secret=True,
    )


@email("portal-address-changed")
def _changed(user: PortalUser, former: str, at: datetime) -> Notice:
    customer = customer_of(user)
    reader = reader_of_user(user, customer)
    return Notice(
        cause=f"portal_address:{user.id}:{at}",
        to=Mailbox.of(former, user.name),
        lang=reader.lang,
        values={
            "name": user.name,
            "organization": organization_in_scope().name,
            "address": user.email,
        },
        customer_id=customer.id if customer is not None else None,
        contact_id=reader.contact_id,
    )
