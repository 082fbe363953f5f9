"""The parts of a message that can be taken out of it."""

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import OrganizationRecord
from models.keys import belongs_to
from models.mailbox.message import Message


class Attachment(OrganizationRecord):
    """A file in a message; its bytes stay in the message, at the part of this number (counted in the order of the parts)."""

    __tablename__ = "attachment"
    __audited__ = False
    __table_args__ = (
        belongs_to("message", ondelete="CASCADE"),
        UniqueConstraint("organization_id", "message_id", "part"),
        Index(
            "ix_attachment_file_name",
            "file_name",
            postgresql_using="gin",
            postgresql_ops={"file_name": "gin_trgm_ops"},
        ),
    )

    message_id: Mapped[int] = mapped_column()
    part: Mapped[int] = mapped_column()
    file_name: Mapped[str] = mapped_column()
    media_type: Mapped[str] = mapped_column()
    size_bytes: Mapped[int] = mapped_column()
    content_id: Mapped[str | None] = mapped_column()
    is_inline: Mapped[bool] = mapped_column(default=False)

    message: Mapped[Message] = relationship(
        primaryjoin=lambda: foreign(Attachment.message_id) == Message.id
    )

    def __str__(self) -> str:
        return self.file_name
