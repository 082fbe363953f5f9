"""The companies that use this installation, and their branches and departments."""

import uuid
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, FetchedValue, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship, remote

from models.base import AdminInfo, EditableRecord, Record, within_organization
from models.column_types import FileHash
from models.keys import belongs_to
from models.public_id import uuid7


class Organization(Record):
    """A company whose customers are served here; everything business belongs to exactly one."""

    __tablename__ = "organization"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("code ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$'", name="code_is_short"),
        CheckConstraint("base_currency ~ '^[A-Z]{3}$'", name="currency_is_iso"),
    )
    __admin__ = AdminInfo(
        label=_l("Organization"),
        plural=_l("Organizations"),
        menu=(_l("System"), _l("Organizations")),
        icon="building",
        order=10,
    )

    public_id: Mapped[uuid.UUID] = mapped_column(default=uuid7, unique=True, info={"hidden": True})
    code: Mapped[str] = mapped_column(info={"label": _l("Code")})
    name: Mapped[str] = mapped_column(info={"label": _l("Name"), "search": True})
    legal_name: Mapped[str | None] = mapped_column(info={"label": _l("Legal name"), "list": False})
    tax_id_type: Mapped[str | None] = mapped_column(
        info={"label": _l("Tax id type"), "list": False, "widget": "tax_id_type"}
    )
    tax_id: Mapped[str | None] = mapped_column(info={"label": _l("Tax id")})
    default_lang: Mapped[str] = mapped_column(
        default="es", info={"label": _l("Language"), "widget": "language"}
    )
    timezone: Mapped[str] = mapped_column(
        default="America/Bogota", info={"label": _l("Time zone"), "list": False}
    )
    base_currency: Mapped[str] = mapped_column(
        default="EUR", info={"label": _l("Currency"), "widget": "currency"}
    )
    address: Mapped[str | None] = mapped_column(
        info={"label": _l("Address"), "list": False, "widget": "long"}
    )
    phone: Mapped[str | None] = mapped_column(
        info={"label": _l("Phone"), "list": False, "widget": "phone"}
    )
    email: Mapped[str | None] = mapped_column(
        info={"label": _l("E-mail"), "list": False, "widget": "email"}
    )
    website: Mapped[str | None] = mapped_column(
        info={"label": _l("Website"), "list": False, "widget": "url"}
    )
    payment_instructions: Mapped[str | None] = mapped_column(
        info={
            "label": _l("How customers pay"),
            "help": _l(
                "The bank account, for example. Stands on open invoices and in the portal; when it changes, everybody"
                " who gets invoices is told by e-mail."
            ),
            "list": False,
            "widget": "long",
        }
    )
    # A trigger keeps it, whoever changes them.
    payment_instructions_since: Mapped[datetime | None] = mapped_column(
        server_default=FetchedValue(), server_onupdate=FetchedValue(), info={"hidden": True}
    )
    brand_color: Mapped[str] = mapped_column(
        default="#0b5a73", info={"label": _l("Brand colour"), "list": False}
    )
    logo_sha256: Mapped[str | None] = mapped_column(
        FileHash,
        info={
            "label": _l("Logo"),
            "help": _l("Printed on every document."),
            "list": False,
            "kinds": ("png", "jpeg", "gif", "svg"),
            "most_bytes": 2_000_000,
        },
    )
    users_write_letterhead: Mapped[bool] = mapped_column(
        default=False,
        info={
            "label": _l("Users write their own header, signature and footer"),
            "help": _l("Under My account. Without it, only who manages the mail accounts does."),
            "list": False,
        },
    )

    @classmethod
    def by_code(cls, code: str) -> Select[Any]:
        """The organization with this code, whatever its case."""
        return select(cls).where(cls.code.ilike(code.replace("_", r"\_").replace("%", r"\%")))

    def __str__(self) -> str:
        return self.name


class Branch(EditableRecord):
    """A place of business of an organization (*sucursal*)."""

    __tablename__ = "branch"
    __table_args__ = (within_organization(), UniqueConstraint("organization_id", "code"))
    __admin__ = AdminInfo(
        label=_l("Branch"),
        plural=_l("Branches"),
        menu=(_l("System"), _l("Branches")),
        icon="map-pin",
        order=11,
    )

    code: Mapped[str] = mapped_column(info={"label": _l("Code")})
    name: Mapped[str] = mapped_column(info={"label": _l("Name"), "search": True})

    def __str__(self) -> str:
        return self.name


class Department(EditableRecord):
    """A part of an organization's staff; departments can stand under one another."""

    __tablename__ = "department"
    __table_args__ = (
        within_organization(),
        UniqueConstraint("organization_id", "code"),
        belongs_to("department", "parent_id"),
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
    )
    __admin__ = AdminInfo(
        label=_l("Department"),
        plural=_l("Departments"),
        menu=(_l("System"), _l("Departments")),
        icon="sitemap",
        order=12,
    )

    code: Mapped[str] = mapped_column(info={"label": _l("Code")})
    name: Mapped[str] = mapped_column(info={"label": _l("Name"), "search": True})
    parent_id: Mapped[int | None] = mapped_column(info={"label": _l("Under")})

    parent: Mapped["Department | None"] = relationship(
        primaryjoin=lambda: foreign(Department.parent_id) == remote(Department.id),
        info={"label": _l("Under")},
    )

    def __str__(self) -> str:
        return self.name
