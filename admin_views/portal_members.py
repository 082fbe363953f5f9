"""The contacts of a customer and the portal, as the customer's page lists them: how far each has got, what can be done."""

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin_views.identity import current_staff
from admin_views.reader_formats import moment
from admin_views.state_badges import Look, badge, state_badge
from models.people.customer import Customer
from models.portal.portal_user import MembershipState, PortalMembership
from services.portal.members import Member, members_of

NOT_INVITED = Look("", "user-off")
S = MembershipState


@dataclass(frozen=True)
class Deed:
    """A button of a line; `asks_why` opens a field first."""

    name: str
    label: Any
    icon: str
    asks_why: bool = False
    is_danger: bool = False


INVITE = Deed("invite", _l("Invite to the portal"), "mail-forward")
ADD = Deed("add", _l("Add as representative"), "user-plus")
AGAIN = Deed("invite", _l("Invite again"), "mail-forward")
VALIDATE = Deed("validate", _l("Validate"), "check")
CODE = Deed("code", _l("Code over the phone"), "phone")
SIGN_OUT = Deed("sign-out", _l("Sign out everywhere"), "logout")
SUSPEND = Deed("suspend", _l("Suspend"), "lock", is_danger=True)
RESUME = Deed("resume", _l("Let in again"), "lock-open")
REJECT = Deed("reject", _l("Reject"), "x", asks_why=True, is_danger=True)
DEEDS: dict[MembershipState | None, tuple[Deed, ...]] = {
    None: (INVITE, ADD),
    S.INVITED: (AGAIN, VALIDATE, SUSPEND, REJECT),
    S.PENDING_VALIDATION: (VALIDATE, REJECT),
    S.VALIDATED: (CODE, SIGN_OUT, SUSPEND),
    S.SUSPENDED: (RESUME, AGAIN),
    S.REJECTED: (AGAIN, VALIDATE),
}


def members_url(customer: Customer) -> str:
    return url_for("customer.portal_view", id=customer.id)


def members_page(customer: Customer) -> dict[str, Any]:
    """What the template needs."""
    group = customer.customer_group
    return {
        "members": [_line(customer, member) for member in members_of(customer)],
        "group_without_portal": group if group is not None and not group.uses_portal else None,
        "group_url": url_for("customer_group.edit_view", id=group.id) if group else None,
        "may_change": may_change(),
    }


def may_change() -> bool:
    return current_staff().rights.allows("portal_membership", "edit")


def _line(customer: Customer, member: Member) -> dict[str, Any]:
    membership = member.membership
    state = membership.state if membership else None
    deeds = DEEDS[state] if member.address or membership else ()
    return {
        "member": member,
        "badge": state_badge(state) if state else badge(_("Not invited"), NOT_INVITED),
        "since": _since(membership),
        "deeds": [(deed, _url(customer, member, deed)) for deed in deeds],
    }


def _url(customer: Customer, member: Member, deed: Deed) -> str:
    return url_for(
        "portal_members.act",
        customer_id=customer.id,
        contact_id=member.link.contact_id,
        deed=deed.name,
    )


def _since(membership: PortalMembership | None) -> str:
    """The last thing that is known of them."""
    if membership is None:
        return ""
    if membership.state is S.REJECTED:
        return membership.rejected_because or ""
    last = membership.portal_user.last_signed_in_at
    if last is not None:
        return _("Last sign-in %(time)s", time=moment(last))
    if membership.state is S.INVITED and membership.invited_at is not None:
        return _("Invited %(time)s", time=moment(membership.invited_at))
    return ""
