"""Browsers that are in the portal, and the one-time keys that lead there."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import OrganizationRecord, utc_now
from models.column_types import Secret
from models.keys import belongs_to
from models.portal.portal_user import PortalUser


class PortalSession(OrganizationRecord):
    """A browser in the portal; the cookie holds a token, the row only its SHA-256.

    Either a portal user's, at one of their memberships, or a member of staff's who looks as a customer would
    (`staff_user_id`, read only), in whole or as one of its contacts
    (`contact_id`). `confirmed_at` is when the password was last asked for: never, where a link led here.
    """

    __tablename__ = "portal_session"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        belongs_to("portal_user", ondelete="CASCADE"),
        belongs_to("portal_membership", ondelete="CASCADE"),
        belongs_to("customer", ondelete="CASCADE"),
        belongs_to("contact", ondelete="CASCADE"),
        Index("ix_portal_session_portal_user_id", "portal_user_id"),
        CheckConstraint("(portal_user_id IS NULL) <> (staff_user_id IS NULL)", name="is_somebodys"),
        CheckConstraint(
            "staff_user_id IS NULL OR customer_id IS NOT NULL", name="staff_look_at_one"
        ),
        CheckConstraint(
            "contact_id IS NULL OR staff_user_id IS NOT NULL", name="only_staff_look_as_a_contact"
        ),
    )
    __audited__ = False

    portal_user_id: Mapped[int | None] = mapped_column()
    portal_membership_id: Mapped[int | None] = mapped_column()
    staff_user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    customer_id: Mapped[int | None] = mapped_column()
    contact_id: Mapped[int | None] = mapped_column()
    token_hash: Mapped[str] = mapped_column(Secret, info={"secret": True})
    last_seen_at: Mapped[datetime] = mapped_column(default=utc_now)
    ends_at: Mapped[datetime] = mapped_column()
    confirmed_at: Mapped[datetime | None] = mapped_column()
    revoked_at: Mapped[datetime | None] = mapped_column()
    ip: Mapped[str | None] = mapped_column()
    user_agent: Mapped[str | None] = mapped_column()

    portal_user: Mapped[PortalUser | None] = relationship(
        primaryjoin=lambda: foreign(PortalSession.portal_user_id) == PortalUser.id
    )


class PortalTokenKind(StrEnum):
    """What a one-time key is good for."""

    INVITATION = "invitation"
    MAGIC_LINK = "magic_link"
    PASSWORD_RESET = "password_reset"  # names a kind
    EMAIL_CHANGE = "email_change"
    SPOKEN_CODE = "spoken_code"


class PortalToken(OrganizationRecord):
    """A key that works once, until it ends; the row knows only its SHA-256.

    `browser_hash` binds a magic link to the browser that asked for it; `new_email` is what a change of address is about.
    `tries` counts the wrong ones where a key is short, such as a code that is read out over the telephone.
    """

    __tablename__ = "portal_token"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        belongs_to("portal_user", ondelete="CASCADE"),
        belongs_to("portal_membership", ondelete="CASCADE"),
        Index("ix_portal_token_portal_user_id", "portal_user_id", "kind"),
        CheckConstraint("ends_at > created_at", name="ends_later"),
    )
    __audited__ = False

    kind: Mapped[PortalTokenKind] = mapped_column()
    portal_user_id: Mapped[int] = mapped_column()
    portal_membership_id: Mapped[int | None] = mapped_column()
    token_hash: Mapped[str] = mapped_column(Secret, info={"secret": True})
    browser_hash: Mapped[str | None] = mapped_column(Secret, info={"secret": True})
    new_email: Mapped[str | None] = mapped_column()
    tries: Mapped[int] = mapped_column(default=0)
    ends_at: Mapped[datetime] = mapped_column()
    used_at: Mapped[datetime | None] = mapped_column()

    portal_user: Mapped[PortalUser] = relationship(
        primaryjoin=lambda: foreign(PortalToken.portal_user_id) == PortalUser.id
    )
