"""What stands around every page behind the guard: the company, the menu, who is here."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from portal.guard import current_portal, current_visitor
from portal.looked_as import LookedAs, contacts_to_look_as
from portal.own_documents import current_sight
from portal.sender import Sender
from portal.urls import page_url
from services.portal.visible_documents import Sight, Subject

IN_FOOT_BAR = 4  # of a phone, beside “More”
IN_HEAD = 6  # of a wide window


@dataclass(frozen=True, eq=False)
class MenuEntry:
    """A page in the menu; with `subject` only for those who see it, with `feature` only where the portal has it.

    One that `is_hidden_when_empty` stands there once there is something on it. What is not `is_for_look` is the visitor's own:
    staff who look have none.
    """

    name: str
    label: Any
    endpoint: str
    icon: str
    subject: Subject | None = None
    feature: str | None = None
    is_for_look: bool = True
    is_hidden_when_empty: bool = False


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
        "quotes",
        _l("Quotes"),
        "portal-documents.quotes",
        "file-description",
        Subject.QUOTES,
        is_hidden_when_empty=True,
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
        is_hidden_when_empty=True,
    ),
    MenuEntry(
        "projects",
        _l("Projects"),
        "portal-project.projects",
        "briefcase",
        Subject.PROJECTS,
        is_hidden_when_empty=True,
    ),
    MenuEntry(
        "payments",
        _l("Payments"),
        "portal-payments.payments",
        "cash",
        Subject.PAYMENTS,
        is_hidden_when_empty=True,
    ),
    MenuEntry(
        "credit_notes",
        _l("Credit notes"),
        "portal-documents.credit_notes",
        "receipt-refund",
        Subject.CREDIT_NOTES,
        is_hidden_when_empty=True,
    ),
    MenuEntry(
        "statements",
        _l("Statements of account"),
        "portal-documents.statements",
        "list",
        Subject.STATEMENTS,
        is_hidden_when_empty=True,
    ),
)
# Below the visitor's name.
VISITOR_MENU = (
    MenuEntry("profile", _l("My data"), "portal-profile.profile", "user"),
    MenuEntry("reviews", _l("Reviews"), "portal-reviews.reviews", "star", None, "allow_reviews"),
    MenuEntry("links", _l("Links to documents"), "portal-links.links", "link"),
    MenuEntry(
        "security",
        _l("Access and security"),
        "portal-security.security",
        "shield-lock",
        is_for_look=False,
    ),
)


@dataclass(frozen=True)
class Entry:
    """A line of a menu."""

    label: str
    url: str
    icon: str
    is_here: bool


@dataclass(frozen=True)
class PortalPage:
    """The frame of a page; where staff look as the customer would, `looks_as` has the contacts as whom they can."""

    sender: Sender
    entries: tuple[Entry, ...]
    visitor_entries: tuple[Entry, ...]
    visitor: str
    login: str
    customer: str
    is_look: bool
    looks_as: list[LookedAs]
    look_url: str
    home_url: str
    switch_url: str | None
    sign_out_url: str
    language_url: str
    verify_url: str

    @property
    def first_name(self) -> str:
        """Of whom the page greets: nobody in particular where staff look at the customer in whole."""
        is_somebody = not self.is_look or any(each.is_here for each in self.looks_as)
        return next(iter(self.visitor.split()), "") if is_somebody else ""

    @property
    def looked_as(self) -> str:
        """As whom staff look: one of the customer's contacts, or the customer in whole."""
        is_somebody = any(each.is_here for each in self.looks_as)
        return f"{self.visitor} ({self.customer})" if is_somebody else self.customer

    @property
    def title(self) -> str:
        return self.sender.title

    @property
    def in_foot_bar(self) -> int:
        return IN_FOOT_BAR

    @property
    def in_head(self) -> int:
        return IN_HEAD

    @property
    def more_entries(self) -> tuple[Entry, ...]:
        """What stands below “More” on a phone; on a wide window the first of them stand in the head."""
        return self.entries[IN_FOOT_BAR:]

    @property
    def more_is_here(self) -> str:
        """The class that lights “More”: where the page is below it, never besides an entry that is lit itself."""
        if any(entry.is_here for entry in self.entries[IN_HEAD:]):
            return "here"
        return "here-narrow" if any(entry.is_here for entry in self.more_entries) else ""


def page(here: str) -> PortalPage:
    """The frame of the page with this name in the menu; what is off, or not for this visitor, is not in it."""
    portal, visitor = current_portal(), current_visitor()
    looks_as = contacts_to_look_as() if visitor.is_staff else []
    return PortalPage(
        sender=portal.sender,
        entries=_entries(MENU, here),
        visitor_entries=_entries(VISITOR_MENU, here),
        visitor=next((each.name for each in looks_as if each.is_here), visitor.name),
        login=visitor.login,
        customer=visitor.customer_name,
        is_look=visitor.is_staff,
        looks_as=looks_as,
        look_url=page_url("portal-door.look"),
        home_url=page_url("portal-home.home"),
        switch_url=page_url("portal-door.customers") if visitor.has_other_customers else None,
        sign_out_url=page_url("portal-door.sign_out"),
        language_url=page_url("portal-door.language"),
        verify_url=page_url("portal-verify.verify"),
    )


def _entries(menu: tuple[MenuEntry, ...], here: str) -> tuple[Entry, ...]:
    sight = current_sight()
    present = tuple(entry for entry in menu if _is_there(entry, sight))
    return _in_words(present, here, current_portal().name, str(get_locale()))


@lru_cache(maxsize=5_000)
def _in_words(
    entries: tuple[MenuEntry, ...], here: str, portal_name: str, lang: str
) -> tuple[Entry, ...]:
    """In the language of the reader, with the addresses of this portal: many read the same menu."""
    return tuple(
        Entry(str(entry.label), page_url(entry.endpoint), entry.icon, entry.name == here)
        for entry in entries
    )


def _is_there(entry: MenuEntry, sight: Sight) -> bool:
    visitor = current_visitor()
    if entry.subject is not None and not sight.sees(entry.subject):
        return False
    if entry.is_hidden_when_empty and entry.subject not in visitor.holds:
        return False
    if visitor.is_staff and not entry.is_for_look:
        return False
    return entry.feature is None or bool(getattr(current_portal().settings, entry.feature))
