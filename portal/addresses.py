"""The customer's addresses: documents that were issued keep the ones that they had (S2-15)."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from errors import AppError, Conflict, Forbidden, Invalid
from extensions import limiter
from models.base import db
from models.people.customer import Address, AddressKind
from models.states import state_word
from portal.frame import page
from portal.guard import current_customer, current_portal, portal_blueprint
from portal.limits import per_visitor
from portal.writing import require_writer
from services.people.phones import region_of
from services.portal.own_data import (
    PostalAddress,
    address_of,
    remove_address,
    save_address,
    territories,
)

OFTEN = "30 per minute"
FIELDS = ("kind", "street", "postcode", "city", "region", "country")
blueprint = portal_blueprint("addresses", __name__)


@blueprint.get("/profile/addresses/new")
def new() -> str:
    _require_editing()
    return _form(None)


@blueprint.post("/profile/addresses/new")
@limiter.limit(OFTEN, key_func=per_visitor)
def create() -> ResponseReturnValue:
    _require_editing()
    return _saved(None)


@blueprint.get("/profile/addresses/<int:address_id>")
def edit(address_id: int) -> str:
    found = address_of(current_customer(), address_id)
    _require_editing()
    return _form(found)


@blueprint.post("/profile/addresses/<int:address_id>")
@limiter.limit(OFTEN, key_func=per_visitor)
def change(address_id: int) -> ResponseReturnValue:
    found = address_of(current_customer(), address_id)
    _require_editing()
    return _saved(found)


@blueprint.post("/profile/addresses/<int:address_id>/remove")
@limiter.limit(OFTEN, key_func=per_visitor)
def remove(address_id: int) -> ResponseReturnValue:
    found = address_of(current_customer(), address_id)
    _require_editing()
    try:
        remove_address(current_customer(), found, ip=request.remote_addr)
    except Conflict as problem:
        db.session.rollback()
        return _form(address_of(current_customer(), address_id), problem), problem.status
    db.session.commit()
    flash(_("The address was removed."))
    return redirect(url_for("portal-profile.profile", _anchor="addresses"), code=303)


def _require_editing() -> None:
    if not current_portal().settings.allow_address_edit:
        raise Forbidden(_("These data are changed by us only. Write to us."))
    require_writer()


def _saved(found: Address | None) -> ResponseReturnValue:
    data = PostalAddress(**{each: request.form.get(each, "") for each in FIELDS})
    key = found.id if found is not None else None
    try:
        save_address(current_customer(), data, address=found, ip=request.remote_addr)
    except (Invalid, Conflict) as problem:
        db.session.rollback()
        kept = address_of(current_customer(), key) if key is not None else None
        return _form(kept, problem), problem.status
    db.session.commit()
    flash(_("The address was saved. Documents that were issued keep the one that they had."))
    return redirect(url_for("portal-profile.profile", _anchor="addresses"), code=303)


def _form(found: Address | None, problem: AppError | None = None) -> str:
    values: dict[str, Any]
    if problem is not None and "street" in request.form:
        values = {each: request.form.get(each, "") for each in FIELDS}
    elif found is not None:
        values = {each: getattr(found, each) or "" for each in FIELDS}
    else:
        country = region_of(current_portal().organization) or "ES"
        values = {**dict.fromkeys(FIELDS, ""), "kind": AddressKind.SHIPPING, "country": country}
    return render_template(
        "portal/address.html",
        page=page("profile"),
        is_new=found is None,
        values=values,
        kinds=[(kind.value, str(state_word(kind))) for kind in AddressKind],
        countries=list(territories().items()),
        remove_url=url_for("portal-addresses.remove", address_id=found.id) if found else None,
        profile_url=url_for("portal-profile.profile", _anchor="addresses"),
        problem=problem.message if problem else "",
        problem_at=(getattr(problem, "field", "") or "") if problem else "",
    )
