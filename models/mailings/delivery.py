"""The ledger: every mail that leaves, frozen (`Delivery`), and what became of it (`DeliveryState`).

Frozen facts and the moving state are two tables, so that a change of state writes little
(`docs/architecture.md`, delivery). The sender works on them by SQL (`services/mailings/ledger.py`).
"""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import AdminInfo, InOrganization, OrganizationRecord, db, within_organization
from models.column_types import SealedIfMarked
from models.keys import belongs_to
from models.mailings.mailing import AttachMode
from models.mailings.reason import ReasonCode
from models.people.customer import Customer
from models.public_id import uuid7


class DeliveryKind(StrEnum):
    """What a message is for."""

    BULK = "bulk"
    SINGLE = "single"
    NOTICE = "notice"
    REPLY = "reply"
    TEST = "test"
    REHEARSAL = "rehearsal"

    @classmethod
    def labels(cls) -> dict["DeliveryKind", Any]:
        return {
            cls.BULK: _l("Mailing"),
            cls.SINGLE: _l("Single e-mail"),
            cls.NOTICE: _l("Notice"),
            cls.REPLY: _l("Reply"),
            cls.TEST: _l("Test"),
            cls.REHEARSAL: _l("Rehearsal"),
        }


# What customers get; tests and rehearsals stand in the ledger, too, but reach nobody.
FOR_CUSTOMERS = (DeliveryKind.BULK, DeliveryKind.SINGLE)
OURS_ALONE = (DeliveryKind.TEST, DeliveryKind.REHEARSAL)


class DeliveryStatus(StrEnum):
    """Where one message is."""

    PREPARED = "prepared"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"

    @classmethod
    def labels(cls) -> dict["DeliveryStatus", Any]:
        return {
            cls.PREPARED: _l("Not sent yet"),
            cls.QUEUED: _l("Queued"),
            cls.SENDING: _l("Sending"),
            cls.SENT: _l("Sent"),
            cls.FAILED: _l("Failed"),
            cls.UNCONFIRMED: _l("Unconfirmed"),
            cls.SKIPPED: _l("Skipped"),
            cls.CANCELLED: _l("Cancelled"),
        }


class Delivery(OrganizationRecord):
    """One message to one address, as it was registered; never changed afterwards."""

    __tablename__ = "delivery"
    __table_args__ = (
        within_organization(),
        belongs_to("mailing"),
        belongs_to("customer"),
        belongs_to("contact"),
        belongs_to("mail_account", "account_id"),
        belongs_to("delivery", "follows_id"),
        UniqueConstraint("organization_id", "idempotency_key"),
        UniqueConstraint("organization_id", "message_id_header"),
        Index("ix_delivery_mailing_id", "mailing_id", "id"),
        Index("ix_delivery_by_customer", "organization_id", "customer_id", "id"),
        Index("ix_delivery_by_recipient", "organization_id", "recipient_norm"),
        Index(
            "ix_delivery_follows_id",
            "follows_id",
            postgresql_where=text("follows_id IS NOT NULL"),
        ),
    )
    __audited__ = False
    __admin__ = AdminInfo(
        label=_l("Message delivery"),
        plural=_l("Deliveries"),
        menu=(_l("Finance"), _l("Receivables"), _l("Deliveries")),
        icon="mail-forward",
        title="recipient",
        sort="-id",
        order=6,
        read_only=True,
    )

    public_id: Mapped[uuid.UUID] = mapped_column(default=uuid7, unique=True, info={"hidden": True})
    mailing_id: Mapped[int | None] = mapped_column(info={"hidden": True})
    kind: Mapped[DeliveryKind] = mapped_column(
        default=DeliveryKind.BULK, info={"label": _l("Kind"), "list": False}
    )
    customer_id: Mapped[int | None] = mapped_column()
    contact_id: Mapped[int | None] = mapped_column()
    account_id: Mapped[int] = mapped_column(info={"hidden": True})
    # The message in whose place, or after which, a person sent this one.
    follows_id: Mapped[int | None] = mapped_column(info={"hidden": True})
    idempotency_key: Mapped[str] = mapped_column(info={"hidden": True})
    envelope_from: Mapped[str] = mapped_column(info={"label": _l("Sender"), "list": False})
    recipient: Mapped[str] = mapped_column(info={"label": _l("Recipient")})
    recipient_norm: Mapped[str] = mapped_column(info={"hidden": True})
    contact_role: Mapped[str | None] = mapped_column(info={"label": _l("Role"), "list": False})
    subject: Mapped[str] = mapped_column(info={"label": _l("Subject")})
    message_id_header: Mapped[str] = mapped_column(info={"label": "Message-ID", "list": False})
    size_bytes: Mapped[int] = mapped_column(info={"label": _l("Size"), "list": False})
    lang: Mapped[str] = mapped_column(
        default="es", info={"label": _l("Language"), "list": False, "widget": "language"}
    )
    attach_mode: Mapped[AttachMode | None] = mapped_column(
        info={"label": _l("Documents"), "list": False}
    )  # None: it brings no documents

    customer: Mapped[Customer | None] = relationship(
        primaryjoin=lambda: foreign(Delivery.customer_id) == Customer.id,
        viewonly=True,
        info={"label": _l("Customer")},
    )
    state_row: Mapped["DeliveryState"] = relationship(
        primaryjoin=lambda: foreign(Delivery.id) == DeliveryState.delivery_id,
        viewonly=True,
        uselist=False,
    )

    def __str__(self) -> str:
        return self.recipient


