"""An add-on with a page of its own: who works in the company, and a greeting of theirs."""

from flask import Blueprint, render_template
from sqlalchemy import func, select

from admin_views.addons import AddOn, AddOnStatus, Right, in_languages
from admin_views.shell import lead_to
from models.base import db
from models.people.membership import UserMembership

TITLE = in_languages(en="Who is here", es="Quién está aquí")
blueprint = Blueprint("who_is_here", __name__, template_folder="templates")


@blueprint.get("/")
def index() -> str:
    lead_to((TITLE, None))
    return render_template("who_is_here/index.html", title=TITLE, people=people())


def people() -> int:
    """How many work in the present company; whose that is, the product sees to."""
    count = select(func.count(UserMembership.user_id.distinct()))
    return db.session.scalar(count) or 0


def status() -> AddOnStatus:
    words = in_languages(en=f"{people()} here", es=f"{people()} aquí")
    return AddOnStatus(word=str(words), tone="ok", icon="circle-check")


addon = AddOn(
    name="who_is_here",
    title=TITLE,
    description=in_languages(
        en="Counts who works in this company.", es="Cuenta quiénes trabajan en esta empresa."
    ),
    icon="users",
    endpoint=".index",
    right=Right(resource="user_membership", action="edit"),
    blueprint=blueprint,
    rights={"index": Right(resource="user_membership", action="edit")},
    status=status,
)
