"""Who asks for access to the portal: looked at, matched with a customer, validated or rejected (X0-03 to X0-05, P-12)."""

import uuid
from collections.abc import Sequence

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from admin_views.access_request_page import (
    PILES,
    badge_of,
    candidates,
    enquiry_words,
    facts_of,
    roles_to_choose,
    tabs_of,
)
from admin_views.identity import current_staff
from admin_views.menu import MenuPage
from admin_views.portal_place import ENDPOINTS, HELP, QUESTIONS
from admin_views.reader_formats import ago, moment
from admin_views.shell import initials, lead_to
from admin_views.state_badges import state_badge
from errors import AppError, Invalid
from jobs.mailings import deliver_due
from models.base import db
from models.people.customer import Customer
from models.people.user import User
from models.portal.access_request import AccessRequest, RequestState
from services.portal.access_decisions import approve, reject
from services.portal.access_enquiries import ask_for_more, enquiries_of, open_enquiry
from services.portal.access_list import (
    UNFINISHED,
    Pile,
    count_waiting,
    counts,
    pile_of,
    request_known_as,
    requests_in,
)
from services.portal.access_undo import can_be_taken_back, take_back

RESOURCE = "access_request"
MENU_PAGE = MenuPage(
    endpoint="access_requests",
    index_name="index",
    menu_path=(_l("Accounts"), _l("Access requests")),
    menu_order=35,
    menu_icon="user-plus",
    resource=RESOURCE,
    waiting=count_waiting,
)

blueprint = Blueprint("access_requests", __name__, url_prefix="/access-requests")


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """A pile of them, with the first one open on a wide screen."""
    current_staff().rights.require(RESOURCE, "view")
    asked = request.args.get("state", "")
    pile = Pile(asked) if asked in set(Pile) else Pile.WAITING
    listed = requests_in(pile)
    return _page(pile, listed[0] if listed else None, is_list=True)


@blueprint.get("/<uuid:public_id>")
def one(public_id: uuid.UUID) -> ResponseReturnValue:
    current_staff().rights.require(RESOURCE, "view")
    found = request_known_as(public_id)
    return _page(pile_of(found), found)


@blueprint.post("/<uuid:public_id>/approve")
def approve_it(public_id: uuid.UUID) -> ResponseReturnValue:
    """Let them in for the chosen customer."""
    current_staff().rights.require(RESOURCE, "edit")
    found = request_known_as(public_id)
    try:
        customer = _chosen_customer()
        approve(
            found.id,
            customer,
            contact_id=_key(request.form.get(f"contact-{customer.id}", "")),
            roles=request.form.getlist("roles"),
        )
        db.session.commit()
    except AppError as problem:
        return _refused(public_id, problem)
    undo = url_for(".undo_it", public_id=public_id)  # the clock delivers once it is too late for it
    flash(
        _("“%(name)s” may enter now.", name=found.name),
        f"undo:{undo}" if can_be_taken_back(found) else "message",
    )
    return redirect(url_for(".index"))


@blueprint.post("/<uuid:public_id>/undo")
def undo_it(public_id: uuid.UUID) -> ResponseReturnValue:
    """Take back, as long as nobody was told, that they were let in."""
    current_staff().rights.require(RESOURCE, "edit")
    found = request_known_as(public_id)
    try:
        take_back(found.id)
        db.session.commit()
    except AppError as problem:
        return _refused(public_id, problem)
    flash(_("“%(name)s” waits for your decision again.", name=found.name))
    return redirect(url_for(".one", public_id=public_id))


@blueprint.post("/<uuid:public_id>/ask")
def ask_it(public_id: uuid.UUID) -> ResponseReturnValue:
    """Ask the requester for something; the request waits meanwhile."""
    current_staff().rights.require(RESOURCE, "edit")
    found = request_known_as(public_id)
    try:
        written = ask_for_more(found, request.form.get("question", ""))
        db.session.commit()
    except AppError as problem:
        return _refused(public_id, problem)
    deliver_due.enqueue()
    if written is None:
        flash(_("No mail account can send. Set one up first."), "bad")
    else:
        flash(_("The question is on its way to %(email)s.", email=found.email))
    return redirect(url_for(".one", public_id=public_id))


