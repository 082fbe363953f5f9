"""What we and our customers write to one another about a document or a project, and our own notes (P-06, S2-25)."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import BindParameter, CheckConstraint, ForeignKey, Index, Select, select, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import OrganizationRecord, utc_now, within_organization
from models.keys import belongs_to
from models.people.user import User
from models.portal.portal_user import PortalUser
from models.public_id import uuid7
from models.sales.document import Document
from models.work.project import Project

LONGEST_COMMENT = 5_000
MOST_FILES = 5


class CommentVisibility(StrEnum):
    """Who reads a comment."""

    CUSTOMER = "customer"
    INTERNAL = "internal"

    @classmethod
    def labels(cls) -> dict["CommentVisibility", Any]:
        return {cls.CUSTOMER: _l("Seen by the customer"), cls.INTERNAL: _l("Internal note")}


class Comment(OrganizationRecord):
    """A comment stays as it was written (P-23): nobody edits or deletes it.

    On a document or on a project; by a member of staff, by a portal user, or by a contact in an answer to an e-mail: those
    two only write what both read. On neither, it is an internal note about the customer.
    """

    __tablename__ = "comment"
    __table_args__ = (
        within_organization(),
        belongs_to("customer"),
        belongs_to("document"),
        belongs_to("project"),
        belongs_to("portal_user"),
        belongs_to("contact"),
        belongs_to("message"),
        Index(
            "ix_comment_of_message",
            "organization_id",
            "message_id",
            postgresql_where=text("message_id IS NOT NULL"),
        ),
        Index(
            "ix_comment_of_document",
            "organization_id",
            "document_id",
            "id",
            postgresql_where=text("document_id IS NOT NULL"),
        ),
        Index(
            "ix_comment_of_project",
            "organization_id",
            "project_id",
            "id",
            postgresql_where=text("project_id IS NOT NULL"),
        ),
        Index("ix_comment_by_customer", "organization_id", "customer_id", "id"),
        Index(
            "ix_comment_of_customers",
            "organization_id",
            "at",
            postgresql_where=text("portal_user_id IS NOT NULL"),
        ),
        CheckConstraint(
            "num_nonnulls(document_id, project_id) = 1"
            " OR (num_nonnulls(document_id, project_id) = 0 AND visibility = 'internal')",
            name="is_about_one_thing",
        ),
        Index(
            "uq_comment_by_message",
            "organization_id",
            "message_id",
            "document_id",
            "project_id",
            unique=True,
            postgresql_where=text("message_id IS NOT NULL"),
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint(
            "num_nonnulls(user_id, portal_user_id, contact_id) = 1", name="has_one_author"
        ),
        CheckConstraint(
            "user_id IS NOT NULL OR visibility = 'customer'", name="customers_write_openly"
        ),
        CheckConstraint(
            "is_by_mail = (contact_id IS NOT NULL) AND is_by_mail = (message_id IS NOT NULL)",
            name="mails_are_of_contacts",
        ),
        CheckConstraint(f"length(body) BETWEEN 1 AND {LONGEST_COMMENT}", name="is_of_some_length"),
    )

    public_id: Mapped[uuid.UUID] = mapped_column(default=uuid7, unique=True)
    customer_id: Mapped[int] = mapped_column()
    document_id: Mapped[int | None] = mapped_column()
    project_id: Mapped[int | None] = mapped_column()
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    portal_user_id: Mapped[int | None] = mapped_column()
    contact_id: Mapped[int | None] = mapped_column()
    message_id: Mapped[int | None] = mapped_column()
    author_name: Mapped[str] = mapped_column()
    visibility: Mapped[CommentVisibility] = mapped_column(default=CommentVisibility.CUSTOMER)
    body: Mapped[str] = mapped_column()
    at: Mapped[datetime] = mapped_column(default=utc_now)
    is_by_mail: Mapped[bool] = mapped_column(default=False)

    files: Mapped[list["CommentFile"]] = relationship(
        primaryjoin=lambda: foreign(CommentFile.comment_id) == Comment.id,
        order_by=lambda: CommentFile.id,
        back_populates="comment",
    )
    document: Mapped[Document | None] = relationship(
        primaryjoin=lambda: foreign(Comment.document_id) == Document.id
    )
    project: Mapped[Project | None] = relationship(
        primaryjoin=lambda: foreign(Comment.project_id) == Project.id
    )
    user: Mapped[User | None] = relationship()
    portal_user: Mapped[PortalUser | None] = relationship(
        primaryjoin=lambda: foreign(Comment.portal_user_id) == PortalUser.id
    )

    @classmethod
    def of_document(cls, document_id: int | BindParameter[int]) -> Select[Any]:
        """What was written about a document, the oldest first; internal notes too."""
        return select(cls).where(cls.document_id == document_id).order_by(cls.id)

    @classmethod
    def of_project(cls, project_id: int | BindParameter[int]) -> Select[Any]:
        """What was written about a project, the oldest first; internal notes too."""
        return select(cls).where(cls.project_id == project_id).order_by(cls.id)


class CommentFile(OrganizationRecord):
    """A file that came with a comment; the bytes are in the file store, by their hash."""

    __tablename__ = "comment_file"
    __table_args__ = (
        belongs_to("comment"),
        belongs_to("customer"),
        Index("ix_comment_file_comment_id", "comment_id"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_is_hex"),
    )

    comment_id: Mapped[int] = mapped_column()
    customer_id: Mapped[int] = mapped_column()
    sha256: Mapped[str] = mapped_column()
    name: Mapped[str] = mapped_column()
    media_type: Mapped[str] = mapped_column()
    size_bytes: Mapped[int] = mapped_column()

    comment: Mapped[Comment] = relationship(
        primaryjoin=lambda: foreign(CommentFile.comment_id) == Comment.id, back_populates="files"
    )
