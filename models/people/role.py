"""Roles and what they may do."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AdminInfo, Record


class Role(Record):
    """A named set of permissions; the built-in ones are administrator, clerk and reader."""

    __tablename__ = "role"
    __table_args__ = (UniqueConstraint("code"),)
    __admin__ = AdminInfo(
        label=_l("Role"),
        plural=_l("Roles"),
        menu=(_l("System"), _l("Roles")),
        icon="shield-check",
        order=21,
        read_only=True,
    )

    code: Mapped[str] = mapped_column(info={"label": _l("Code")})
    name: Mapped[str] = mapped_column(info={"label": _l("Name")})

    def __str__(self) -> str:
        return self.name


class Permission(Record):
    """One thing that a role may do: `action` on `resource`, each a name or `*` for all.

    `field` narrows it to one column, `denied` takes it away again (a denial beats a grant).
    """

    __tablename__ = "permission"
    __table_args__ = (
        UniqueConstraint(
            "role_id", "resource", "action", "field", postgresql_nulls_not_distinct=True
        ),
    )

    role_id: Mapped[int] = mapped_column(ForeignKey("role.id", ondelete="CASCADE"))
    resource: Mapped[str] = mapped_column()
    action: Mapped[str] = mapped_column()
    field: Mapped[str | None] = mapped_column()
    denied: Mapped[bool] = mapped_column(default=False)
