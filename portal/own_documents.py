"""What the visitor may see of the customer at whom they stand; whatever they may not see does not exist for them."""

from datetime import date, datetime
from uuid import UUID

from flask import g
from flask_babel import gettext as _

from errors import NotFound
from models.base import utc_now
from models.sales.document import Document
from portal.company_clock import there
from portal.guard import current_customer_id, current_portal, current_visitor
from services.portal.visible_documents import (
    Sight,
    Subject,
    document_called,
    sight_of_contact,
    sight_of_staff,
)

SUBJECTS_OF_FEATURES = {
    "show_sales_orders": Subject.SALES_ORDERS,
    "show_projects": Subject.PROJECTS,
}


def current_sight() -> Sight:
    """What the visitor sees, less what this portal does not show."""
    if "portal_sight" not in g:
        visitor, settings = current_visitor(), current_portal().settings
        customer_id = current_customer_id()
        sight = (
            sight_of_staff(customer_id)
            if visitor.is_staff and visitor.contact_id is None
            else sight_of_contact(customer_id, visitor.roles, is_primary=visitor.is_primary)
        )
        off = [
            subject
            for feature, subject in SUBJECTS_OF_FEATURES.items()
            if not getattr(settings, feature)
        ]
        g.portal_sight = (
            sight.without(*off).reading_only() if visitor.is_staff else sight.without(*off)
        )
    found: Sight = g.portal_sight
    return found


def require(*subjects: Subject) -> None:
    """Raise NotFound unless the visitor sees one of these."""
    if not any(current_sight().sees(subject) for subject in subjects):
        raise NotFound(_("This page does not exist."))


def own_document(public_id: UUID) -> Document:
    """The document with this public name, if it is the visitor's to see; raises NotFound."""
    found = document_called(current_sight(), public_id)
    if found is None:
        raise NotFound(_("This document does not exist, or you have no access to it."))
    return found


def today() -> date:
    """The day on the wall of the company whose portal this is."""
    return now_there().date()


def now_there() -> datetime:
    """The moment there."""
    return there(utc_now())
