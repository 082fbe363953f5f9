"""The portal's front door: all ways in, which customer, out again, and in which language."""

from flask import g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from errors import NotFound
from extensions import LANGUAGES
from models.audit_trail import record_event
from models.base import db
from models.portal.portal_user import PortalUser
from portal.door_page import sign_in_page
from portal.guard import (
    at_no_customer,
    cookie_name,
    current_customer,
    current_portal,
    current_visitor,
    open_to_everybody,
    portal_blueprint,
)
from portal.looked_as import contact_to_look_as
from portal.next_page import next_page
from services.portal.memberships import open_membership, open_memberships, waits
from services.portal.portal_sessions import end_session, look_as, stand_at
from services.portal.portal_sign_in import note_entrance

blueprint = portal_blueprint("door", __name__)


@blueprint.get("/sign-in")
@open_to_everybody
def sign_in() -> ResponseReturnValue:
    if g.visitor is not None:
        return redirect(next_page())
    return sign_in_page()


@blueprint.get("/customers")
@at_no_customer
def customers() -> ResponseReturnValue:
    """For whom somebody is here; staff who look stand at one already."""
    visitor = current_visitor()
    if visitor.portal_user_id is None:
        return redirect(url_for("portal-home.home"))
    user = db.session.get_one(PortalUser, visitor.portal_user_id)
    return render_template(
        "portal/door/customers.html",
        portal=current_portal(),
        user=user,
        memberships=open_memberships(user),
        here=visitor.portal_membership_id,
        waits=waits(user),
    )


@blueprint.post("/customers")
@at_no_customer
def choose_customer() -> ResponseReturnValue:
    """P-11: go on at another customer of the same person."""
    visitor = current_visitor()
    user = db.session.get_one(PortalUser, visitor.portal_user_id)
    wanted = request.form.get("membership", "")
    key = int(wanted) if wanted.isdecimal() and len(wanted) < 19 else 0
    membership = open_membership(user, key)
    if membership is None:
        raise NotFound(_("This page does not exist."))
    stand_at(visitor.session_id, membership)
    note_entrance(membership, request.remote_addr)
    db.session.commit()
    return redirect(url_for("portal-home.home"))


@blueprint.post("/language")
@open_to_everybody
def language() -> ResponseReturnValue:
    """Of the page, and of whoever is signed in; staff who look have another one only for their looks."""
    wanted, visitor = request.form.get("lang", ""), g.visitor
    if wanted in LANGUAGES:
        if visitor is not None and visitor.is_staff:
            session["look_lang"] = [visitor.session_id, wanted]
        else:
            session["lang"] = wanted
        if visitor is not None and visitor.portal_user_id is not None:
            db.session.get_one(PortalUser, visitor.portal_user_id).lang = wanted
            db.session.commit()
    return redirect(next_page())


@blueprint.post("/look")
@at_no_customer
def look() -> ResponseReturnValue:
    """P-22: staff who look go on as one of the customer's contacts, or as the customer in whole."""
    visitor = current_visitor()
    if not visitor.is_staff:
        raise NotFound(_("This page does not exist."))
    contact = contact_to_look_as(current_customer(), request.form.get("contact", ""))
    look_as(visitor.session_id, contact.id if contact is not None else None)
    record_event(
        db.session(),
        entity="customer",
        entity_id=visitor.customer_id,
        action="look",
        after={"portal": current_portal().name, "contact": contact.name if contact else None},
    )
    db.session.commit()
    return redirect(url_for("portal-home.home"), code=303)


@blueprint.post("/sign-out")
@at_no_customer
def sign_out() -> ResponseReturnValue:
    visitor = current_visitor()
    end_session(visitor.session_id)
    db.session.commit()
    after = url_for("portal-door.sign_in")
    if visitor.is_staff:
        after = url_for("customer.details_view", id=visitor.customer_id)  # where the look began
    response = redirect(after)
    response.delete_cookie(cookie_name(), path="/")
    return response