class DeliveryBody(InOrganization, db.Model):  # type: ignore[name-defined,misc]  # made at run time
    """Headers, text and HTML as they go on the wire; `parts` are the hashes of the attached parts, in order."""

    __tablename__ = "delivery_body"
    __audited__ = False

    delivery_id: Mapped[int] = mapped_column(
        ForeignKey("delivery.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    head: Mapped[bytes] = mapped_column(SealedIfMarked)
    parts: Mapped[list[Any]] = mapped_column(JSONB, default=list)


class DeliveryState(InOrganization, db.Model):  # type: ignore[name-defined,misc]  # made at run time
    """The moving part of a delivery: narrow, since each message changes it at least twice."""

    __tablename__ = "delivery_state"
    __table_args__ = (
        Index(
            "ix_delivery_state_todo",
            "account_id",
            "priority",
            "not_before",
            "delivery_id",
            postgresql_where=text("is_open"),
        ),
        Index("ix_delivery_state_mailing_id", "mailing_id"),
        # Its columns do not change while a message is on its way: that update stays cheap.
        Index(
            "ix_delivery_state_by_reason",
            "mailing_id",
            "delivery_id",
            postgresql_where=text("reason_code IS NOT NULL"),
        ),
        # What has ended, without what waits for a sender (decision 0021).
        Index(
            "ix_delivery_state_not_open",
            "mailing_id",
            "delivery_id",
            postgresql_where=text("NOT is_open"),
        ),
        CheckConstraint("state <> 'sent' OR sent_at IS NOT NULL", name="sent_has_time"),
        CheckConstraint(
            "state NOT IN ('failed', 'skipped', 'unconfirmed') OR reason_code IS NOT NULL",
            name="failure_has_reason",
        ),
        {"postgresql_with": {"fillfactor": "70", "autovacuum_vacuum_scale_factor": "0.02"}},
    )
    __audited__ = False

    delivery_id: Mapped[int] = mapped_column(
        ForeignKey("delivery.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    mailing_id: Mapped[int | None] = mapped_column(ForeignKey("mailing.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("mail_account.id"))
    state: Mapped[DeliveryStatus] = mapped_column(default=DeliveryStatus.PREPARED)
    reason_code: Mapped[ReasonCode | None] = mapped_column()
    reason_detail: Mapped[str | None] = mapped_column()
    not_before: Mapped[datetime] = mapped_column(server_default=text("now()"))
    priority: Mapped[int] = mapped_column(SmallInteger, default=5)
    owner: Mapped[str | None] = mapped_column()
    data_at: Mapped[datetime | None] = mapped_column()
    sent_at: Mapped[datetime | None] = mapped_column()
    attempt_count: Mapped[int] = mapped_column(Integer, default=0)
    # When a person sends again, patience begins anew.
    attempts_before: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))
    smtp_code: Mapped[int | None] = mapped_column(SmallInteger)
    delivered_at: Mapped[datetime | None] = mapped_column()
    bounced_at: Mapped[datetime | None] = mapped_column()
    # Prepared rows wait for a start, not for a sender: they stay out of its index.
    is_open: Mapped[bool] = mapped_column(
        Computed("state IN ('queued', 'sending')", persisted=True)
    )


class DeliveryDocument(InOrganization, db.Model):  # type: ignore[name-defined,misc]  # made at run time
    """A document in a delivery; a trigger refuses another customer's (pains B-6)."""

    __tablename__ = "delivery_document"
    __table_args__ = (Index("ix_delivery_document_document_id", "document_id"),)
    __audited__ = False

    delivery_id: Mapped[int] = mapped_column(
        ForeignKey("delivery.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    document_id: Mapped[int] = mapped_column(
        ForeignKey("document.id"), primary_key=True, autoincrement=False
    )
    file_sha256: Mapped[str] = mapped_column()


class AttemptOutcome(StrEnum):
    """What one attempt came to."""

    OK = "ok"
    TEMP_FAIL = "temp_fail"
    PERM_FAIL = "perm_fail"
    UNCONFIRMED = "unconfirmed"


class DeliveryAttempt(InOrganization, db.Model):  # type: ignore[name-defined,misc]  # made at run time
    """One try to hand a message over, written when it ended."""

    __tablename__ = "delivery_attempt"
    __table_args__ = (
        Index("ix_delivery_attempt_by_account", "account_id", "started_at"),
        CheckConstraint(
            "phase IN ('connect', 'tls', 'auth', 'mail_from', 'rcpt', 'data', 'done')",
            name="phase_is_known",
        ),
    )
    __audited__ = False

    delivery_id: Mapped[int] = mapped_column(
        ForeignKey("delivery.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    n: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    # Both are the delivery's own, which keys hold; a key here would lock the same two rows for every message.
    organization_id: Mapped[int] = mapped_column()
    account_id: Mapped[int] = mapped_column()
    started_at: Mapped[datetime | None] = mapped_column()
    ended_at: Mapped[datetime] = mapped_column()
    worker: Mapped[str | None] = mapped_column()
    phase: Mapped[str] = mapped_column()
    smtp_code: Mapped[int | None] = mapped_column(SmallInteger)
    enhanced_code: Mapped[str | None] = mapped_column()
    smtp_text: Mapped[str | None] = mapped_column()
    queue_id: Mapped[str | None] = mapped_column()
    outcome: Mapped[AttemptOutcome] = mapped_column()
