"""The fields of the portal's e-mails: what `{{ access_url }}` and its kin mean, where they may stand, where they must."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from models.portal.portal_text import PortalTextKind

COMMON: Mapping[str, Any] = {
    "contact.name": _l("Name of the contact"),
    "contact.login": _l("User name of the contact"),
    "company.name": _l("Name of our company"),
    "customer.name": _l("Name of the customer"),
    "sender.name": _l("Name of who writes"),
    "portal_url": _l("Address of the portal"),
}
OF_CHANGE: Mapping[str, Any] = {
    "new_primary": _l("Name of the new primary contact"),
    "previous_primary": _l("Name of the previous primary contact"),
    "company": _l("The customer whose primary contact changed"),
    "changed_by": _l("Who changed it"),
    "date": _l("Day of the change"),
}
K = PortalTextKind
_OWN: Mapping[PortalTextKind, Mapping[str, Any]] = {
    K.ACCESS_EMAIL: {
        "access_url": _l("Link by which the registration is completed"),
        "expires_on": _l("Last day of the link"),
    },
    K.VALIDATION_CONFIRMED: {},
    K.NEW_PRIMARY: OF_CHANGE,
    K.PREVIOUS_PRIMARY: OF_CHANGE,
    K.FORGOTTEN_USER_NAME: {"user_names": _l("All user names of the address")},
    K.SECONDARY_ADDED: {
        "new_contact": _l("Name of the contact that was added"),
        "company": _l("The customer that got another contact"),
        "changed_by": _l("Who added it"),
        "date": _l("Day on which it was added"),
    },
    K.PAYMENT_RECEIVED: {
        "amount": _l("Amount of the payment, with its currency"),
        "paid_on": _l("Day of the payment"),
        "documents": _l("Numbers of the documents that it pays"),
        "reference": _l("Reference of the payment"),
    },
    K.PASSWORD_RESET: {
        "reset_url": _l("Link by which a new password is chosen"),
        "minutes": _l("For how many minutes the link works"),
    },
}
MANDATORY: Mapping[PortalTextKind, str] = {
    K.ACCESS_EMAIL: "access_url",
    K.FORGOTTEN_USER_NAME: "user_names",
    K.PASSWORD_RESET: "reset_url",
}


def fields_of(kind: PortalTextKind) -> dict[str, Any]:
    """The fields that may stand in a text, with what each one means; on pages of the portal there are none."""
    return {**COMMON, **_OWN[kind]} if kind.is_email else {}
