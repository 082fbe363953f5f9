"""What all pages of mailings share: their blueprint, who may come in, the way back to the invoices."""

import uuid
from urllib.parse import urlsplit

from flask import Blueprint, current_app, g, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin_views.identity import current_staff
from admin_views.menu import MenuPage
from admin_views.next_page import is_inside
from admin_views.shell import lead_to
from models.mailings.mailing import Mailing
from services.mailings.mailing_list import mailing_known_as

RESOURCE = "mailing"
INVOICES = "invoice.index_view"
STATEMENTS = "statement.index_view"
LONGEST_ADDRESS = 2_000  # as the cookie of the session writes it, which has room for 4,000

MENU_PAGE = MenuPage(
    menu_path=(_l("Common tasks"), _l("Mailings by e-mail")),
    menu_icon="send",
    menu_order=2,
    endpoint="mailing_console",
    index_name="console",
    resource=RESOURCE,
)

blueprint = Blueprint("mailing_console", __name__, url_prefix="/mailings")


def require(action: str) -> None:
    """Raise Forbidden unless the role allows this with mailings."""
    current_staff().rights.require(RESOURCE, action)


def allows(action: str) -> bool:
    return current_staff().rights.allows(RESOURCE, action)


def the_mailing(public_id: uuid.UUID, action: str = "view") -> Mailing:
    """The mailing, if the role allows this with it and it is of this organization; else 403 or 404."""
    require(action)
    return mailing_known_as(public_id)


def keep_invoices_url() -> None:
    """Remember the list of invoices that somebody comes from, with its filter and page (S1-20)."""
    came_from = request.args.get("from", "")
    if len(ascii(came_from)) <= LONGEST_ADDRESS and is_inside(came_from):
        session["invoices_url"] = came_from


def invoices_url() -> str:
    """The list of invoices as it was left."""
    kept = session.get("invoices_url", "")
    if is_inside(kept):
        return str(kept)
    return url_for(INVOICES if INVOICES in current_app.view_functions else "home.home")


def comes_from_statements() -> bool:
    """Whether the list that one comes from is that of statements of account."""
    view = current_app.view_functions.get(STATEMENTS)
    return view is not None and urlsplit(invoices_url()).path == url_for(STATEMENTS)


def console_url(mailing: Mailing | None = None) -> str:
    """The console, with this mailing chosen."""
    if mailing is None:
        return url_for("mailing_console.console")
    return url_for("mailing_console.console", mailing=mailing.public_id)


def trail(*pages: tuple[str, str | None]) -> None:
    """The breadcrumb in the words of the menu, Home > Common tasks > Invoices > Mailings by e-mail > …, and the help."""
    g.help_url = url_for("handbook.page", name="send-a-mailing")
    mailings = (_("Mailings by e-mail"), console_url() if pages else None)
    came_from = _("Statements of account") if comes_from_statements() else _("Invoices")
    lead_to((_("Common tasks"), None), (came_from, invoices_url()), mailings, *pages)
