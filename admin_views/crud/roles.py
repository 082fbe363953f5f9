"""Roles: what each of them may do, screen by screen, and how many people have it."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from admin_views.base import ModelScreen
from admin_views.crud.advanced_users import user_tabs
from admin_views.formatters import yes_no
from admin_views.identity import current_staff
from admin_views.registry import models_with_screens, screen_for
from models.base import db
from models.people.membership import UserMembership
from models.people.role import Role
from models.people.user import User
from services.people.access import rights_of_role

ACTIONS = (
    ("view", _l("Sees")),
    ("create", _l("Creates")),
    ("edit", _l("Edits")),
    ("delete", _l("Deletes")),
)


@screen_for(Role)
class RoleScreen(ModelScreen):
    """A role is given to people in their memberships; its rights come with the product."""

    list_template_name = "admin/people/users.html"

    def _list_context(self, asked: Any) -> dict[str, Any]:
        context: dict[str, Any] = super()._list_context(asked)
        may_see_users = current_staff().rights.allows("user", "view")
        return {**context, "user_tabs": user_tabs("roles") if may_see_users else []}

    def details_of(self, record: Any, **more: Any) -> str:
        return super().details_of(record, **{"lines": [_people(record), _rights(record)], **more})


def _people(role: Role) -> dict[str, Any]:
    """How many of the organization have it."""
    count = db.session.scalar(
        select(func.count(UserMembership.user_id.distinct()))
        .join(User, User.id == UserMembership.user_id)
        .where(UserMembership.role_id == role.id, User.is_active)
    )
    return {
        "title": _("Who has it"),
        "columns": [(_("Active users here"), "w")],
        "rows": [[str(count or 0)]],
    }


def _rights(role: Role) -> dict[str, Any]:
    """What it may do with the records of each screen; a screen of which it sees nothing is left out."""
    rights = rights_of_role(role.id)
    rows: list[Sequence[Any]] = []
    for model in models_with_screens():
        resource = str(model.__table__.name)
        if not rights.allows(resource, "view"):
            continue
        is_fixed = model.__admin__.read_only
        rows.append(
            [
                str(model.__admin__.plural),
                *(
                    yes_no(rights.allows(resource, action) and (action == "view" or not is_fixed))
                    for action, _label in ACTIONS
                ),
            ]
        )
    return {
        "title": _("What it may do"),
        "columns": [(_("Records"), "w"), *((str(label), "n") for _action, label in ACTIONS)],
        "rows": rows,
    }
