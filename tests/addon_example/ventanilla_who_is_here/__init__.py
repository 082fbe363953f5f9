"""An add-on with pages of its own: who works in the company, and a wave to one of them."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from admin_views.addons import AddOn, AddOnStatus, Right, in_languages
from admin_views.scoping import scoped
from admin_views.shell import lead_to
from models.audit_trail import record_event
from models.base import db
from models.people.membership import UserMembership
from models.people.user import User

TITLE = in_languages(en="Who is here", es="Quién está aquí")
blueprint = Blueprint("who_is_here", __name__, template_folder="templates")


@blueprint.get("/")
def index() -> str:
    lead_to((TITLE, None))
    return render_template("who_is_here/index.html", title=TITLE, people=people())


@blueprint.get("/<int:user_id>")
def person(user_id: int) -> str:
    """One colleague; whoever is none does not exist."""
    user = _colleague(user_id)
    lead_to((TITLE, url_for(".index")), (user.name, None))
    return render_template("who_is_here/index.html", title=user.name, people=user.email)


@blueprint.post("/<int:user_id>/wave")
def wave(user_id: int) -> ResponseReturnValue:
    """Noted in the audit, and nothing else."""
    user = _colleague(user_id)
    record_event(db.session(), entity="user", entity_id=user.id, action="wave")
    db.session.commit()
    flash(user.name)
    return redirect(url_for(".index"))


def _colleague(user_id: int) -> User:
    found: User | None = db.session.scalar(scoped(User).where(User.id == user_id))
    return found or abort(404)


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
    rights={
        "index": Right(resource="user_membership", action="edit"),
        "person": Right(resource="user_membership", action="edit"),
        "wave": Right(resource="user_membership", action="edit"),
    },
    status=status,
)
