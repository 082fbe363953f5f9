"""Documents that a customer passes on to somebody else by e-mail (S2-17 to S2-19)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import OrganizationRecord
from models.keys import belongs_to
from models.portal.portal_user import PortalUser
from models.sales.document import Document

MOST_RECEIVERS = 10


class DocumentForward(OrganizationRecord):
    """A wish to forward, written down at the door; a worker makes the messages and the contacts.

    `done_at` is when its messages stood in the ledger; `problem` says why there are none.
    """

    __tablename__ = "document_forward"
    __table_args__ = (
        belongs_to("customer", ondelete="CASCADE"),
        belongs_to("document", ondelete="CASCADE"),
        belongs_to("portal_user"),
        Index("ix_document_forward_waiting", "id", postgresql_where=text("done_at IS NULL")),
        Index("ix_document_forward_of_document", "organization_id", "document_id", "id"),
        CheckConstraint(
            f"cardinality(addresses) BETWEEN 1 AND {MOST_RECEIVERS}", name="has_some_receivers"
        ),
    )

    customer_id: Mapped[int] = mapped_column()
    document_id: Mapped[int] = mapped_column()
    portal_user_id: Mapped[int] = mapped_column()
    addresses: Mapped[list[str]] = mapped_column(ARRAY(Text))
    note: Mapped[str] = mapped_column(default="")
    done_at: Mapped[datetime | None] = mapped_column()
    problem: Mapped[str | None] = mapped_column()

    document: Mapped[Document] = relationship(
        primaryjoin=lambda: foreign(DocumentForward.document_id) == Document.id
    )
    portal_user: Mapped[PortalUser] = relationship(
        primaryjoin=lambda: foreign(DocumentForward.portal_user_id) == PortalUser.id
    )
