"""Who changed what, when and from where: rows that only ever get more (L-12)."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AdminInfo, Record, db, utc_now


class AuditEvent(Record):
    """One change of one record. The database grants no update and no delete on it."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_of_entity", "organization_id", "entity", "entity_id", "id"),
        Index("ix_audit_event_by_id", "organization_id", "id"),
        CheckConstraint(
            "source IN ('ui', 'cli', 'api', 'job', 'import', 'portal', 'system')",
            name="source_is_known",
        ),
    )
    __audited__ = False
    __admin__ = AdminInfo(
        label=_l("Audit event"),
        plural=_l("Audit log"),
        menu=(_l("System"), _l("Audit log")),
        icon="history",
        title="id",
        sort="-id",
        order=60,
        read_only=True,
    )

    organization_id: Mapped[int | None] = mapped_column(
        ForeignKey("organization.id"), info={"hidden": True}
    )
    at: Mapped[datetime] = mapped_column(default=utc_now, info={"label": _l("Time")})
    actor_kind: Mapped[str] = mapped_column(info={"label": _l("By"), "list": False})
    actor_id: Mapped[int | None] = mapped_column(info={"hidden": True})
    actor_name: Mapped[str | None] = mapped_column(info={"label": _l("Who")})
    source: Mapped[str] = mapped_column(info={"label": _l("From where")})
    entity: Mapped[str] = mapped_column(info={"label": _l("Record")})
    entity_id: Mapped[int | None] = mapped_column(info={"label": _l("Key")})
    action: Mapped[str] = mapped_column(info={"label": _l("Action")})
    before: Mapped[dict[str, Any] | None] = mapped_column(
        info={"label": _l("Before"), "list": False}
    )
    after: Mapped[dict[str, Any] | None] = mapped_column(info={"label": _l("After"), "list": False})
    reason: Mapped[str | None] = mapped_column(info={"label": _l("Reason")})
    request_id: Mapped[str | None] = mapped_column(info={"label": _l("Request"), "list": False})

    @classmethod
    def history_of(cls, entity: str, entity_id: int) -> Select[Any]:
        """What happened to one record, the newest first."""
        return (
            select(cls)
            .where(cls.entity == entity, cls.entity_id == entity_id)
            .order_by(cls.id.desc())
        )


class AuditSeal(db.Model):  # type: ignore[name-defined,misc]  # made at run time by Flask-SQLAlchemy
    """A link of the hash chain over the audit events of one organization (0: none).

    Sealing follows the writing by seconds, so that writers do not wait for one another.
    """

    __tablename__ = "audit_seal"
    __table_args__ = (UniqueConstraint("chain", "position"),)
    __audited__ = False

    audit_event_id: Mapped[int] = mapped_column(
        ForeignKey("audit_event.id"), primary_key=True, autoincrement=False
    )
    chain: Mapped[int] = mapped_column()
    position: Mapped[int] = mapped_column()
    hash: Mapped[str] = mapped_column()
