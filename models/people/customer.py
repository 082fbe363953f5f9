"""Customers and their addresses."""

from decimal import Decimal
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Computed, Index, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import AdminInfo, EditableRecord, OrganizationRecord, within_organization
from models.column_types import Money
from models.keys import belongs_to
from models.people.customer_group import CustomerGroup


class Customer(EditableRecord):
    """A company or person that is invoiced (*tercero*, *cliente*)."""

    __tablename__ = "customer"
    __table_args__ = (
        within_organization(),
        UniqueConstraint("organization_id", "number"),
        belongs_to("customer_group"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_is_iso"),
        CheckConstraint("payment_terms_days BETWEEN 0 AND 3650", name="terms_are_days"),
        CheckConstraint("credit_limit > 0", name="credit_limit_is_an_amount"),
        Index("ix_customer_organization_id_tax_id", "organization_id", "tax_id"),
        Index("ix_customer_organization_id_sort_name_id", "organization_id", "sort_name", "id"),
        Index(
            "ix_customer_organization_id_customer_group_id",
            "organization_id",
            "customer_group_id",
            "id",
        ),
        Index(
            "ix_customer_search_text",
            "search_text",
            postgresql_using="gin",
            postgresql_ops={"search_text": "gin_trgm_ops"},
        ),
    )
    __admin__ = AdminInfo(
        label=_l("Customer"),
        plural=_l("Customers"),
        menu=(_l("Accounts"), _l("Customers")),
        icon="building-store",
        sort="sort_name",
        order=31,
    )

    number: Mapped[str] = mapped_column(info={"label": _l("Number")})
    name: Mapped[str] = mapped_column(
        info={"label": _l("Name"), "sort_by": "sort_name", "wide": True}
    )
    legal_name: Mapped[str | None] = mapped_column(
        info={"label": _l("Legal name"), "list": False, "wide": True, "bulk": False}
    )
    tax_id_type: Mapped[str | None] = mapped_column(
        info={"label": _l("Tax id type"), "list": False, "widget": "tax_id_type", "bulk": False}
    )
    tax_id: Mapped[str | None] = mapped_column(info={"label": _l("Tax id"), "bulk": False})
    customer_group_id: Mapped[int | None] = mapped_column(info={"label": _l("Customer group")})
    lang: Mapped[str] = mapped_column(
        default="es", info={"label": _l("Language"), "widget": "language", "list": False}
    )
    currency: Mapped[str] = mapped_column(
        info={"label": _l("Currency"), "widget": "currency"}, default="EUR"
    )
    payment_terms_days: Mapped[int] = mapped_column(
        default=30, info={"label": _l("Payment terms in days"), "list": False}
    )
    credit_limit: Mapped[Decimal | None] = mapped_column(
        Money,
        info={
            "label": _l("Credit limit"),
            "help": _l("How much they may owe us, in their currency. Empty: nobody has said."),
            "list": False,
            "money": "currency",
        },
    )
    phone: Mapped[str | None] = mapped_column(
        info={"label": _l("Phone"), "list": False, "widget": "phone", "bulk": False}
    )
    website: Mapped[str | None] = mapped_column(
        info={"label": _l("Website"), "list": False, "widget": "url", "bulk": False}
    )
    on_hold: Mapped[bool] = mapped_column(
        default=False,
        info={
            "label": _l("On hold"),
            "help": _l("Nothing is sent to a customer on hold."),
            "inline_edit": True,
        },
    )
    notes: Mapped[str | None] = mapped_column(
        info={"label": _l("Internal notes"), "list": False, "widget": "long"}
    )
    sort_name: Mapped[str] = mapped_column(
        Computed("fold(name)", persisted=True), info={"hidden": True}
    )
    search_text: Mapped[str] = mapped_column(
        Computed(
            "fold(number || ' ' || name || ' ' || coalesce(legal_name, '') || ' ' || coalesce(tax_id, ''))",
            persisted=True,
        ),
        info={"hidden": True, "search": True},
    )

    customer_group: Mapped[CustomerGroup | None] = relationship(
        primaryjoin=lambda: foreign(Customer.customer_group_id) == CustomerGroup.id,
        info={"label": _l("Customer group")},
    )
    addresses: Mapped[list["Address"]] = relationship(
        primaryjoin=lambda: foreign(Address.customer_id) == Customer.id,
        cascade="all, delete-orphan",
        order_by=lambda: Address.id,
        back_populates="customer",
        info={"label": _l("Addresses"), "inline": True},
    )

    # Read only: who changes them goes through `services/people/customer_contacts.py`. Named as text, since that
    # module knows this one.
    contacts: Mapped[list[Any]] = relationship(
        "CustomerContact",
        primaryjoin="foreign(CustomerContact.customer_id) == Customer.id",
        order_by="CustomerContact.is_primary.desc(), CustomerContact.id",
        viewonly=True,
    )

    @classmethod
    def numbered(cls, number: str) -> Select[Any]:
        """The customer with this number."""
        return select(cls).where(cls.number == number)

    def __str__(self) -> str:
        return self.name


class AddressKind(StrEnum):
    """What an address is for."""

    BILLING = "billing"
    SHIPPING = "shipping"
    OTHER = "other"

    @classmethod
    def labels(cls) -> dict["AddressKind", Any]:
        return {
            cls.BILLING: _l("Billing address"),
            cls.SHIPPING: _l("Shipping address"),
            cls.OTHER: _l("Other address"),
        }


class Address(OrganizationRecord):
    """A postal address of a customer."""

    __tablename__ = "address"
    __table_args__ = (
        belongs_to("customer", ondelete="CASCADE"),
        Index("ix_address_organization_id_customer_id", "organization_id", "customer_id"),
    )

    customer_id: Mapped[int] = mapped_column()
    kind: Mapped[AddressKind] = mapped_column(
        default=AddressKind.BILLING, info={"label": _l("Kind")}
    )
    street: Mapped[str] = mapped_column(info={"label": _l("Street and number"), "width": "wide"})
    postcode: Mapped[str | None] = mapped_column(info={"label": _l("Postcode"), "width": "narrow"})
    city: Mapped[str] = mapped_column(info={"label": _l("City")})
    region: Mapped[str | None] = mapped_column(info={"label": _l("Region")})
    country: Mapped[str] = mapped_column(
        default="ES", info={"label": _l("Country"), "width": "narrow"}
    )

    customer: Mapped[Customer] = relationship(
        primaryjoin=lambda: foreign(Address.customer_id) == Customer.id, back_populates="addresses"
    )

    def __str__(self) -> str:
        return f"{self.street}, {self.city}"
