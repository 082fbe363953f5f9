"""One e-mail to many customers: what goes, to whom, through which account."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Index,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import AdminInfo, EditableRecord, OrganizationRecord, within_organization
from models.keys import belongs_to
from models.mailbox.mail_account import MailAccount
from models.mailings.mailing_state import NEXT_STATES, MailingState
from models.sales.document_state import DocumentKind
from models.states import move


class OneMailPer(StrEnum):
    """How documents are put together."""

    CUSTOMER = "customer"
    DOCUMENT = "document"
    CONTACT = "contact"

    @classmethod
    def labels(cls) -> dict["OneMailPer", Any]:
        return {
            cls.CUSTOMER: _l("One e-mail per customer"),
            cls.DOCUMENT: _l("One e-mail per document"),
            cls.CONTACT: _l("One e-mail per contact"),
        }


class AudienceMode(StrEnum):
    """To whom a mailing goes."""

    ALL = "all"
    CUSTOMERS = "customers"
    GROUPS = "groups"
    ROLES = "roles"
    PRIMARY = "primary"
    CONTACTS = "contacts"
    EVERYBODY = "everybody"

    @classmethod
    def labels(cls) -> dict["AudienceMode", Any]:
        return {
            cls.ALL: _l("All customers in the range"),
            cls.CUSTOMERS: _l("Chosen customers"),
            cls.GROUPS: _l("Customer groups"),
            cls.ROLES: _l("Contacts with a role"),
            cls.PRIMARY: _l("Primary contacts"),
            cls.CONTACTS: _l("Chosen contacts"),
            cls.EVERYBODY: _l("Every contact"),
        }


class AttachMode(StrEnum):
    """How documents reach the reader."""

    ATTACH = "attach"
    LINK = "link"
    BOTH = "both"

    @classmethod
    def labels(cls) -> dict["AttachMode", Any]:
        return {
            cls.ATTACH: _l("Attached to the e-mail"),
            cls.LINK: _l("As a link"),
            cls.BOTH: _l("Attached, and as a link"),
        }


class SentFilter(StrEnum):
    """Which documents of a range go, by what earlier mailings did with them."""

    ANY = "any"
    UNSENT = "unsent"
    UNSENT_OR_FAILED = "unsent_or_failed"

    @classmethod
    def labels(cls) -> dict["SentFilter", Any]:
        return {
            cls.ANY: _l("All"),
            cls.UNSENT: _l("Not sent yet"),
            cls.UNSENT_OR_FAILED: _l("Not sent or failed"),
        }


class Mailing(EditableRecord):
    """A mailing; its ranges and its audience die with it, its deliveries are in `delivery`."""

    __tablename__ = "mailing"
    __table_args__ = (
        within_organization(),
        UniqueConstraint("organization_id", "number"),
        belongs_to("mail_account", "account_id"),
        CheckConstraint(
            "state <> 'scheduled' OR scheduled_at IS NOT NULL", name="scheduled_has_time"
        ),
        CheckConstraint(
            "(refused_answers IS NULL) = (last_answers IS NULL) AND last_answers > 0",
            name="stop_has_numbers",
        ),
        CheckConstraint(
            "extra_file_kinds <@ ARRAY['xml', 'annex']::text[]", name="file_kinds_are_known"
        ),
        Index("ix_mailing_by_state", "organization_id", "state", "id"),
    )
    __admin__ = AdminInfo(
        label=_l("Mailing"),
        plural=_l("Mailings"),
        menu=None,  # the console is the way in
        icon="send",
        title="title",
        sort="-id",
        read_only=True,
    )

    number: Mapped[int] = mapped_column(info={"label": _l("Number")})
    title: Mapped[str] = mapped_column(default="", info={"label": _l("Title"), "search": True})
    state: Mapped[MailingState] = mapped_column(
        default=MailingState.DRAFT, info={"label": _l("State")}
    )
    account_id: Mapped[int] = mapped_column()
    one_mail_per: Mapped[OneMailPer] = mapped_column(
        default=OneMailPer.CONTACT, info={"label": _l("Grouping"), "list": False}
    )
    attach_mode: Mapped[AttachMode] = mapped_column(
        default=AttachMode.ATTACH, info={"label": _l("Documents"), "list": False}
    )
    extra_file_kinds: Mapped[list[str]] = mapped_column(
        ARRAY(Text), default=list, info={"hidden": True}
    )  # besides the PDF: kinds of `DocumentFile`
    reply_to: Mapped[str | None] = mapped_column(
        info={"label": _l("Reply to"), "widget": "email", "list": False}
    )  # None: as the account says
    cc: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, info={"hidden": True})
    bcc: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, info={"hidden": True})
    cc_roles: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, info={"hidden": True})
    bcc_roles: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, info={"hidden": True})
    bcc_once: Mapped[bool] = mapped_column(default=True, info={"hidden": True})
    subject: Mapped[str] = mapped_column(info={"label": _l("Subject")})
    body_html: Mapped[str] = mapped_column(info={"label": _l("Message"), "list": False})
    lang: Mapped[str] = mapped_column(
        default="es", info={"label": _l("Language"), "widget": "language", "list": False}
    )
    variants: Mapped[dict[str, Any]] = mapped_column(
        default=dict, info={"hidden": True}
    )  # language -> {"subject", "body_html"}
    needs_own_language: Mapped[bool] = mapped_column(default=False, info={"hidden": True})
    text_revision: Mapped[int] = mapped_column(default=1, info={"hidden": True})
    period_start: Mapped[date | None] = mapped_column(info={"label": _l("From"), "list": False})
    period_end: Mapped[date | None] = mapped_column(info={"label": _l("To"), "list": False})
    scheduled_at: Mapped[datetime | None] = mapped_column(info={"label": _l("Scheduled for")})
    scheduled_zone: Mapped[str | None] = mapped_column(info={"hidden": True})
    # Until registering is asked for: the form as it was left, whatever is wrong with it.
    draft_form: Mapped[dict[str, Any] | None] = mapped_column(info={"hidden": True})
    planned_count: Mapped[int | None] = mapped_column(info={"hidden": True})
    register_error: Mapped[str | None] = mapped_column(info={"hidden": True})
    register_asked_at: Mapped[datetime | None] = mapped_column(info={"hidden": True})
    register_asked_by_id: Mapped[int | None] = mapped_column(info={"hidden": True})
    register_starts: Mapped[int] = mapped_column(default=0, info={"hidden": True})
    registered_at: Mapped[datetime | None] = mapped_column(info={"label": _l("Registered")})
    registered_by_id: Mapped[int | None] = mapped_column(info={"hidden": True})
    started_at: Mapped[datetime | None] = mapped_column(info={"label": _l("Started")})
    started_by_id: Mapped[int | None] = mapped_column(info={"hidden": True})
    stop_requested_at: Mapped[datetime | None] = mapped_column(info={"hidden": True})
    # It stopped by itself: so many of its last answers were refusals. Both None if a person stopped it.
    refused_answers: Mapped[int | None] = mapped_column(info={"hidden": True})
    last_answers: Mapped[int | None] = mapped_column(info={"hidden": True})
    # The share of refusals that a person has gone on with, and when: earlier answers are known.
    answers_since: Mapped[datetime | None] = mapped_column(info={"hidden": True})
    tolerated_percent: Mapped[int | None] = mapped_column(info={"hidden": True})
    finished_at: Mapped[datetime | None] = mapped_column(info={"label": _l("Finished")})
    content_hash: Mapped[str | None] = mapped_column(info={"hidden": True})

    account: Mapped[MailAccount] = relationship(
        primaryjoin=lambda: foreign(Mailing.account_id) == MailAccount.id,
        info={"label": _l("Mail account")},
    )
    ranges: Mapped[list["MailingRange"]] = relationship(
        primaryjoin=lambda: foreign(MailingRange.mailing_id) == Mailing.id,
        cascade="all, delete-orphan",
        order_by=lambda: MailingRange.id,
        back_populates="mailing",
    )
    audience: Mapped[list["MailingAudience"]] = relationship(
        primaryjoin=lambda: foreign(MailingAudience.mailing_id) == Mailing.id,
        cascade="all, delete-orphan",
        order_by=lambda: MailingAudience.id,
        back_populates="mailing",
    )

    @property
    def is_being_registered(self) -> bool:
        """Whether a worker prepares it, or is about to: then nobody changes it."""
        is_asked = self.register_asked_at is not None and self.register_error is None
        return self.state is MailingState.DRAFT and is_asked

    def change_state(self, to: MailingState) -> None:
        move(self, to=to, following=NEXT_STATES)

    def __str__(self) -> str:
        return f"N.º {self.number} {self.title}".strip()


class MailingRange(OrganizationRecord):
    """Which documents go: numbers of a series, dates, or chosen ones; all given limits hold together."""

    __tablename__ = "mailing_range"
    __table_args__ = (
        belongs_to("mailing", ondelete="CASCADE"),
        Index("ix_mailing_range_mailing_id", "mailing_id"),
        CheckConstraint("number_from <= number_to", name="numbers_in_order"),
        CheckConstraint("date_from <= date_to", name="dates_in_order"),
    )
    __audited__ = False

    mailing_id: Mapped[int] = mapped_column()
    kind: Mapped[DocumentKind] = mapped_column(default=DocumentKind.INVOICE)
    series: Mapped[str | None] = mapped_column()
    number_from: Mapped[int | None] = mapped_column()
    number_to: Mapped[int | None] = mapped_column()
    date_from: Mapped[date | None] = mapped_column()
    date_to: Mapped[date | None] = mapped_column()
    document_ids: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    sent_filter: Mapped[SentFilter] = mapped_column(default=SentFilter.ANY)

    mailing: Mapped[Mailing] = relationship(
        primaryjoin=lambda: foreign(MailingRange.mailing_id) == Mailing.id, back_populates="ranges"
    )


class MailingAudience(OrganizationRecord):
    """To whom it goes: one row per way of choosing; the rows narrow one another."""

    __tablename__ = "mailing_audience"
    __table_args__ = (
        belongs_to("mailing", ondelete="CASCADE"),
        Index("ix_mailing_audience_mailing_id", "mailing_id"),
    )
    __audited__ = False

    mailing_id: Mapped[int] = mapped_column()
    mode: Mapped[AudienceMode] = mapped_column(default=AudienceMode.ALL)
    ref_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default=list)
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)

    mailing: Mapped[Mailing] = relationship(
        primaryjoin=lambda: foreign(MailingAudience.mailing_id) == Mailing.id,
        back_populates="audience",
    )
