"""Who works in the present organization, and what their roles allow there, at whichever branch."""

from sqlalchemy import ColumnElement, or_, select

from models.base import db
from models.people.membership import UserMembership
from models.people.user import User
from services.people.access import rights_of_role


def works_here(user: User) -> bool:
    """Whether the user has a place in the present organization; who administers everything has one in each."""
    if user.is_global_admin:
        return True
    place = select(UserMembership.id).where(UserMembership.user_id == user.id).limit(1)
    return db.session.scalar(place) is not None


def is_colleague() -> ColumnElement[bool]:
    """The same as a condition on `User`."""
    return or_(User.is_global_admin, User.id.in_(select(UserMembership.user_id)))


def roles_allow(user: User, resource: str, action: str) -> bool:
    """Whether one of the user's roles here allows it."""
    roles = db.session.scalars(
        select(UserMembership.role_id).where(UserMembership.user_id == user.id).distinct()
    )
    return any(rights_of_role(role_id).allows(resource, action) for role_id in roles)
