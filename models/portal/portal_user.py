"""Who gets into the portal, and for which customers."""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import (
    AdminInfo,
    EditableRecord,
    OrganizationRecord,
    within_organization,
)
from models.column_types import LowerCaseEmail, Sealed, Secret
from models.keys import belongs_to
from models.people.contact import Contact
from models.people.customer import Customer
from models.people.second_factor import SecondFactor
from models.public_id import uuid7


class PortalUser(SecondFactor, OrganizationRecord):
    """Somebody with a way into one organization's portal. Staff are other people, with another door.

    `login` is an address or a name; several logins may share an address (S0-24). No password: not started, or signs in by links only.
    """

    __tablename__ = "portal_user"
    __table_args__ = (
        within_organization(),
        UniqueConstraint("organization_id", "login_norm"),
        Index("ix_portal_user_email_norm", "organization_id", "email_norm"),
    )
    __admin__ = AdminInfo(
        label=_l("Portal user"),
        plural=_l("Portal users"),
        menu=(_l("Accounts"), _l("Portal users")),
        icon="user-circle",
        title="login",
        sort="login_norm",
        order=36,
        read_only=True,
    )

    public_id: Mapped[uuid.UUID] = mapped_column(default=uuid7, unique=True, info={"hidden": True})
    login: Mapped[str] = mapped_column(info={"label": _l("User name"), "search": True})
    login_norm: Mapped[str] = mapped_column(LowerCaseEmail, info={"hidden": True})
    email: Mapped[str] = mapped_column(info={"label": _l("E-mail"), "widget": "email"})
    email_norm: Mapped[str] = mapped_column(LowerCaseEmail, info={"hidden": True})
    email_verified_at: Mapped[datetime | None] = mapped_column(
        info={"label": _l("Address verified"), "list": False}
    )
    name: Mapped[str] = mapped_column(info={"label": _l("Name"), "search": True})
    lang: Mapped[str] = mapped_column(
        default="es", info={"label": _l("Language"), "widget": "language", "list": False}
    )
    is_active: Mapped[bool] = mapped_column(default=True, info={"label": _l("Active")})
    password_hash: Mapped[str | None] = mapped_column(Secret, info={"secret": True})
    totp_sealed: Mapped[str | None] = mapped_column(Sealed, info={"secret": True})
    totp_confirmed_at: Mapped[datetime | None] = mapped_column(info={"hidden": True})
    totp_last_step: Mapped[int | None] = mapped_column(info={"hidden": True})
    failed_sign_ins: Mapped[int] = mapped_column(default=0, info={"hidden": True})
    locked_until: Mapped[datetime | None] = mapped_column(info={"hidden": True})
    last_signed_in_at: Mapped[datetime | None] = mapped_column(
        info={"label": _l("Last sign-in"), "readonly": True}
    )
    terms_revision: Mapped[int | None] = mapped_column(info={"hidden": True})
    terms_accepted_at: Mapped[datetime | None] = mapped_column(
        info={"label": _l("Terms accepted"), "list": False}
    )

    memberships: Mapped[list["PortalMembership"]] = relationship(
        primaryjoin=lambda: foreign(PortalMembership.portal_user_id) == PortalUser.id,
        order_by=lambda: PortalMembership.id,
        back_populates="portal_user",
        cascade="all, delete-orphan",
    )

    def __init__(self, **fields: Any) -> None:
        fields.setdefault("login", fields.get("email"))
        fields.setdefault("login_norm", fields["login"])
        fields.setdefault("email_norm", fields.get("email"))
        # First of all: secrets are bound to it.
        super().__init__(**{"public_id": uuid7(), **fields})

    @classmethod
    def by_login(cls, login: str) -> Select[Any]:
        """The user who signs in with this name or address."""
        return select(cls).where(cls.login_norm == login)

    def __str__(self) -> str:
        return self.login


class MembershipState(StrEnum):
    """How far somebody is on the way to a customer's documents."""

    INVITED = "invited"
    PENDING_VALIDATION = "pending_validation"
    VALIDATED = "validated"
    REJECTED = "rejected"
    SUSPENDED = "suspended"

    @classmethod
    def labels(cls) -> dict["MembershipState", Any]:
        return {
            cls.INVITED: _l("Invited"),
            cls.PENDING_VALIDATION: _l("Waits for validation"),
            cls.VALIDATED: _l("Validated"),
            cls.REJECTED: _l("Rejected"),
            cls.SUSPENDED: _l("Suspended"),
        }


_S = MembershipState
NEXT_MEMBERSHIP_STATES: dict[MembershipState, set[MembershipState]] = {
    _S.INVITED: {_S.VALIDATED, _S.REJECTED, _S.SUSPENDED},
    _S.PENDING_VALIDATION: {_S.VALIDATED, _S.REJECTED},
    _S.VALIDATED: {_S.SUSPENDED},
    _S.REJECTED: {_S.PENDING_VALIDATION, _S.INVITED, _S.VALIDATED},
    _S.SUSPENDED: {_S.VALIDATED, _S.INVITED},
}


class PortalMembership(EditableRecord):
    """A portal user at a customer (*representante del cliente*), as the contact that they are there."""

    __tablename__ = "portal_membership"
    __table_args__ = (
        within_organization(),
        belongs_to("portal_user", ondelete="CASCADE"),
        belongs_to("customer", ondelete="CASCADE"),
        belongs_to("contact", ondelete="CASCADE"),
        UniqueConstraint("organization_id", "portal_user_id", "customer_id"),
        Index("ix_portal_membership_by_customer", "organization_id", "customer_id", "id"),
        Index("ix_portal_membership_by_contact", "organization_id", "contact_id"),
        CheckConstraint(
            "state <> 'validated' OR validated_at IS NOT NULL", name="validated_at_some_time"
        ),
    )

    portal_user_id: Mapped[int] = mapped_column()
    customer_id: Mapped[int] = mapped_column()
    contact_id: Mapped[int] = mapped_column()
    state: Mapped[MembershipState] = mapped_column(default=MembershipState.INVITED)
    invited_at: Mapped[datetime | None] = mapped_column()
    reminders_sent: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime | None] = mapped_column()
    validated_at: Mapped[datetime | None] = mapped_column()
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    rejected_because: Mapped[str | None] = mapped_column()

    portal_user: Mapped[PortalUser] = relationship(
        primaryjoin=lambda: foreign(PortalMembership.portal_user_id) == PortalUser.id,
        back_populates="memberships",
    )
    customer: Mapped[Customer] = relationship(
        primaryjoin=lambda: foreign(PortalMembership.customer_id) == Customer.id
    )
    contact: Mapped[Contact] = relationship(
        primaryjoin=lambda: foreign(PortalMembership.contact_id) == Contact.id
    )

    @classmethod
    def of_customer(cls, customer: Customer) -> Select[Any]:
        """Who may get in for a customer, in whatever state."""
        return select(cls).where(cls.customer_id == customer.id).order_by(cls.id)
