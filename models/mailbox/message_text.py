"""What is searched of a message: written after the message itself has been kept."""

from datetime import datetime

from sqlalchemy import Computed, Index, PrimaryKeyConstraint
from sqlalchemy.dialects.postgresql import REGCONFIG, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from models.base import InOrganization, db
from models.keys import belongs_to


class MessageText(InOrganization, db.Model):  # type: ignore[name-defined,misc]
    """Subject, people and the first 20,000 characters, in one language: that of its stop words.

    `sent_at` is that of the message: a search goes from the newest to the oldest.
    Apart from `message`, whose rows change when conversations merge: the index of words would change with them.
    """

    __tablename__ = "message_text"
    __audited__ = False
    __table_args__ = (
        PrimaryKeyConstraint("message_id"),
        belongs_to("message", ondelete="CASCADE"),
        Index("ix_message_text_sent_at", "organization_id", "sent_at"),
        Index(
            "ix_message_text_words",
            "words",
            postgresql_using="gin",
            postgresql_with={"fastupdate": "on", "gin_pending_list_limit": "8192"},
        ),
    )

    message_id: Mapped[int] = mapped_column(autoincrement=False)
    sent_at: Mapped[datetime] = mapped_column()
    body: Mapped[str] = mapped_column()
    lang: Mapped[str] = mapped_column(REGCONFIG)
    words: Mapped[str] = mapped_column(
        TSVECTOR, Computed("to_tsvector(lang, body)", persisted=True)
    )
