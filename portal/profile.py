"""One's own data at the customer: who one is, addresses, people, cards (S2-13 to S2-16)."""

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from errors import AppError, Forbidden, Invalid
from extensions import limiter
from models.base import db
from models.people.contact import Contact
from portal.frame import page
from portal.guard import current_customer, current_portal, current_visitor, portal_blueprint
from portal.limits import per_visitor
from portal.profile_words import (
    address_words,
    contact_words,
    method_words,
    provider_words,
    providers,
)
from portal.writing import may_write
from services.portal.own_data import OwnData, said_after_update, save_own_data

OFTEN = "30 per minute"
LANGUAGES = {"es": _l("Spanish"), "en": _l("English"), "pt": _l("Portuguese")}
FIELDS = ("name", "job_title", "phone", "lang")
blueprint = portal_blueprint("profile", __name__)


@blueprint.get("/profile")
def profile() -> str:
    return _page()


@blueprint.post("/profile")
@limiter.limit(OFTEN, key_func=per_visitor)
def save() -> ResponseReturnValue:
    contact = own_contact()
    if not current_portal().settings.allow_profile_edit or contact is None:
        raise Forbidden(_("These data are changed by us only. Write to us."))
    data = OwnData(**{each: request.form.get(each, "") for each in FIELDS})
    try:
        save_own_data(
            contact,
            data,
            organization=current_portal().organization,
            languages=g.languages,
            ip=request.remote_addr,
        )
    except Invalid as problem:
        db.session.rollback()
        return _page(problem), problem.status
    said = said_after_update(data.lang)
    db.session.commit()
    flash(said or _("Your data were saved."))
    return redirect(url_for("portal-profile.profile"), code=303)


def own_contact() -> Contact | None:
    """The contact that the visitor is at this customer, or as whom staff look; None for those who look at it in whole."""
    key = current_visitor().contact_id
    return db.session.get(Contact, key) if key is not None else None


def _page(problem: AppError | None = None) -> str:
    contact, customer, settings = own_contact(), current_customer(), current_portal().settings
    stored = {each: getattr(contact, each, None) or "" for each in FIELDS}
    stored["lang"] = stored["lang"] or str(get_locale() or "es")
    written = {each: request.form.get(each, "") for each in FIELDS} if problem else stored
    visitor = current_visitor()
    return render_template(
        "portal/profile.html",
        page=page("profile"),
        contact=contact,
        login=visitor.login,
        is_primary=visitor.is_primary,
        customer=customer,
        values=written,
        languages=[(code, str(LANGUAGES[code])) for code in g.languages],
        may_edit=settings.allow_profile_edit and contact is not None and not visitor.is_staff,
        may_edit_addresses=settings.allow_address_edit and may_write(),
        may_edit_methods=settings.allow_card_edit and may_write(),
        save_url=url_for("portal-profile.save"),
        addresses=address_words(customer),
        new_address_url=url_for("portal-addresses.new"),
        contacts=contact_words(customer, visitor.contact_id),
        methods=method_words(customer),
        providers=provider_words(settings),
        tells_staff_of_providers=visitor.is_staff and settings.allow_card_edit and not providers(),
        security_url=None if visitor.is_staff else url_for("portal-security.security"),
        problem=problem.message if problem else "",
        problem_at=(getattr(problem, "field", "") or "name") if problem else "",
    )
