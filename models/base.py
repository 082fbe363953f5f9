"""The foundation of every table: the database handle, naming rules and the abstract records."""

import enum
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from flask import Flask
from flask_babel import lazy_gettext as _l
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import (
    BigInteger,
    Date,
    DateTime,
    Engine,
    Enum,
    ForeignKey,
    Identity,
    MetaData,
    Numeric,
    Text,
    UniqueConstraint,
    Uuid,
    event,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column, registry

from models import live_connection
from models.public_id import uuid7

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def state_type(kind: type[enum.StrEnum], name: str | None = None) -> Enum:
    """A text column that accepts the values of `kind` only (a CHECK, no PostgreSQL enum type)."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=40,
        name=name or kind.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )


class Base(DeclarativeBase):
    """The declarative base; the type map stands on the registry, where Flask-SQLAlchemy finds it."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMING_CONVENTION),
        type_annotation_map={
            int: BigInteger(),
            str: Text(),
            date: Date(),
            datetime: DateTime(timezone=True),
            Decimal: Numeric(18, 4),
            uuid.UUID: Uuid(),
            dict[str, Any]: JSONB(),
            enum.StrEnum: Enum(
                enum.StrEnum,
                native_enum=False,
                create_constraint=True,
                length=40,
                values_callable=lambda members: [member.value for member in members],
            ),
        },
    )


ROLE = "role"  # in a session's `info`: as which database role it works, if not as staff


class RoleSession(Session):
    """A session that works as the database role of the door it was opened at."""

    def get_bind(self, *arguments: Any, **options: Any) -> Any:
        role = self.info.get(ROLE)
        return db.engines[role] if role else super().get_bind(*arguments, **options)


class Database(SQLAlchemy):
    """Whose connections last (`models/live_connection.py`)."""

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:
        engine: Engine = super()._make_engine(bind_key, options, app)
        event.listen(engine, "do_connect", live_connection.connect)
        event.listen(engine, "connect", live_connection.note)
        event.listen(engine, "checkout", live_connection.look)
        event.listen(engine, "checkin", live_connection.note)
        return engine


db = Database(
    model_class=Base,
    session_options={"class_": RoleSession},
    disable_autonaming=True,
    # Statements in logs come without their values: those are people's data and hashes of passwords.
    engine_options={"hide_parameters": True},
)


def utc_now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class AdminInfo:
    """How the admin speaks of a record: `menu` is the path of entries, from the first level down.

    `menu` None keeps the record out of the menu (its screen still exists); `title` names the column that identifies
    a record to a person; `sort` is the column of the first order, descending with a leading minus.
    """

    label: Any
    plural: Any
    menu: tuple[Any, ...] | None = ()
    icon: str = "table"
    title: str = "name"
    sort: str = "id"
    order: int = 100
    read_only: bool = False


class Record(db.Model):  # type: ignore[name-defined,misc]  # made at run time by Flask-SQLAlchemy
    """What every table has: a key and two timestamps."""

    __abstract__ = True
    __audited__: ClassVar[bool] = True
    __admin__: ClassVar[AdminInfo | None] = None

    id: Mapped[int] = mapped_column(
        Identity(), primary_key=True, sort_order=-10, info={"label": _l("Id"), "list": False}
    )
    created_at: Mapped[datetime] = mapped_column(
        default=utc_now,
        sort_order=98,
        info={"label": _l("Created"), "list": False, "readonly": True},
    )
    updated_at: Mapped[datetime] = mapped_column(
        default=utc_now,
        onupdate=utc_now,
        sort_order=99,
        info={"label": _l("Updated"), "list": False, "readonly": True},
    )


class InOrganization:
    """A row of one organization: filtered on every read and refused elsewhere on every write."""

    @declared_attr
    def organization_id(cls) -> Mapped[int]:
        return mapped_column(
            ForeignKey("organization.id"),
            sort_order=-9,
            info={"label": _l("Organization"), "hidden": True},
        )


class InBranch:
    """A row that may belong to one branch; staff of a branch see its rows and those of no branch."""

    branch_id: Mapped[int | None] = mapped_column()


class OrganizationRecord(InOrganization, Record):
    """A record of one organization.

    Its `__table_args__` begin with `within_organization()` when other tables point to it.
    """

    __abstract__ = True


class EditableRecord(OrganizationRecord):
    """A row that people edit: with a public name for URLs, an optimistic lock and its authors."""

    __abstract__ = True

    public_id: Mapped[uuid.UUID] = mapped_column(
        default=uuid7, unique=True, sort_order=90, info={"hidden": True}
    )
    version: Mapped[int] = mapped_column(default=1, sort_order=91, info={"hidden": True})

    @declared_attr
    def created_by_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("user.id"), sort_order=96, info={"hidden": True})

    @declared_attr
    def updated_by_id(cls) -> Mapped[int | None]:
        return mapped_column(ForeignKey("user.id"), sort_order=97, info={"hidden": True})

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


def within_organization() -> UniqueConstraint:
    """The key that composite foreign keys of other tables point to."""
    return UniqueConstraint("organization_id", "id")
