"""What is said for the portal of a customer group: internal addresses, and which e-mails leave (S0-06 to S0-21)."""

from sqlalchemy import BigInteger, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import EditableRecord
from models.keys import belongs_to
from models.mailbox.mail_account import MailAccount
from models.people.customer_group import CustomerGroup


class GroupPortal(EditableRecord):
    """One level: a customer group, or without one the organization. What is NULL is said by the level above.

    Above a group stands its parent, above the first group the organization, above that what is built in
    (`services/portal/group_levels.py`). `reminder_days` are days after the invitation.
    """

    __tablename__ = "group_portal"
    __table_args__ = (
        belongs_to("customer_group", ondelete="CASCADE"),
        belongs_to("mail_account", "sender_account_id"),
        UniqueConstraint(
            "organization_id", "customer_group_id", postgresql_nulls_not_distinct=True
        ),
    )

    customer_group_id: Mapped[int | None] = mapped_column()
    access_requests_to: Mapped[str | None] = mapped_column()
    sender_account_id: Mapped[int | None] = mapped_column()
    invites_at_once: Mapped[bool | None] = mapped_column()
    tells_new_primary: Mapped[bool | None] = mapped_column()
    tells_previous_primary: Mapped[bool | None] = mapped_column()
    reminder_days: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))

    customer_group: Mapped[CustomerGroup | None] = relationship(
        primaryjoin=lambda: foreign(GroupPortal.customer_group_id) == CustomerGroup.id
    )
    sender_account: Mapped[MailAccount | None] = relationship(
        primaryjoin=lambda: foreign(GroupPortal.sender_account_id) == MailAccount.id
    )
