"""The e-mails of the portal: each is written into the ledger in the transaction of its cause.

What an organization may word itself (S0-09 to S0-29) says the text of the right level in the reader's language, from the
sender of the group. Every function returns the key of the delivery; None where the group does not use the portal (S0-02), no account can send, or
the cause was written about before.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Concatenate, ParamSpec

from mail.errors import MailError
from mail.headers import Mailbox
from models.base import utc_now
from models.mailbox.mail_account import MailAccount
from models.people.customer import Customer
from models.people.customer_group import CustomerGroup
from models.portal.access_request import AccessRequest
from models.portal.portal_session import PortalTokenKind
from models.portal.portal_text import PortalTextKind
from models.portal.portal_user import PortalMembership, PortalUser
from models.public_id import uuid7
from models.tenancy import current_scope
from services.mailings.notices import Notice, email, write_letter
from services.portal.built_in_texts import built_in
from services.portal.group_levels import PRODUCT, GroupSettings
from services.portal.mail_words import (
    Reader,
    common_values,
    day_in_words,
    filled,
    organization_in_scope,
    reader_of_user,
)
from services.portal.portal_addresses import base_url
from services.portal.portal_keys import LIFETIMES
from services.portal.portal_texts import SaidText, Texts

logger = logging.getLogger(__name__)
P = ParamSpec("P")
K = PortalTextKind


def access_email(membership: PortalMembership, url: str) -> int | None:
    """The invitation (S0-10): a link by which the registration is completed; a reminder is one more."""
    ends = (utc_now() + LIFETIMES[PortalTokenKind.INVITATION]).date()
    reader = reader_of_user(membership.portal_user, membership.customer)
    return tell(
        K.ACCESS_EMAIL,
        reader,
        f"portal_membership:{membership.id}:{membership.invited_at}:{membership.reminders_sent}",
        {"access_url": url, "expires_on": day_in_words(ends, reader.lang)},
        has_secret=True,
    )


def validation_confirmed(membership: PortalMembership) -> int | None:
    """Somebody may enter now (S0-13); once for each membership."""
    return tell(
        K.VALIDATION_CONFIRMED,
        reader_of_user(membership.portal_user, membership.customer),
        f"portal_membership:{membership.id}:validated",
        {},
    )


def forgotten_user_name(address: str, users: Sequence[PortalUser]) -> int | None:
    """All user names of an address (S0-24)."""
    user = users[0]
    reader = replace(reader_of_user(user, customer_of(user)), address=address)
    names = ", ".join(each.login for each in users)
    return tell(
        K.FORGOTTEN_USER_NAME, reader, f"portal_user_names:{uuid7()}", {"user_names": names}
    )


def password_reset(user: PortalUser, url: str) -> int | None:
    """A link by which a new password is chosen (S0-27)."""
    minutes = LIFETIMES[PortalTokenKind.PASSWORD_RESET] // timedelta(minutes=1)
    return tell(
        K.PASSWORD_RESET,
        reader_of_user(user, customer_of(user)),
        f"portal_link:{uuid7()}",
        {"reset_url": url, "minutes": str(minutes)},
        has_secret=True,
    )


def magic_link(user: PortalUser, url: str) -> int | None:
    """A link that signs in (P-08)."""
    return sent_for(_group_of(customer_of(user)), _link, user, url)


def email_change(user: PortalUser, address: str, code_url: str) -> int | None:
    """To the new address of a user: a link by which they show that it is theirs (X0-07)."""
    return sent_for(_group_of(customer_of(user)), _change, user, address, code_url)


def access_request_received(request: AccessRequest) -> int | None:
    """To staff: somebody asks for access (S0-07). None where nobody has said who reads them."""
    said = GroupSettings(request.customer_group).said("access_requests_to").value
    to = said or organization_in_scope().email
    return sent_for(request.customer_group, _received, request, to) if to else None


def uses_portal(customer: Customer | None) -> bool:
    """Whether anything is sent for this customer; who is in no group uses it."""
    group = _group_of(customer)
    return group is None or group.uses_portal


def customer_of(user: PortalUser) -> Customer | None:
    """For which customer somebody is written to: the first one whose group uses the portal, else the first one."""
    customers = [membership.customer for membership in user.memberships]
    return next((each for each in customers if uses_portal(each)), None) or next(
        iter(customers), None
    )


def _group_of(customer: Customer | None) -> CustomerGroup | None:
    return customer.customer_group if customer is not None else None


def tell(
    kind: PortalTextKind,
    reader: Reader,
    cause: str,
    values: Mapping[str, str],
    *,
    has_secret: bool = False,
) -> int | None:
    """Write the text of the reader's group; the product's own where that one cannot be filled in any more."""
    group = _group_of(reader.customer)
    if reader.address is None or not uses_portal(reader.customer):
        logger.info("e-mail %s was not written: the group does not use the portal", kind)
        return None
    account = GroupSettings(group).sender()
    if account is None:
        _warn_of_no_account()
        return None
    known = {**common_values(reader, account), **values}
    notice = Notice(
        cause=cause,
        to=Mailbox.of(reader.address, reader.name),
        lang=reader.lang,
        values={},
        has_secret=has_secret,
        customer_id=reader.customer.id if reader.customer is not None else None,
        contact_id=reader.contact_id,
    )
    said = Texts(group).said(kind, reader.lang)
    try:
        return write_letter(account, notice, *filled(said, known))
    except MailError as problem:
        logger.error("text %s of revision %s cannot be sent: %s", kind, said.revision, problem)
    ours = SaidText(*built_in(kind, reader.lang), PRODUCT, reader.lang)
    if not ours.body_html:  # only somebody's own words are sent, and never none
        return None
    return write_letter(account, notice, *filled(ours, known))


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
    customer = customer_of(user)
    reader = reader_of_user(user, customer)
    return Notice(
        cause=f"portal_link:{uuid7()}",
        to=Mailbox.of(address, user.name),
        lang=reader.lang,
        values=_about(user, link=url),
        has_secret=True,
        customer_id=customer.id if customer is not None else None,
        contact_id=reader.contact_id,
    )


def _about(user: PortalUser, **values: object) -> dict[str, object]:
    return {
        "name": user.name,
        "login": user.login,
        "organization": organization_in_scope().name,
        **values,
    }


def sent_for(
    group: CustomerGroup | None,
    write: Callable[Concatenate[MailAccount, P], int | None],
    *args: P.args,
    **kwargs: P.kwargs,
) -> int | None:
    """Write this e-mail from the sender of the group; None where no account can send."""
    account = GroupSettings(group).sender()
    if account is None:
        _warn_of_no_account()
        return None
    return write(account, *args, **kwargs)


def sent(
    write: Callable[Concatenate[MailAccount, P], int | None], *args: P.args, **kwargs: P.kwargs
) -> int | None:
    """Write this e-mail from the organization's sender for its portal."""
    return sent_for(None, write, *args, **kwargs)


def _warn_of_no_account() -> None:
    logger.warning(
        "organization %s has no mail account for an e-mail of its portal",
        current_scope().organization_id,
    )
