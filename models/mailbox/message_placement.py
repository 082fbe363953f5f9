"""Where messages lie: a message may lie in many folders, and twice in one."""

from datetime import datetime

from sqlalchemy import Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import OrganizationRecord, within_organization
from models.keys import belongs_to
from models.mailbox.mail_folder import MailFolder
from models.mailbox.message import Message


class MessagePlacement(OrganizationRecord):
    """A message in a folder, as the reader sees it: with what was done here already, though the server does not know yet.

    `uid` is None from the moment it was put there until the server has said which number it gave;
    `previous_folder_id` is where it goes when somebody restores it from the trash.
    """

    __tablename__ = "message_placement"
    __audited__ = False
    __table_args__ = (
        within_organization(),
        belongs_to("mail_folder", "folder_id", ondelete="CASCADE"),
        belongs_to("message"),
        belongs_to("mail_folder", "previous_folder_id"),
        UniqueConstraint("folder_id", "uid"),
        Index("ix_message_placement_message_id", "organization_id", "message_id"),
        Index("ix_message_placement_thread_id", "folder_id", "thread_id"),
        {"postgresql_with": {"fillfactor": "80"}},
    )

    folder_id: Mapped[int] = mapped_column()
    uid: Mapped[int | None] = mapped_column()
    message_id: Mapped[int] = mapped_column()
    thread_id: Mapped[int] = mapped_column()
    sent_at: Mapped[datetime] = mapped_column()
    is_read: Mapped[bool] = mapped_column(default=False)
    is_starred: Mapped[bool] = mapped_column(default=False)
    is_answered: Mapped[bool] = mapped_column(default=False)
    keywords: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    previous_folder_id: Mapped[int | None] = mapped_column()

    folder: Mapped[MailFolder] = relationship(
        primaryjoin=lambda: foreign(MessagePlacement.folder_id) == MailFolder.id
    )
    message: Mapped[Message] = relationship(
        primaryjoin=lambda: foreign(MessagePlacement.message_id) == Message.id
    )
