"""How staff get a password without anybody else knowing it: links that work once, and who has asked for one."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Record
from models.column_types import LowerCaseEmail, Secret
from models.people.user import User


class PasswordLinkKind(StrEnum):
    """Why somebody gets a link."""

    INVITATION = "invitation"
    RESET = "reset"


class PasswordLink(Record):
    """A one-time link by which a user sets a password; the row knows only the SHA-256 of its token.

    A user has at most one unused link of each kind.
    """

    __tablename__ = "password_link"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        CheckConstraint("ends_at > created_at", name="ends_later"),
        Index(
            "uq_password_link_unused",
            "user_id",
            "kind",
            unique=True,
            postgresql_where=text("used_at IS NULL"),
        ),
    )
    __audited__ = False

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    kind: Mapped[PasswordLinkKind] = mapped_column()
    token_hash: Mapped[str] = mapped_column(Secret, info={"secret": True})
    ends_at: Mapped[datetime] = mapped_column()
    used_at: Mapped[datetime | None] = mapped_column()

    user: Mapped[User] = relationship()


class PasswordRequest(Record):
    """Somebody at the door wrote this address and forgot the password; kept until a worker has answered.

    Known and unknown addresses are written down alike: the answer at the door takes the same time for both.
    """

    __tablename__ = "password_request"
    __audited__ = False

    email: Mapped[str] = mapped_column(LowerCaseEmail)
