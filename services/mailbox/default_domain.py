"""The domain that is meant when somebody writes only what stands before the @ (S4-17).

It is inherited as a letterhead is: from the user, the department and those above it, the organization.
"""

from flask_babel import gettext as _
from sqlalchemy import select

from errors import Invalid
from mail.envelope import EmailAddress
from mail.errors import InvalidAddress
from models.base import db
from models.mailbox.letterhead import Letterhead
from models.people.organization import Department
from services.people.departments import DepartmentTree


class DefaultDomains:
    """The default domains of all levels of the present organization, asked once."""

    def __init__(self, tree: DepartmentTree) -> None:
        self._tree = tree
        found = db.session.scalars(
            select(Letterhead).where(Letterhead.default_domain.is_not(None))
        ).all()
        self._of_user: dict[int | None, str | None] = {
            each.user_id: each.default_domain for each in found if each.user_id
        }
        self._of_level: dict[int | None, str | None] = {
            each.department_id: each.default_domain for each in found if each.user_id is None
        }

    def of(self, user_id: int | None, department_id: int | None) -> str:
        """The domain for this person in this department; empty if no level says one."""
        levels = (*self._tree.above(department_id), None)
        named = (self._of_user.get(user_id), *(self._of_level.get(each) for each in levels))
        return next((domain for domain in named if domain), "")

    def own_of(self, department_id: int | None) -> str:
        """What this level (None: the organization) says itself."""
        return self._of_level.get(department_id) or ""

    def suppose(self, department_id: int | None, domain: str) -> None:
        """Count with this domain for the level, before it is saved."""
        self._of_level[department_id] = domain


def domain_of(text: str) -> str:
    """A domain as it is kept: in ASCII; raises Invalid. A leading @ is forgiven, and nothing means none."""
    typed = text.strip().removeprefix("@").rstrip(".")
    if not typed:
        return ""
    try:
        return EmailAddress.parse(f"x@{typed}").domain
    except InvalidAddress:
        raise Invalid(
            _("“%(domain)s” is not a mail domain. Write it like this: example.com", domain=typed),
            field="default_domain",
        ) from None


def keep_default_domain(department: Department | None, domain: str) -> bool:
    """Say the default domain of a level; whether that changed anything."""
    key = department.id if department else None
    level = db.session.scalar(
        select(Letterhead).where(Letterhead.department_id == key, Letterhead.user_id.is_(None))
    )
    if (level.default_domain if level else None) == (domain or None):
        return False
    if level is None:
        level = Letterhead(department_id=key)
        db.session.add(level)
    level.default_domain = domain or None
    db.session.flush()
    return True
