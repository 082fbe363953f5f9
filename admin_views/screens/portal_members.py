"""What staff do about the portal for a contact of a customer: invite, validate, suspend, a code over the telephone."""

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from admin_views.identity import current_staff
from admin_views.portal_members import members_url
from admin_views.scoping import scoped
from admin_views.shell import lead_to
from errors import AppError, NotFound
from extensions import limiter
from jobs.mailings import deliver_due
from models.base import db
from models.people.contact import CustomerContact
from models.people.customer import Customer
from models.portal.portal_user import PortalMembership
from services.mailbox.default_senders import account_for_notices
from services.portal.invitations import invite, membership_of
from services.portal.members import (
    link_of,
    reject,
    resume,
    sign_out_everywhere,
    suspend,
    validate,
)
from services.portal.portal_addresses import portal_url
from services.portal.representatives import add_representative
from services.portal.spoken_codes import MINUTES, read_out

blueprint = Blueprint("portal_members", __name__, url_prefix="/portal-members")


@blueprint.post("/<int:customer_id>/<int:contact_id>/<deed>")
@limiter.limit("60 per minute")
def act(customer_id: int, contact_id: int, deed: str) -> ResponseReturnValue:
    """Do what the button says, and say what happened."""
    current_staff().rights.require("portal_membership", "edit")
    customer = db.session.scalar(scoped(Customer).where(Customer.id == customer_id))
    if customer is None:
        raise NotFound(_("There is no such customer."))
    link = link_of(customer, contact_id)
    if deed == "code":
        return _code_page(customer, _membership(link))
    if deed not in SAID:
        abort(404)
    try:
        said = SAID[deed](link)
        db.session.commit()
        flash(said)
    except AppError as problem:
        db.session.rollback()
        flash(problem.message, "bad")
    deliver_due.enqueue()
    return redirect(members_url(customer))


def _invite(link: CustomerContact) -> str:
    membership = invite(link)
    email = membership.portal_user.email
    if account_for_notices() is None:
        return _(
            "“%(name)s” is invited, but there is no mail account that could write to %(email)s.",
            name=link.contact.name,
            email=email,
        )
    return _("The invitation is on its way to %(email)s.", email=email)


def _add(link: CustomerContact) -> str:
    membership = add_representative(link)
    if membership.invited_at is not None:
        return _("The invitation is on its way to %(email)s.", email=membership.portal_user.email)
    return _("“%(name)s” is a representative now, and was not written to.", name=link.contact.name)


def _validate(link: CustomerContact) -> str:
    validate(_membership(link))
    return _("“%(name)s” may enter now.", name=link.contact.name)


def _suspend(link: CustomerContact) -> str:
    suspend(_membership(link))
    return _("“%(name)s” is kept out from now on.", name=link.contact.name)


def _resume(link: CustomerContact) -> str:
    resume(_membership(link))
    return _("“%(name)s” may enter again.", name=link.contact.name)


def _reject(link: CustomerContact) -> str:
    reject(_membership(link), request.form.get("why", ""))
    return _("“%(name)s” was rejected.", name=link.contact.name)


def _sign_out(link: CustomerContact) -> str:
    sign_out_everywhere(_membership(link))
    return _("“%(name)s” is signed out everywhere.", name=link.contact.name)


SAID: dict[str, Callable[[CustomerContact], str]] = {
    "invite": _invite,
    "add": _add,
    "validate": _validate,
    "suspend": _suspend,
    "resume": _resume,
    "reject": _reject,
    "sign-out": _sign_out,
}


def _membership(link: CustomerContact) -> PortalMembership:
    membership = membership_of(link)
    if membership is None:
        raise NotFound(_("This contact was not invited yet."))
    return membership


def _code_page(customer: Customer, membership: PortalMembership) -> ResponseReturnValue:
    """The code, to whoever made it and this once."""
    code = read_out(membership)
    db.session.commit()
    lead_to(
        (_("Accounts"), None),
        (_("Customers"), url_for("customer.index_view")),
        (customer.name, members_url(customer)),
        (_("Code over the phone"), None),
    )
    return render_template(
        "admin/people/spoken_code.html",
        title=_("Code over the phone"),
        user=membership.portal_user,
        code=f"{code[:4]} {code[4:]}",
        minutes=MINUTES,
        door=portal_url("/sign-in/spoken-code"),
        back_url=members_url(customer),
    )
