"""Cards that a payment provider keeps for the customer: add, prefer, remove (S2-16). Their numbers never come here."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from errors import Forbidden, Invalid, NotFound
from extensions import limiter
from models.base import db
from portal.frame import page
from portal.guard import current_customer, current_portal, portal_blueprint
from portal.limits import per_visitor
from portal.profile_words import providers
from portal.writing import require_writer
from services.portal.portal_addresses import portal_url
from services.sales.payment_methods import keep_method, method_of, prefer, remove_method
from services.sales.payment_providers import Payer, PaymentProvider

OFTEN = "30 per minute"
LONGEST_REFERENCE = 500
blueprint = portal_blueprint("payment_methods", __name__)


@blueprint.get("/profile/payment-methods/<provider>")
def new(provider: str) -> str:
    """The way to the provider, and back from it; nothing is kept before somebody says so."""
    found = _provider(provider)
    _require_editing()
    reference = request.args.get("reference", "")
    back = portal_url(f"/profile/payment-methods/{found.name}")
    return render_template(
        "portal/payment_method.html",
        page=page("profile"),
        label=str(found.label),
        card=found.kept(_payer(), reference) if reference else None,
        reference=reference[:LONGEST_REFERENCE],
        provider_url=found.page_for(_payer(), back=back),
        keep_url=url_for("portal-payment_methods.keep", provider=found.name),
        profile_url=url_for("portal-profile.profile", _anchor="methods"),
    )


@blueprint.post("/profile/payment-methods/<provider>")
@limiter.limit(OFTEN, key_func=per_visitor)
def keep(provider: str) -> ResponseReturnValue:
    found = _provider(provider)
    _require_editing()
    reference = request.form.get("reference", "")
    if not reference or len(reference) > LONGEST_REFERENCE:
        raise Invalid(_("This card was not entered here. Begin again, please."))
    keep_method(current_customer(), found, found.kept(_payer(), reference), ip=request.remote_addr)
    db.session.commit()
    flash(_("The payment method was added."))
    return _back()


@blueprint.post("/profile/payment-methods/<int:method_id>/default")
@limiter.limit(OFTEN, key_func=per_visitor)
def default(method_id: int) -> ResponseReturnValue:
    method = method_of(current_customer(), method_id)
    _require_editing()
    prefer(current_customer(), method, ip=request.remote_addr)
    db.session.commit()
    flash(_("The payment method is used from now on."))
    return _back()


@blueprint.post("/profile/payment-methods/<int:method_id>/remove")
@limiter.limit(OFTEN, key_func=per_visitor)
def remove(method_id: int) -> ResponseReturnValue:
    method = method_of(current_customer(), method_id)
    _require_editing()
    remove_method(
        current_customer(), method, providers().get(method.provider), ip=request.remote_addr
    )
    db.session.commit()
    flash(_("The payment method was removed."))
    return _back()


def _provider(name: str) -> PaymentProvider:
    found = providers().get(name)
    if found is None:
        raise NotFound(_("This page does not exist."))
    return found


def _require_editing() -> None:
    if not current_portal().settings.allow_card_edit:
        raise Forbidden(_("These data are changed by us only. Write to us."))
    require_writer()


def _payer() -> Payer:
    customer = current_customer()
    return Payer(
        organization_id=customer.organization_id,
        customer_number=customer.number,
        customer_name=customer.name,
        lang=str(get_locale() or "es"),
    )


def _back() -> ResponseReturnValue:
    return redirect(url_for("portal-profile.profile", _anchor="methods"), code=303)
