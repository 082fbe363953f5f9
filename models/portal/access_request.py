"""Strangers who ask for a way into the portal, and what they are asked (X0-04, X0-05)."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, Text, select, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import EditableRecord, within_organization
from models.column_types import LowerCaseEmail, Secret
from models.keys import belongs_to
from models.people.customer import Customer
from models.people.customer_group import CustomerGroup


class RequestState(StrEnum):
    """Where a request is on its way."""

    REQUESTED = "requested"
    EMAIL_VERIFIED = "email_verified"
    PENDING_VALIDATION = "pending_validation"
    VALIDATED = "validated"
    REJECTED = "rejected"

    @classmethod
    def labels(cls) -> dict["RequestState", Any]:
        return {
            cls.REQUESTED: _l("Begun"),
            cls.EMAIL_VERIFIED: _l("Address verified"),
            cls.PENDING_VALIDATION: _l("Waits for validation"),
            cls.VALIDATED: _l("Validated"),
            cls.REJECTED: _l("Rejected"),
        }


_S = RequestState
NEXT_REQUEST_STATES: dict[RequestState, set[RequestState]] = {
    _S.REQUESTED: {_S.EMAIL_VERIFIED},
    _S.EMAIL_VERIFIED: {_S.PENDING_VALIDATION},
    _S.PENDING_VALIDATION: {_S.VALIDATED, _S.REJECTED},
    _S.VALIDATED: {_S.PENDING_VALIDATION},  # for a moment: `services/portal/access_undo.py`
    _S.REJECTED: {_S.PENDING_VALIDATION},
}
OPEN_REQUEST = "state IN ('requested', 'email_verified', 'pending_validation')"


class AccessRequest(EditableRecord):
    """What somebody wrote about themselves and their company; nothing of it is true before staff say so.

    Its `public_id` leads back to the wizard only together with `code_hash`'s code or the browser's session.
    """

    __tablename__ = "access_request"
    __table_args__ = (
        within_organization(),
        belongs_to("customer_group"),
        belongs_to("customer", "matched_customer_id"),
        belongs_to("portal_membership"),
        Index(
            "uq_access_request_open",
            "organization_id",
            "customer_group_id",
            "email_norm",
            unique=True,
            postgresql_where=text(OPEN_REQUEST),
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_access_request_by_state", "organization_id", "state", "id"),
        CheckConstraint("match_score BETWEEN 0 AND 100", name="score_is_a_percentage"),
    )

    customer_group_id: Mapped[int | None] = mapped_column()
    state: Mapped[RequestState] = mapped_column(default=RequestState.REQUESTED)
    email: Mapped[str] = mapped_column()
    email_norm: Mapped[str] = mapped_column(LowerCaseEmail)
    name: Mapped[str] = mapped_column(default="")
    job_title: Mapped[str | None] = mapped_column()
    phone: Mapped[str | None] = mapped_column()
    lang: Mapped[str] = mapped_column(default="es")
    company_name: Mapped[str] = mapped_column(default="")
    tax_id: Mapped[str] = mapped_column(default="")
    company: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    answers: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    enquiries: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    terms_revision: Mapped[int | None] = mapped_column()
    terms_accepted_at: Mapped[datetime | None] = mapped_column()
    code_hash: Mapped[str | None] = mapped_column(Secret, info={"secret": True})
    code_ends_at: Mapped[datetime | None] = mapped_column()
    code_tries: Mapped[int] = mapped_column(default=0)
    ip: Mapped[str | None] = mapped_column()
    user_agent: Mapped[str | None] = mapped_column()
    matched_customer_id: Mapped[int | None] = mapped_column()
    match_score: Mapped[int | None] = mapped_column()
    portal_membership_id: Mapped[int | None] = mapped_column()
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None] = mapped_column()
    rejected_because: Mapped[str | None] = mapped_column()
    # By letting them in: what goes again if that is taken back.
    made: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))

    matched_customer: Mapped[Customer | None] = relationship(
        primaryjoin=lambda: foreign(AccessRequest.matched_customer_id) == Customer.id
    )
    customer_group: Mapped[CustomerGroup | None] = relationship(
        primaryjoin=lambda: foreign(AccessRequest.customer_group_id) == CustomerGroup.id
    )

    @classmethod
    def in_state(cls, *states: RequestState) -> Select[Any]:
        """The requests in these states, the oldest first."""
        return select(cls).where(cls.state.in_(states)).order_by(cls.id)


class QuestionKind(StrEnum):
    """How a question is answered."""

    TEXT = "text"
    LONG = "long"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes_no"

    @classmethod
    def labels(cls) -> dict["QuestionKind", Any]:
        return {
            cls.TEXT: _l("A line of text"),
            cls.LONG: _l("Several lines of text"),
            cls.NUMBER: _l("A number"),
            cls.DATE: _l("A date"),
            cls.CHOICE: _l("One of several answers"),
            cls.YES_NO: _l("Yes or no"),
        }


class PortalQuestion(EditableRecord):
    """What is asked of whoever wants to get in; `label` and `options` are by language (`{"es": …, "en": …}`)."""

    __tablename__ = "portal_question"
    __table_args__ = (
        belongs_to("customer_group", ondelete="CASCADE"),
        Index("ix_portal_question_of_group", "organization_id", "customer_group_id", "position"),
    )

    customer_group_id: Mapped[int | None] = mapped_column()
    position: Mapped[int] = mapped_column(default=0)
    label: Mapped[dict[str, Any]] = mapped_column(JSONB)
    kind: Mapped[QuestionKind] = mapped_column(default=QuestionKind.TEXT)
    is_required: Mapped[bool] = mapped_column(default=False)
    options: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
