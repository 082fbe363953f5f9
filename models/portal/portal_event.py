"""What happens in the portal: one row for each thing that a customer does there."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index, Select, select, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import OrganizationRecord, utc_now
from models.keys import belongs_to
from models.people.customer import Customer
from models.sales.document import Document


class PortalEventKind(StrEnum):
    """What happened (S2-08 to S2-11)."""

    SIGNED_IN = "signed_in"
    VIEWED = "viewed"
    VIEWED_FIRST = "viewed_first"
    DOWNLOADED = "downloaded"
    DOWNLOADED_SEVERAL = "downloaded_several"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    COMMENTED = "commented"
    FORWARDED = "forwarded"
    PRINTED = "printed"
    EDITED_PROFILE = "edited_profile"
    EDITED_ADDRESS = "edited_address"
    CHANGED_PAYMENT_METHOD = "changed_payment_method"
    REVIEWED = "reviewed"
    REVOKED_LINK = "revoked_link"

    @classmethod
    def labels(cls) -> dict["PortalEventKind", Any]:
        return {
            cls.SIGNED_IN: _l("Signed in"),
            cls.VIEWED: _l("Viewed a document"),
            cls.VIEWED_FIRST: _l("Viewed a document for the first time"),
            cls.DOWNLOADED: _l("Downloaded a document"),
            cls.DOWNLOADED_SEVERAL: _l("Downloaded several documents"),
            cls.ACCEPTED: _l("Accepted a quote"),
            cls.DECLINED: _l("Declined a quote"),
            cls.COMMENTED: _l("Commented"),
            cls.FORWARDED: _l("Forwarded a document"),
            cls.PRINTED: _l("Printed a document"),
            cls.EDITED_PROFILE: _l("Changed personal data"),
            cls.EDITED_ADDRESS: _l("Changed an address"),
            cls.CHANGED_PAYMENT_METHOD: _l("Changed a payment method"),
            cls.REVIEWED: _l("Wrote a review"),
            cls.REVOKED_LINK: _l("Withdrew a link"),
        }


# Told only where somebody asks for it: they happen all day long.
QUIET = frozenset({PortalEventKind.SIGNED_IN, PortalEventKind.VIEWED})
# The others, in SQL, in the very words of their index.
WORTH_TELLING = "kind NOT IN ('signed_in', 'viewed')"


class EventActor(StrEnum):
    """Who it was: somebody signed in, whoever has a link, or a contact by e-mail. Staff who look as a customer leave no event."""

    PORTAL_USER = "portal_user"
    LINK = "link"
    MAIL = "mail"


class PortalEvent(OrganizationRecord):
    """One event. `told_at` is when the staff was written to about it, or it was decided that nobody is."""

    __tablename__ = "portal_event"
    __table_args__ = (
        belongs_to("customer", ondelete="CASCADE"),
        belongs_to("document", ondelete="CASCADE"),
        belongs_to("portal_user"),
        Index("ix_portal_event_by_customer", "organization_id", "customer_id", "id"),
        Index("ix_portal_event_of_document", "organization_id", "document_id", "id"),
        Index(
            "ix_portal_event_to_tell",
            "organization_id",
            "id",
            postgresql_where=text("told_at IS NULL"),
        ),
        Index(
            "ix_portal_event_lately",
            "organization_id",
            "id",
            postgresql_where=text(WORTH_TELLING),
        ),
        CheckConstraint(
            "actor <> 'portal_user' OR portal_user_id IS NOT NULL", name="actor_is_known"
        ),
    )
    __audited__ = False

    customer_id: Mapped[int] = mapped_column()
    kind: Mapped[PortalEventKind] = mapped_column()
    document_id: Mapped[int | None] = mapped_column()
    actor: Mapped[EventActor] = mapped_column()
    portal_user_id: Mapped[int | None] = mapped_column()
    actor_name: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = mapped_column(default=utc_now)
    ip: Mapped[str | None] = mapped_column()
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    told_at: Mapped[datetime | None] = mapped_column()

    customer: Mapped[Customer] = relationship(
        primaryjoin=lambda: foreign(PortalEvent.customer_id) == Customer.id
    )
    document: Mapped[Document | None] = relationship(
        primaryjoin=lambda: foreign(PortalEvent.document_id) == Document.id
    )

    @classmethod
    def of_document(cls, document: Document) -> Select[Any]:
        """What happened to a document, the newest first."""
        return select(cls).where(cls.document_id == document.id).order_by(cls.id.desc())
