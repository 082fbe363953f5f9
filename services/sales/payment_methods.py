"""The cards and accounts of a customer, known by their provider's tokens (S2-16)."""

import re
from collections.abc import Sequence

from flask_babel import gettext as _

from errors import Conflict, Invalid, NotFound
from models.base import db
from models.people.customer import Customer
from models.portal.portal_event import PortalEventKind
from models.sales.payment_method import SavedPaymentMethod
from services.portal.events import note_event
from services.sales.payment_providers import KeptCard, PaymentProvider

MOST_METHODS = 10
LOOKS_LIKE_A_CARD = re.compile(r"(?:\d[ -]?){13,19}")


def methods_of(customer: Customer) -> Sequence[SavedPaymentMethod]:
    """What the customer may pay with, the default first."""
    return db.session.scalars(SavedPaymentMethod.of_customer(customer.id)).all()


def method_of(customer: Customer, method_id: int) -> SavedPaymentMethod:
    """One of the customer's; raises NotFound for any other."""
    found = next((each for each in methods_of(customer) if each.id == method_id), None)
    if found is None:
        raise NotFound(_("This payment method does not exist, or you have no access to it."))
    return found


def keep_method(
    customer: Customer, provider: PaymentProvider, card: KeptCard, *, ip: str | None
) -> SavedPaymentMethod:
    """Keep what the provider answered; the first one is the default, one that is there stays as it is."""
    if LOOKS_LIKE_A_CARD.fullmatch(card.token):
        raise Invalid(_("The provider answered with a card's number. It was not kept."))
    present = methods_of(customer)
    for each in present:
        if (each.provider, each.token) == (provider.name, card.token):
            return each
    if len(present) >= MOST_METHODS:
        raise Conflict(_("There are enough payment methods: remove one first."))
    method = SavedPaymentMethod(
        customer_id=customer.id,
        provider=provider.name,
        token=card.token,
        brand=card.brand,
        last4=card.last4,
        expires_year=card.expires_year,
        expires_month=card.expires_month,
        is_default=not present,
    )
    db.session.add(method)
    db.session.flush()
    note_event(PortalEventKind.CHANGED_PAYMENT_METHOD, ip=ip, added=str(method))
    return method


def prefer(customer: Customer, method: SavedPaymentMethod, *, ip: str | None) -> None:
    """Take this one from now on if nothing else is said."""
    if method.is_default:
        return
    for each in methods_of(customer):
        each.is_default = False
    db.session.flush()  # there are never two, not even for a moment
    method.is_default = True
    db.session.flush()
    note_event(PortalEventKind.CHANGED_PAYMENT_METHOD, ip=ip, preferred=str(method))


def remove_method(
    customer: Customer,
    method: SavedPaymentMethod,
    provider: PaymentProvider | None,
    *,
    ip: str | None,
) -> None:
    """Have the provider forget it, and forget it here; the next one becomes the default."""
    if provider is not None:
        provider.forget(method.token)
    text, was_default = str(method), method.is_default
    db.session.delete(method)
    db.session.flush()
    left = methods_of(customer)
    if was_default and left:
        left[0].is_default = True
        db.session.flush()
    note_event(PortalEventKind.CHANGED_PAYMENT_METHOD, ip=ip, removed=text)
