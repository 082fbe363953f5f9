"""Where somebody works: the choice of organization and branch after signing in (S4-03)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from errors import NotFound
from models.audit_trail import record_event
from models.base import db
from models.people.membership import UserMembership
from models.people.organization import Branch, Organization
from models.people.role import Role
from models.people.user import User
from models.people.user_session import UserSession
from models.tenancy import across_organizations
from services.people.access import ALL_RIGHTS, Rights, rights_of_role


@dataclass(frozen=True)
class Place:
    """One organization, one of its branches (None: all of them), and what the user may do there."""

    organization: Organization
    branch: Branch | None
    role: Role | None
    rights: Rights


@dataclass(frozen=True)
class Company:
    """An organization where the user works, with the branches to choose from."""

    organization: Organization
    branches: Sequence[Branch] = field(default=())
    may_see_all_branches: bool = True

    @property
    def needs_choice(self) -> bool:
        return len(self.branches) > 1

    def starts_with(self) -> Branch | None:
        """The branch of somebody who has nothing to choose."""
        return None if self.may_see_all_branches or not self.branches else self.branches[0]


def companies_of(user: User) -> list[Company]:
    """Every organization where this user may work, by name."""
    with across_organizations():
        memberships = db.session.scalars(UserMembership.of_user(user)).all()
        wanted = select(Organization).order_by(Organization.name, Organization.id)
        if not user.is_global_admin:
            wanted = wanted.where(Organization.id.in_({m.organization_id for m in memberships}))
        organizations = db.session.scalars(wanted).all()
        branches = db.session.scalars(
            select(Branch)
            .where(Branch.organization_id.in_([o.id for o in organizations]))
            .order_by(Branch.code, Branch.id)
        ).all()
    companies = []
    for organization in organizations:
        own = [m.branch_id for m in memberships if m.organization_id == organization.id]
        sees_all = user.is_global_admin or None in own
        companies.append(
            Company(
                organization,
                [
                    branch
                    for branch in branches
                    if branch.organization_id == organization.id and (sees_all or branch.id in own)
                ],
                sees_all,
            )
        )
    return companies


def place_of(user: User, organization_id: int, branch_id: int | None) -> Place | None:
    """The place, if this user may work there; a membership of one branch opens only that branch."""
    with across_organizations():
        memberships = db.session.scalars(
            UserMembership.of_user(user)
            .where(UserMembership.organization_id == organization_id)
            .options(joinedload(UserMembership.role), joinedload(UserMembership.organization))
        ).all()
        # The role of the very branch goes before the role for the whole organization.
        fitting = sorted(
            (m for m in memberships if m.branch_id in (None, branch_id)),
            key=lambda m: m.branch_id is None,
        )
        if not fitting and not user.is_global_admin:
            return None
        organization = db.session.get(Organization, organization_id)
        branch = db.session.get(Branch, branch_id) if branch_id else None
        role = db.session.get(Role, fitting[0].role_id) if fitting else None
    if organization is None or (branch_id and branch is None):
        return None
    if branch is not None and branch.organization_id != organization.id:
        return None
    rights = ALL_RIGHTS if user.is_global_admin or role is None else rights_of_role(role.id)
    return Place(organization, branch, role, rights)


def choose_place(
    user: User, session: UserSession, organization_id: int, branch_id: int | None
) -> Place:
    """Work there from now on, in this browser; raises NotFound for a place that is not the user's."""
    place = place_of(user, organization_id, branch_id)
    if place is None:
        raise NotFound(_("You do not work in this company or branch."))
    before = {"organization": session.organization_id, "branch": session.branch_id}
    session.organization_id, session.branch_id = organization_id, branch_id
    record_event(
        db.session(),
        entity="user",
        entity_id=user.id,
        action="choose_place",
        before=before if before["organization"] else None,
        after={"organization": organization_id, "branch": branch_id},
        organization_id=organization_id,
    )
    db.session.flush()
    return place


def only_place_of(user: User) -> tuple[int, int | None] | None:
    """Organization and branch of a user who has nothing to choose, or who wants the last place again."""
    companies = companies_of(user)
    if user.wants_last_place and (last := last_place_of(user)):
        return last
    if len(companies) == 1 and not companies[0].needs_choice:
        company = companies[0]
        branch = company.starts_with()
        return company.organization.id, branch.id if branch else None
    return None


def last_place_of(user: User) -> tuple[int, int | None] | None:
    """Where the user worked last, if it is still open to them."""
    last = db.session.execute(
        select(UserSession.organization_id, UserSession.branch_id)
        .where(UserSession.user_id == user.id, UserSession.organization_id.is_not(None))
        .order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())
        .limit(1)
    ).first()
    if last is None or place_of(user, last.organization_id, last.branch_id) is None:
        return None
    return last.organization_id, last.branch_id


def only_company() -> str | None:
    """The name of the company if this installation serves just one: its sign-in page may say so."""
    names = db.session.scalars(select(Organization.name).limit(2)).all()
    return names[0] if len(names) == 1 else None


def remember_place(user: User, *, wanted: bool) -> None:
    """Whether the next sign-in goes straight to the last place."""
    db.session.execute(
        update(User)
        .where(User.id == user.id)
        .values(wants_last_place=wanted)
        .execution_options(synchronize_session=False)
    )
