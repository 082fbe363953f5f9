"""Where users work: their memberships with company, branch and department, for lists of users (S4-06)."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from models.base import db
from models.people.membership import UserMembership
from models.people.organization import Department, Organization
from models.people.user import User
from models.tenancy import across_organizations, current_scope
from services.people.departments import DepartmentTree


@contextmanager
def seen_by(*, everywhere: bool) -> Iterator[None]:
    """Read the present organization; or all of them, for who administers the whole installation."""
    if everywhere:
        with across_organizations():
            yield
    else:
        yield


def workplaces_of(
    user_ids: Collection[int], *, everywhere: bool
) -> dict[int, list[UserMembership]]:
    """Each user's places, those of the present organization first."""
    here = current_scope().organization_id
    query = (
        select(UserMembership)
        .where(UserMembership.user_id.in_(user_ids))
        .options(
            joinedload(UserMembership.organization),
            joinedload(UserMembership.branch),
            joinedload(UserMembership.department).joinedload(Department.parent),
        )
        .order_by(
            UserMembership.organization_id != here,
            UserMembership.organization_id,
            UserMembership.id,
        )
    )
    places: dict[int, list[UserMembership]] = defaultdict(list)
    with seen_by(everywhere=everywhere):
        for place in db.session.scalars(query):
            places[place.user_id].append(place)
    return places


def department_names(*, everywhere: bool) -> dict[int, str]:
    """The departments to choose from by key, sorted: “Ventas · Norte”, with the company if there are several."""
    with seen_by(everywhere=everywhere):
        tree = DepartmentTree()
        companies = {each.id: each.name for each in db.session.scalars(select(Organization))}
    several = everywhere and len(companies) > 1
    names = {}
    for key, department in tree.departments.items():
        path = [tree.departments[each].name for each in reversed(tree.above(key))]
        company = [companies[department.organization_id]] if several else []
        names[key] = " · ".join([*company, *path])
    return dict(sorted(names.items(), key=lambda one: one[1].casefold()))


def works_in(department_id: int, *, everywhere: bool) -> ColumnElement[bool]:
    """Whether a user works in this department or in one below it; the caller has seen that it may be asked for."""
    with seen_by(everywhere=everywhere):
        departments = DepartmentTree().below(department_id)
    place = (
        UserMembership.__table__
    )  # by keys that are known, so in no other company than these are of
    users = select(place.c.user_id).where(place.c.department_id.in_(departments))
    return User.id.in_(users)
