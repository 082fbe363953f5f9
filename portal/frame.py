"""What stands around every page behind the guard: the company, the menu, who is here."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l

from models.people.organization import Organization
from portal.guard import current_portal, current_visitor
from portal.look import colours_url, logo_url
from portal.own_documents import current_sight
from services.people.tax_ids import plain_name, shown_tax_id
from services.portal.visible_documents import Sight, Subject

IN_FOOT_BAR = 4  # of a phone, beside «More»
IN_HEAD = 6  # of a wide window


@dataclass(frozen=True)
class MenuEntry:
    """A page in the menu; with `subject` only for those who see it, with `feature` only where the portal has it."""

    name: str
    label: Any
    endpoint: str
    icon: str
    subject: Subject | None = None
    feature: str | None = None


# The first ones stand at the foot of a phone.
MENU = (
    MenuEntry("home", _l("Home"), "portal-home.home", "home"),
    MenuEntry(
        "invoices",
        _l("Invoices"),
        "portal-documents.invoices",
        "file-invoice",
        Subject.INVOICES,
    ),
    MenuEntry(
        "quotes", _l("Quotes"), "portal-documents.quotes", "file-description", Subject.QUOTES
    ),
    MenuEntry(
        "account",
        _l("Account"),
        "portal-account.account",
        "list-details",
        Subject.STATEMENTS,
    ),
    MenuEntry(
        "sales_orders",
        _l("Sales orders"),
        "portal-documents.sales_orders",
        "package",
        Subject.SALES_ORDERS,
    ),
    MenuEntry("projects", _l("Projects"), "portal-project.projects", "briefcase", Subject.PROJECTS),
    MenuEntry("payments", _l("Payments"), "portal-payments.payments", "cash", Subject.PAYMENTS),
    MenuEntry(
        "credit_notes",
        _l("Credit notes"),
        "portal-documents.credit_notes",
        "receipt-refund",
        Subject.CREDIT_NOTES,
    ),
    MenuEntry(
        "statements",
        _l("Statements of account"),
        "portal-documents.statements",
        "list",
        Subject.STATEMENTS,
    ),
)
# Below the visitor's name.
VISITOR_MENU = (
    MenuEntry("profile", _l("My data"), "portal-profile.profile", "user"),
    MenuEntry("reviews", _l("Reviews"), "portal-reviews.reviews", "star", None, "allow_reviews"),
    MenuEntry("links", _l("Links to documents"), "portal-links.links", "link"),
    MenuEntry("security", _l("Access and security"), "portal-security.security", "shield-lock"),
)


@dataclass(frozen=True)
class Entry:
    """A line of a menu."""

    label: str
    url: str
    icon: str
    is_here: bool


@dataclass(frozen=True)
class Sender:
    """The company, as every page of its portal shows it."""

    title: str
    company: str
    tax_id: str
    email: str
    colours_url: str
    logo_url: str | None


@dataclass(frozen=True)
class PortalPage:
    """The frame of a page; `looks_as` is set where staff look as the customer would."""

    sender: Sender
    entries: list[Entry]
    visitor_entries: list[Entry]
    visitor: str
    login: str
    customer: str
    looks_as: bool
    home_url: str
    switch_url: str | None
    sign_out_url: str

    @property
    def title(self) -> str:
        return self.sender.title

    @property
    def in_foot_bar(self) -> int:
        return IN_FOOT_BAR

    @property
    def in_head(self) -> int:
        return IN_HEAD


def page(here: str) -> PortalPage:
    """The frame of the page with this name in the menu; what is off, or not for this visitor, is not in it."""
    portal, visitor = current_portal(), current_visitor()
    return PortalPage(
        sender=sender_of(portal.organization, portal.settings.title),
        entries=_entries(MENU, here),
        visitor_entries=_entries(VISITOR_MENU, here),
        visitor=visitor.name,
        login=visitor.login,
        customer=visitor.customer_name,
        looks_as=visitor.is_staff,
        home_url=url_for("portal-home.home"),
        switch_url=url_for("portal-door.customers") if visitor.has_other_customers else None,
        sign_out_url=url_for("portal-door.sign_out"),
    )


def sender_of(organization: Organization, title: str) -> Sender:
    """What a page tells of the company."""
    tax_id = ""
    if organization.tax_id:
        kind = plain_name(organization.tax_id_type) if organization.tax_id_type else ""
        tax_id = f"{kind} {shown_tax_id(organization.tax_id, organization.tax_id_type)}".strip()
    return Sender(
        title=title,
        company=organization.legal_name or organization.name,
        tax_id=tax_id,
        email=organization.email or "",
        colours_url=colours_url(organization),
        logo_url=logo_url(organization),
    )


def _entries(menu: tuple[MenuEntry, ...], here: str) -> list[Entry]:
    sight, portal_name = current_sight(), current_portal().name
    return [
        Entry(str(entry.label), _url(entry.endpoint, portal_name), entry.icon, entry.name == here)
        for entry in menu
        if _is_there(entry, sight)
    ]


@lru_cache(maxsize=2_000)
def _url(endpoint: str, portal_name: str) -> str:
    return url_for(endpoint, portal_name=portal_name)


def _is_there(entry: MenuEntry, sight: Sight) -> bool:
    if entry.subject is not None and not sight.sees(entry.subject):
        return False
    return entry.feature is None or bool(getattr(current_portal().settings, entry.feature))
