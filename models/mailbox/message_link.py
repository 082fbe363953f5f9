"""What somebody, or a mark in a message, has tied it to; that people are known by their address needs no row."""

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import OrganizationRecord
from models.keys import belongs_to
from models.mailbox.message import Message
from models.people.customer import Customer
from models.sales.document import Document


class LinkedBy(StrEnum):
    """How it came about: by hand, or by the address or the Message-ID it answers."""

    HAND = "hand"
    ANSWER = "answer"


class MessageLink(OrganizationRecord):
    """A message of a customer, and of one of their documents if it is about one.

    One that `is_cut` says the opposite: somebody has said that it is not theirs, whatever its addresses say.
    """

    __tablename__ = "message_link"
    __table_args__ = (
        belongs_to("message", ondelete="CASCADE"),
        belongs_to("customer"),
        belongs_to("document"),
        CheckConstraint("num_nonnulls(customer_id, document_id) > 0", name="is_to_something"),
        Index(
            "uq_message_link",
            "organization_id",
            "message_id",
            "customer_id",
            "document_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_message_link_customer_id", "organization_id", "customer_id"),
        Index("ix_message_link_document_id", "organization_id", "document_id"),
    )

    message_id: Mapped[int] = mapped_column()
    customer_id: Mapped[int | None] = mapped_column()
    document_id: Mapped[int | None] = mapped_column()
    linked_by: Mapped[LinkedBy] = mapped_column(default=LinkedBy.HAND)
    is_cut: Mapped[bool] = mapped_column(default=False)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    message: Mapped[Message] = relationship(
        primaryjoin=lambda: foreign(MessageLink.message_id) == Message.id
    )
    customer: Mapped[Customer | None] = relationship(
        primaryjoin=lambda: foreign(MessageLink.customer_id) == Customer.id
    )
    document: Mapped[Document | None] = relationship(
        primaryjoin=lambda: foreign(MessageLink.document_id) == Document.id
    )
