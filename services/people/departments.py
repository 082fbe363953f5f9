"""Departments: which stand below which, and how many people work in them."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select

from models.base import db
from models.people.membership import UserMembership
from models.people.organization import Department
from models.people.user import User


@dataclass(frozen=True, kw_only=True)
class DepartmentEntry:
    """A department in its place: `depth` steps below the top, with the people in it and in those below it."""

    department: Department
    depth: int
    people: int
    people_below: int


class DepartmentTree:
    """All departments of the present organization, asked once."""

    def __init__(self) -> None:
        found = db.session.scalars(select(Department).order_by(Department.name, Department.id))
        self.departments: dict[int, Department] = {each.id: each for each in found}
        self._children: dict[int | None, list[int]] = defaultdict(list)
        for each in self.departments.values():
            self._children[each.parent_id].append(each.id)

    def find(self, key: int | None) -> Department | None:
        return self.departments.get(key) if key is not None else None

    def below(self, key: int) -> set[int]:
        """This department and all that stand below it."""
        reached, waiting = set(), [key]
        while waiting:
            if (one := waiting.pop()) not in reached:
                reached.add(one)
                waiting += self._children[one]
        return reached

    def above(self, key: int | None) -> list[int]:
        """This department and those above it, from the inside out."""
        way: list[int] = []
        while key is not None and key not in way:
            way.append(key)
            found = self.departments.get(key)
            key = found.parent_id if found else None
        return way

    def entries(self) -> list[DepartmentEntry]:
        """Every department below its parent, with its people; those of a circle stand at the end."""
        members = _members()
        entries: list[DepartmentEntry] = []
        seen: set[int] = set()

        def add(key: int, depth: int) -> None:
            if key in seen:
                return
            seen.add(key)
            below = set().union(*(members[one] for one in self.below(key)))
            entries.append(
                DepartmentEntry(
                    department=self.departments[key],
                    depth=depth,
                    people=len(members[key]),
                    people_below=len(below),
                )
            )
            for child in self._children[key]:
                add(child, depth + 1)

        for key in (*self._children[None], *self.departments):
            add(key, 0)
        return entries


def _members() -> dict[int | None, set[int]]:
    """Who works in which department, by key; people without one under None."""
    rows = db.session.execute(
        select(UserMembership.department_id, UserMembership.user_id)
        .join(User, User.id == UserMembership.user_id)
        .where(User.is_active)
    )
    members: dict[int | None, set[int]] = defaultdict(set)
    for department_id, user_id in rows:
        members[department_id].add(user_id)
    return members
