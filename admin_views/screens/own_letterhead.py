"""One's own header, signature and footer, where the organization lets users write them (S4-18, X4-10)."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from admin_views.identity import current_staff
from admin_views.screens.account_letterhead import accepted, checked, page_of, preview_of
from admin_views.screens.account_letterhead_form import Desk
from errors import NotFound

blueprint = Blueprint("own_letterhead", __name__, url_prefix="/account/letterhead")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """What stands around one's own messages."""
    desk = _own_desk()
    return page_of(desk, desk.shown())


@blueprint.post("")
def accept() -> ResponseReturnValue:
    """Save it, or do what the button says; a test goes to one's own address only."""
    return accepted(_own_desk())


@blueprint.route("/preview", methods=["GET", "POST"])
def preview() -> ResponseReturnValue:
    """Only the message, for the frame that shows it."""
    return preview_of(_own_desk())


@blueprint.post("/check")
def check() -> ResponseReturnValue:
    """What is wrong in the texts as they are typed."""
    return checked(_own_desk())


def may_write_own() -> bool:
    """Whether the organization allows it."""
    organization = current_staff().organization
    return organization is not None and organization.users_write_letterhead


def _own_desk() -> Desk:
    if not may_write_own():
        raise NotFound(_("Your organization writes header, signature and footer for everybody."))
    return Desk(current_staff().user)
