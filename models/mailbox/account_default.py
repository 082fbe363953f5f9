"""Which mail account is taken for what, if nobody chooses another."""

from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import OrganizationRecord
from models.keys import belongs_to
from models.mailbox.mail_account import MailAccount


class MailPurpose(StrEnum):
    """What a message is for."""

    INVOICES = "invoices"
    NOTICES = "notices"
    PERSONAL = "personal"

    @classmethod
    def labels(cls) -> dict["MailPurpose", Any]:
        return {
            cls.INVOICES: _l("Invoices"),
            cls.NOTICES: _l("Notices"),
            cls.PERSONAL: _l("Personal mail"),
        }


class AccountDefault(OrganizationRecord):
    """The account for one purpose: of a user, or of the whole organization (`user_id` None)."""

    __tablename__ = "mail_account_default"
    __table_args__ = (
        belongs_to("mail_account", "account_id", ondelete="CASCADE"),
        UniqueConstraint(
            "organization_id", "user_id", "purpose", postgresql_nulls_not_distinct=True
        ),
        Index("ix_mail_account_default_account_id", "account_id"),
        Index("ix_mail_account_default_user_id", "user_id"),
    )

    account_id: Mapped[int] = mapped_column()
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    purpose: Mapped[MailPurpose] = mapped_column(info={"label": _l("For")})

    account: Mapped[MailAccount] = relationship(
        primaryjoin=lambda: foreign(AccountDefault.account_id) == MailAccount.id,
        info={"label": _l("Mail account")},
    )
