"""What the portal writes and says in an organization's own words, by group and language, with every revision kept."""

from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index, Select, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import EditableRecord
from models.keys import belongs_to


class PortalTextKind(StrEnum):
    """Which text: the e-mails of the portal, then the words on its pages."""

    ACCESS_EMAIL = "access_email"
    VALIDATION_CONFIRMED = "validation_confirmed"
    NEW_PRIMARY = "new_primary"
    PREVIOUS_PRIMARY = "previous_primary"
    FORGOTTEN_USER_NAME = "forgotten_user_name"
    PASSWORD_RESET = "password_reset"  # names an e-mail
    TERMS = "terms"
    STEP_TERMS = "step_terms"
    STEP_CONTACT = "step_contact"
    STEP_COMPANY = "step_company"
    STEP_QUESTIONS = "step_questions"
    SUMMARY_COMPLETE = "summary_complete"
    SUMMARY_INCOMPLETE = "summary_incomplete"
    CONTACT_UPDATED = "contact_updated"
    SECONDARY_ADDED = "secondary_added"
    PAYMENT_RECEIVED = "payment_received"

    @property
    def is_email(self) -> bool:
        """Whether it is sent, with a subject; the others are shown."""
        return self in EMAILS

    @classmethod
    def labels(cls) -> dict["PortalTextKind", Any]:
        return {
            cls.ACCESS_EMAIL: _l("Customer access request"),
            cls.VALIDATION_CONFIRMED: _l("Customer validation confirmation"),
            cls.NEW_PRIMARY: _l("Notify new primary contact"),
            cls.PREVIOUS_PRIMARY: _l("Notify previous primary contact"),
            cls.FORGOTTEN_USER_NAME: _l("Forgotten user name"),
            cls.PASSWORD_RESET: _l("Reset password"),
            cls.TERMS: _l("Terms and conditions"),
            cls.STEP_TERMS: _l("Step “Terms”"),
            cls.STEP_CONTACT: _l("Step “Contact”"),
            cls.STEP_COMPANY: _l("Step “Company”"),
            cls.STEP_QUESTIONS: _l("Step “Questions”"),
            cls.SUMMARY_COMPLETE: _l("Summary of a complete request"),
            cls.SUMMARY_INCOMPLETE: _l("Summary of an incomplete request"),
            cls.CONTACT_UPDATED: _l("After a contact was changed"),
            cls.SECONDARY_ADDED: _l("To the primary contact, when another one is added"),
            cls.PAYMENT_RECEIVED: _l("When a payment was recorded"),
        }


# One section each on the page of a group's e-mails (S0-05).
SECTIONS = tuple(PortalTextKind)[: tuple(PortalTextKind).index(PortalTextKind.TERMS)]
EMAILS = frozenset((*SECTIONS, PortalTextKind.SECONDARY_ADDED, PortalTextKind.PAYMENT_RECEIVED))


class PortalText(EditableRecord):
    """One revision of a text; the newest of its group, kind and language is current.

    Without a group it is the organization's. Whoever accepts terms accepts a revision.
    """

    __tablename__ = "portal_text"
    __table_args__ = (
        belongs_to("customer_group", ondelete="CASCADE"),
        UniqueConstraint(
            "organization_id",
            "customer_group_id",
            "kind",
            "lang",
            "revision",
            postgresql_nulls_not_distinct=True,
        ),
        Index(
            "uq_portal_text_current",
            "organization_id",
            "customer_group_id",
            "kind",
            "lang",
            unique=True,
            postgresql_where=text("is_current"),
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("subject !~ '[\\r\\n]'", name="subject_is_one_line"),
    )

    customer_group_id: Mapped[int | None] = mapped_column()
    kind: Mapped[PortalTextKind] = mapped_column()
    lang: Mapped[str] = mapped_column()
    subject: Mapped[str] = mapped_column(default="")
    body_html: Mapped[str] = mapped_column()
    revision: Mapped[int] = mapped_column(default=1)
    is_current: Mapped[bool] = mapped_column(default=True)

    @classmethod
    def current(cls, kind: PortalTextKind) -> Select[Any]:
        """The current texts of a kind, of all levels and languages."""
        return select(cls).where(cls.kind == kind, cls.is_current)
