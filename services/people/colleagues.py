"""Who works in the present organization, and what their roles allow there, at whichever branch."""

from sqlalchemy import ColumnElement, or_, select, true

from models.base import db
from models.people.membership import UserMembership
from models.people.user import User
from services.people.access import rights_of_role


def works_here(user: User) -> bool:
    """Whether the user has a place in the present organization; who administers everything has one in each."""
    return user.is_global_admin or bool(db.session.scalar(select(has_place_here(user))))


def has_place_here(user: User) -> ColumnElement[bool]:
    """The same as a condition of any query, which spares it a question of its own."""
    if user.is_global_admin:
        return true()
    return select(UserMembership.id).where(UserMembership.user_id == user.id).exists()


def is_colleague() -> ColumnElement[bool]:
    """The same as a condition on `User`."""
    return or_(User.is_global_admin, User.id.in_(select(UserMembership.user_id)))


def roles_allow(user: User, resource: str, action: str) -> bool:
    """Whether one of the user's roles here allows it."""
    roles = db.session.scalars(
        select(UserMembership.role_id).where(UserMembership.user_id == user.id).distinct()
    )
    return any(rights_of_role(role_id).allows(resource, action) for role_id in roles)
