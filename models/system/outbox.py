"""What other programs are to hear, written in the transaction of its cause."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import OrganizationRecord


class OutboxEvent(OrganizationRecord):
    """An event that waits to be published."""

    __tablename__ = "event_outbox"
    __table_args__ = (
        Index("ix_event_outbox_waiting", "id", postgresql_where=text("published_at IS NULL")),
    )
    __audited__ = False

    topic: Mapped[str] = mapped_column()
    key: Mapped[str] = mapped_column()
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    published_at: Mapped[datetime | None] = mapped_column()
