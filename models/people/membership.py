"""Where staff users work."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import AdminInfo, OrganizationRecord
from models.keys import belongs_to
from models.people.organization import Branch, Department, Organization
from models.people.role import Role
from models.people.user import User


class UserMembership(OrganizationRecord):
    """Where a user works and with which role; without a branch, in all of them."""

    __tablename__ = "user_membership"
    __table_args__ = (
        UniqueConstraint(
            "organization_id", "user_id", "branch_id", postgresql_nulls_not_distinct=True
        ),
        belongs_to("branch"),
        belongs_to("department"),
        Index("ix_user_membership_user_id", "user_id"),
    )
    __admin__ = AdminInfo(
        label=_l("Membership"),
        plural=_l("Memberships"),
        menu=(_l("System"), _l("Memberships")),
        icon="id-badge",
        title="id",
        order=22,
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    role_id: Mapped[int] = mapped_column(ForeignKey("role.id"))
    branch_id: Mapped[int | None] = mapped_column()
    department_id: Mapped[int | None] = mapped_column()

    user: Mapped[User] = relationship(info={"label": _l("User")})
    role: Mapped[Role] = relationship(info={"label": _l("Role"), "bulk": False})
    organization: Mapped[Organization] = relationship(viewonly=True, info={"hidden": True})
    branch: Mapped[Branch | None] = relationship(
        primaryjoin=lambda: foreign(UserMembership.branch_id) == Branch.id,
        info={"label": _l("Branch")},
    )
    department: Mapped[Department | None] = relationship(
        primaryjoin=lambda: foreign(UserMembership.department_id) == Department.id,
        info={"label": _l("Department")},
    )

    @classmethod
    def of_user(cls, user: User) -> Select[Any]:
        """Every place where this user works, in all organizations."""
        return select(cls).where(cls.user_id == user.id).order_by(cls.organization_id, cls.id)
