"""Who besides its owner uses a mail account, and for what."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import OrganizationRecord
from models.keys import belongs_to
from models.mailbox.mail_account import MailAccount
from models.people.user import User


class AccountGrant(OrganizationRecord):
    """What one user may do with an account that is shared, or belongs to somebody else.

    `can_send` is the right to send *as* its address (X4-08); the owner of an account needs no grant.
    """

    __tablename__ = "mail_account_grant"
    __table_args__ = (
        belongs_to("mail_account", "account_id", ondelete="CASCADE"),
        UniqueConstraint("organization_id", "account_id", "user_id"),
        Index("ix_mail_account_grant_user_id", "user_id"),
    )

    account_id: Mapped[int] = mapped_column()
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    can_read: Mapped[bool] = mapped_column(default=True, info={"label": _l("Reads its mail")})
    can_send: Mapped[bool] = mapped_column(default=True, info={"label": _l("Sends as it")})

    account: Mapped[MailAccount] = relationship(
        primaryjoin=lambda: foreign(AccountGrant.account_id) == MailAccount.id,
        info={"label": _l("Mail account")},
    )
    user: Mapped[User] = relationship(info={"label": _l("User")})
