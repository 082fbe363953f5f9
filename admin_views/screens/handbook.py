"""Help inside the product: the pages of `docs/how-to/` in the reader's language (S1-02)."""

from flask import Blueprint, abort, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from admin_views.reader_formats import language
from admin_views.shell import lead_to
from files.handbook import handbook_page, picture

# Those written for clerks and administrators, and how an add-on is written: its page links there.
PAGES = {
    "send-a-mailing",
    "set-up-mail-accounts",
    "set-up-the-portal",
    "use-the-e-mail-area",
    "write-an-add-on",
}
blueprint = Blueprint("handbook", __name__, url_prefix="/help")


@blueprint.get("/<name>")
def page(name: str) -> ResponseReturnValue:
    """A page of the handbook; cleaned, so it may stand among ours."""
    if name not in PAGES:
        abort(404)
    found = handbook_page(name, language(), _picture_url)
    lead_to((_("Help"), None), (found.title, None))
    text = Markup(found.html)  # nosec B704  # cleaned there
    return render_template("admin/help/page.html", title=found.title, text=text)


@blueprint.get("/pictures/<name>")
def show_picture(name: str) -> ResponseReturnValue:
    return send_file(picture(name), "image/png")


def _picture_url(name: str) -> str:
    return url_for("handbook.show_picture", name=name)
