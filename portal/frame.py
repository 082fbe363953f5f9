"""What stands around every page behind the guard: the company, the menu, who is here."""

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from portal.guard import current_customer, current_portal, current_visitor


@dataclass(frozen=True)
class Entry:
    """A line of the menu."""

    label: str
    url: str
    is_here: bool


@dataclass(frozen=True)
class PortalPage:
    """The frame of a page; `looks_as` is set where staff look as the customer would."""

    title: str
    entries: list[Entry]
    visitor: str
    customer: str
    looks_as: bool
    home_url: str
    sign_out_url: str


def page(here: str) -> PortalPage:
    """The frame of the page with this name in the menu; what is off, or not for this visitor, is not in it."""
    portal, visitor = current_portal(), current_visitor()
    entries = [
        ("home", _("Home"), "portal-home.home", True),
        ("security", _("Access and security"), "portal-security.security", not visitor.is_staff),
    ]
    return PortalPage(
        title=portal.settings.title,
        entries=[
            Entry(label, url_for(endpoint), name == here)
            for name, label, endpoint, is_there in entries
            if is_there
        ],
        visitor=visitor.name,
        customer=current_customer().name,
        looks_as=visitor.is_staff,
        home_url=url_for("portal-home.home"),
        sign_out_url=url_for("portal-door.sign_out"),
    )