@blueprint.post("/<uuid:public_id>/reject")
def reject_it(public_id: uuid.UUID) -> ResponseReturnValue:
    """Keep them out, for a reason."""
    current_staff().rights.require(RESOURCE, "edit")
    found = request_known_as(public_id)
    try:
        reject(found.id, request.form.get("why", ""))
        db.session.commit()
    except AppError as problem:
        return _refused(public_id, problem)
    flash(_("“%(name)s” was rejected.", name=found.name))
    return redirect(url_for(".index"))


def _refused(public_id: uuid.UUID, problem: AppError) -> ResponseReturnValue:
    db.session.rollback()
    found = request_known_as(public_id)
    return _page(pile_of(found), found, error=problem.message), problem.status


def _chosen_customer() -> Customer:
    key = _key(request.form.get("customer", ""))
    found: Customer | None = (
        db.session.scalar(select(Customer).where(Customer.id == key)) if key else None
    )
    if found is None:
        raise Invalid(_("Choose the customer."), field="customer")
    return found


def _key(written: str) -> int | None:
    return int(written) if written.isdecimal() and len(written) < 19 else None


def _page(
    pile: Pile, shown: AccessRequest | None, *, is_list: bool = False, error: str = ""
) -> str:
    lead_to(
        (_("Accounts"), None),
        (_("Access requests"), None if is_list else url_for(".index", state=pile.value)),
        *(() if is_list or shown is None else ((shown.name or shown.email, None),)),
    )
    g.help_url = url_for("handbook.page", name=HELP)
    listed = requests_in(pile)
    here = counts()
    is_waiting = shown is not None and shown.state is RequestState.PENDING_VALIDATION
    return render_template(
        "admin/portal/access_requests.html",
        title=_("Access requests"),
        subtitle=_oldest(listed) if pile is Pile.WAITING else "",
        tabs=tabs_of(pile),
        pile_name=PILES[pile],
        lines=[_line(each) for each in listed],
        unfinished=sum(here.get(state, 0) for state in UNFINISHED),
        shown=shown,
        is_list=is_list,
        state=state_badge(shown.state) if shown else "",
        came=moment(shown.created_at) if shown else "",
        initials=initials(shown.name or shown.email) if shown else "",
        facts=facts_of(shown) if shown else {},
        candidates=candidates(shown, request.args.get("q", "")) if shown and is_waiting else [],
        words=request.args.get("q", ""),
        enquiries=[enquiry_words(each) for each in enquiries_of(shown)] if shown else [],
        waits_for_answer=shown is not None and open_enquiry(shown) is not None,
        roles=roles_to_choose(),
        decided=_decided(shown) if shown else "",
        may_decide=is_waiting and current_staff().rights.allows(RESOURCE, "edit"),
        error=error,
        settings_url=url_for(ENDPOINTS[QUESTIONS])
        if current_staff().rights.allows("portal_text", "view")
        else None,
        list_url=url_for(".index", state=pile.value),
    )


def _line(each: AccessRequest) -> dict[str, object]:
    return {
        "request": each,
        "url": url_for(".one", public_id=each.public_id),
        "ago": ago(each.created_at),
        "badge": badge_of(each),
    }


def _oldest(listed: Sequence[AccessRequest]) -> str:
    first = next(iter(listed), None)
    return _("The oldest one came in %(ago)s", ago=ago(first.created_at)) if first else ""


def _decided(shown: AccessRequest) -> str:
    """Who decided, and when."""
    if shown.decided_at is None:
        return ""
    user = db.session.get(User, shown.decided_by_id) if shown.decided_by_id else None
    return _(
        "%(who)s, %(time)s",
        who=user.name if user else _("The system"),
        time=moment(shown.decided_at),
    )
