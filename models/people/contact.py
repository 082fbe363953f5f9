"""The people at our customers, their addresses and what they are told."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    CheckConstraint,
    Computed,
    Index,
    Select,
    Text,
    UniqueConstraint,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import AdminInfo, EditableRecord, OrganizationRecord, within_organization
from models.column_types import LowerCaseEmail
from models.keys import belongs_to
from models.people.customer import Customer


class ContactRole(StrEnum):
    """What a contact does for the customer; it decides which mailings reach them."""

    BILLING = "billing"
    STATEMENTS = "statements"
    TECHNICAL = "technical"
    APPROVER = "approver"
    READONLY = "readonly"

    @classmethod
    def labels(cls) -> dict["ContactRole", Any]:
        return {
            cls.BILLING: _l("Billing"),
            cls.STATEMENTS: _l("Statements"),
            cls.TECHNICAL: _l("Technical"),
            cls.APPROVER: _l("Approver"),
            cls.READONLY: _l("Read only"),
        }


class CopyMode(StrEnum):
    """How a contact gets what is sent to the customer."""

    TO = "to"
    CC = "cc"
    BCC = "bcc"
    NONE = "none"

    @classmethod
    def labels(cls) -> dict["CopyMode", Any]:
        return {
            cls.TO: _l("By their roles"),
            cls.CC: _l("Always a copy"),
            cls.BCC: _l("Always a blind copy"),
            cls.NONE: _l("Never"),
        }


class ContactSource(StrEnum):
    """How we came to know a contact."""

    MANUAL = "manual"
    IMPORT = "import"
    FORWARDED = "forwarded"
    ACCESS_REQUEST = "access_request"
    INBOUND_MAIL = "inbound_mail"
    API = "api"

    @classmethod
    def labels(cls) -> dict["ContactSource", Any]:
        return {
            cls.MANUAL: _l("Entered by hand"),
            cls.IMPORT: _l("Imported"),
            cls.FORWARDED: _l("Forwarded document"),
            cls.ACCESS_REQUEST: _l("Access request"),
            cls.INBOUND_MAIL: _l("Received e-mail"),
            cls.API: _l("API"),
        }


class AddressState(StrEnum):
    """What we know of an e-mail address."""

    OK = "ok"
    UNVERIFIED = "unverified"
    INVALID = "invalid"
    BOUNCED = "bounced"
    COMPLAINED = "complained"

    @classmethod
    def labels(cls) -> dict["AddressState", Any]:
        return {
            cls.OK: _l("Works"),
            cls.UNVERIFIED: _l("Not verified"),
            cls.INVALID: _l("Does not exist"),
            cls.BOUNCED: _l("Bounced"),
            cls.COMPLAINED: _l("Complained"),
        }


class Contact(EditableRecord):
    """A person; the same person may be a contact of several customers."""

    __tablename__ = "contact"
    __table_args__ = (
        within_organization(),
        Index("ix_contact_organization_id_sort_name_id", "organization_id", "sort_name", "id"),
        Index(
            "ix_contact_sort_name_trgm",
            "sort_name",
            postgresql_using="gin",
            postgresql_ops={"sort_name": "gin_trgm_ops"},
        ),
    )
    __admin__ = AdminInfo(
        label=_l("Contact"),
        plural=_l("Contacts"),
        menu=(_l("Accounts"), _l("Contacts")),
        icon="address-book",
        sort="sort_name",
        order=32,
    )

    name: Mapped[str] = mapped_column(info={"label": _l("Name"), "sort_by": "sort_name"})
    job_title: Mapped[str | None] = mapped_column(info={"label": _l("Job title")})
    phone: Mapped[str | None] = mapped_column(
        info={"label": _l("Phone"), "widget": "phone", "bulk": False}
    )
    lang: Mapped[str | None] = mapped_column(info={"label": _l("Language"), "widget": "language"})
    is_active: Mapped[bool] = mapped_column(default=True, info={"label": _l("Active")})
    source: Mapped[ContactSource] = mapped_column(
        default=ContactSource.MANUAL, info={"label": _l("Source"), "readonly": True, "list": False}
    )
    sort_name: Mapped[str] = mapped_column(
        Computed("fold(name)", persisted=True), info={"hidden": True, "search": True}
    )

    emails: Mapped[list["ContactEmail"]] = relationship(
        primaryjoin=lambda: foreign(ContactEmail.contact_id) == Contact.id,
        cascade="all, delete-orphan",
        order_by=lambda: ContactEmail.id,
        back_populates="contact",
        info={"label": _l("E-mail addresses"), "inline": True},
    )
    customers: Mapped[list["CustomerContact"]] = relationship(
        primaryjoin=lambda: foreign(CustomerContact.contact_id) == Contact.id,
        cascade="all, delete-orphan",
        order_by=lambda: CustomerContact.id,
        back_populates="contact",
        info={"label": _l("Contact of"), "inline": True},
    )

    def __str__(self) -> str:
        return self.name


class ContactEmail(OrganizationRecord):
    """An address of a contact; the same address may belong to two contacts."""

    __tablename__ = "contact_email"
    __table_args__ = (
        belongs_to("contact", ondelete="CASCADE"),
        UniqueConstraint("organization_id", "contact_id", "address_norm"),
        Index(
            "uq_contact_email_one_default",
            "contact_id",
            unique=True,
            postgresql_where=text("is_default"),
        ),
        Index("ix_contact_email_organization_id_address_norm", "organization_id", "address_norm"),
    )

    contact_id: Mapped[int] = mapped_column()
    address: Mapped[str] = mapped_column(info={"label": _l("Address"), "widget": "email"})
    address_norm: Mapped[str] = mapped_column(LowerCaseEmail, info={"hidden": True})
    is_default: Mapped[bool] = mapped_column(default=True, info={"label": _l("Default")})
    state: Mapped[AddressState] = mapped_column(
        default=AddressState.OK, info={"label": _l("State")}
    )
    last_success_at: Mapped[datetime | None] = mapped_column(info={"hidden": True})
    last_failure_at: Mapped[datetime | None] = mapped_column(info={"hidden": True})
    last_failure_code: Mapped[str | None] = mapped_column(info={"hidden": True})

    contact: Mapped[Contact] = relationship(
        primaryjoin=lambda: foreign(ContactEmail.contact_id) == Contact.id, back_populates="emails"
    )

    @classmethod
    def at(cls, address_norm: str) -> Select[Any]:
        """Every row with this address: it may belong to more than one contact."""
        return select(cls).where(cls.address_norm == address_norm).order_by(cls.id)

    def __str__(self) -> str:
        return self.address


class CustomerContact(OrganizationRecord):
    """A contact at a customer: in which roles, and whether the primary one."""

    __tablename__ = "customer_contact"
    __table_args__ = (
        belongs_to("customer", ondelete="CASCADE"),
        belongs_to("contact", ondelete="CASCADE"),
        UniqueConstraint("organization_id", "customer_id", "contact_id"),
        Index(
            "uq_customer_contact_one_primary",
            "customer_id",
            unique=True,
            postgresql_where=text("is_primary"),
        ),
        Index("ix_customer_contact_organization_id_contact_id", "organization_id", "contact_id"),
        CheckConstraint(
            "roles <@ ARRAY['billing','statements','technical','approver','readonly']::text[]",
            name="roles_are_known",
        ),
    )
    __admin__ = AdminInfo(
        label=_l("Contact of a customer"),
        plural=_l("Contacts of customers"),
        menu=None,
        icon="address-book",
        title="id",
        order=33,
    )

    customer_id: Mapped[int] = mapped_column()
    contact_id: Mapped[int] = mapped_column()
    is_primary: Mapped[bool] = mapped_column(default=False, info={"label": _l("Primary contact")})
    roles: Mapped[list[str]] = mapped_column(
        ARRAY(Text), default=list, info={"label": _l("Roles"), "choices": ContactRole}
    )
    cc_mode: Mapped[CopyMode] = mapped_column(
        default=CopyMode.TO, info={"label": _l("Gets mailings")}
    )

    customer: Mapped[Customer] = relationship(
        primaryjoin=lambda: foreign(CustomerContact.customer_id) == Customer.id,
        info={"label": _l("Customer")},
    )
    contact: Mapped[Contact] = relationship(
        primaryjoin=lambda: foreign(CustomerContact.contact_id) == Contact.id,
        back_populates="customers",
        info={"label": _l("Contact")},
    )

    @classmethod
    def of_customer(cls, customer: Customer) -> Select[Any]:
        """The contacts of a customer, the primary one first."""
        return select(cls).where(cls.customer_id == customer.id).order_by(~cls.is_primary, cls.id)

    def __str__(self) -> str:
        return f"{self.customer} – {self.contact}"
