"""Which mailbox somebody looked at last."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import OrganizationRecord
from models.keys import belongs_to
from models.mailbox.mail_account import MailAccount


class MailView(OrganizationRecord):
    """The choice of the box at the top right of the mail area (S3-24); without an account: all of them."""

    __tablename__ = "mail_view"
    __audited__ = False
    __table_args__ = (
        belongs_to("mail_account", "account_id", ondelete="CASCADE"),
        UniqueConstraint("organization_id", "user_id"),
        Index("ix_mail_view_user_id", "user_id"),
        Index("ix_mail_view_account_id", "organization_id", "account_id"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    account_id: Mapped[int | None] = mapped_column()

    account: Mapped[MailAccount | None] = relationship(
        primaryjoin=lambda: foreign(MailView.account_id) == MailAccount.id
    )
