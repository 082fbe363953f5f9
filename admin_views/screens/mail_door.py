"""What all pages of the mail area share: their blueprint, who may come in, their place in the menu."""

from flask import Blueprint, g, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin_views.identity import current_staff
from admin_views.menu import MenuPage
from admin_views.shell import lead_to
from models.mailbox.message import Message
from models.people.user import User
from services.mailbox.folder_badges import unread_by

RESOURCE = "message"


def waiting() -> int:
    """Unread conversations of whoever looks, counted once a page: the menu says it, and the list of folders."""
    if "mail_waiting" not in g:
        g.mail_waiting = unread_by(current_staff().user)
    count: int = g.mail_waiting
    return count


MENU_PAGE = MenuPage(
    menu_path=(_l("Collaborative"), _l("E-mail area")),
    menu_icon="mail",
    menu_order=1,
    endpoint="mail_area",
    index_name="index",
    resource=RESOURCE,
    waiting=waiting,
)

blueprint = Blueprint("mail_area", __name__, url_prefix="/mail")


def reader(action: str = "view") -> User:
    """Who reads. Raises Forbidden unless their role allows this with messages."""
    staff = current_staff()
    staff.rights.require(RESOURCE, action)
    return staff.user


def allows(action: str) -> bool:
    return current_staff().rights.allows(RESOURCE, action)


def is_for(part: str) -> bool:
    """Whether htmx asks for this part of the page alone."""
    return request.headers.get("HX-Target") == part


def compose_url(kind: str, message: Message | None = None, *, beside: str = "") -> str:
    """Where a message is written: a new one, or one that follows this one; `beside` the place of the area where it begins."""
    return url_for(
        "mail_area.compose",
        kind=kind if message else None,
        message=message.public_id if message else None,
        beside=beside or None,
    )


def trail(*pages: tuple[str, str | None]) -> None:
    """The breadcrumb in the words of the menu, and the help about all these pages."""
    g.help_url = url_for("handbook.page", name="use-the-e-mail-area")
    area = (_("E-mail area"), url_for("mail_area.index") if pages else None)
    lead_to((_("Collaborative"), None), area, *pages)
