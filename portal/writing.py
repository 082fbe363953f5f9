"""Who of a customer may write: everybody but those who only read, and staff who look."""

from flask_babel import gettext as _

from errors import Forbidden
from models.people.contact import ContactRole
from portal.guard import current_visitor


def may_write() -> bool:
    """Whether the visitor comments, forwards and changes what is the customer's."""
    visitor = current_visitor()
    if visitor.is_staff:
        return False
    return visitor.is_primary or bool(set(visitor.roles) - {ContactRole.READONLY})


def require_writer() -> None:
    """Raise Forbidden for who only reads."""
    if not may_write():
        raise Forbidden(_("Your role at this customer only reads."))
