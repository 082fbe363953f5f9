"""How the password of a mail account is written by its owner, so that nobody else has to know it (X4-06)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import OrganizationRecord
from models.column_types import Secret
from models.keys import belongs_to
from models.mailbox.mail_account import MailAccount
from models.people.user import User


class AccountPasswordLink(OrganizationRecord):
    """Somebody has asked the owner of an account for its password; the row knows only the SHA-256 of the token.

    An account has one at most: asking again ends the earlier one. `used_at` is the last time that a password was
    written by it, `uses` how often: again only where the server has refused the one before.
    """

    __tablename__ = "mail_account_password_link"
    __table_args__ = (
        belongs_to("mail_account", "account_id", ondelete="CASCADE"),
        UniqueConstraint("organization_id", "account_id"),
        UniqueConstraint("token_hash"),
        CheckConstraint("ends_at > created_at", name="ends_later"),
        CheckConstraint("(used_at IS NULL) = (uses = 0)", name="used_is_counted"),
        Index("ix_mail_account_password_link_user_id", "user_id"),
    )
    __audited__ = False

    account_id: Mapped[int] = mapped_column()
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    token_hash: Mapped[str] = mapped_column(Secret, info={"secret": True})
    ends_at: Mapped[datetime] = mapped_column()
    used_at: Mapped[datetime | None] = mapped_column()
    uses: Mapped[int] = mapped_column(default=0)

    account: Mapped[MailAccount] = relationship(
        primaryjoin=lambda: foreign(AccountPasswordLink.account_id) == MailAccount.id
    )
    user: Mapped[User] = relationship(foreign_keys=lambda: AccountPasswordLink.user_id)
    asked_by: Mapped[User] = relationship(foreign_keys=lambda: AccountPasswordLink.asked_by_id)
