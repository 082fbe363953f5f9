"""What customers think of the business (S2-20)."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import AdminInfo, EditableRecord
from models.keys import belongs_to
from models.people.customer import Customer
from models.portal.portal_user import PortalUser
from models.states import move


class ReviewState(StrEnum):
    """Whether other customers could read it."""

    VISIBLE = "visible"
    HIDDEN = "hidden"

    @classmethod
    def labels(cls) -> dict["ReviewState", Any]:
        return {cls.VISIBLE: _l("Visible"), cls.HIDDEN: _l("Hidden")}


NEXT_REVIEW_STATES: dict[ReviewState, set[ReviewState]] = {
    ReviewState.VISIBLE: {ReviewState.HIDDEN},
    ReviewState.HIDDEN: {ReviewState.VISIBLE},
}


class Review(EditableRecord):
    """An opinion with stars, and the answer of the business."""

    __tablename__ = "review"
    __table_args__ = (
        belongs_to("customer", ondelete="CASCADE"),
        belongs_to("portal_user"),
        Index("ix_review_by_customer", "organization_id", "customer_id", "id"),
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating_is_stars"),
    )
    __admin__ = AdminInfo(
        label=_l("Customer review"),
        plural=_l("Reviews"),
        menu=(_l("Accounts"), _l("Reviews")),
        icon="star",
        title="body",
        sort="-id",
        order=38,
    )

    customer_id: Mapped[int] = mapped_column()
    portal_user_id: Mapped[int] = mapped_column(info={"hidden": True})
    rating: Mapped[int] = mapped_column(info={"label": _l("Stars"), "readonly": True})
    body: Mapped[str] = mapped_column(
        info={"label": _l("What they write"), "readonly": True, "widget": "long", "search": True}
    )
    state: Mapped[ReviewState] = mapped_column(
        default=ReviewState.VISIBLE, info={"label": _l("State"), "readonly": True}
    )
    reply: Mapped[str | None] = mapped_column(
        info={"label": _l("Our answer"), "widget": "long", "list": False}
    )
    replied_at: Mapped[datetime | None] = mapped_column(info={"hidden": True})

    customer: Mapped[Customer] = relationship(
        primaryjoin=lambda: foreign(Review.customer_id) == Customer.id,
        info={"label": _l("Customer"), "readonly": True, "bulk": False},
    )
    portal_user: Mapped[PortalUser] = relationship(
        primaryjoin=lambda: foreign(Review.portal_user_id) == PortalUser.id
    )

    def hide(self) -> None:
        move(self, to=ReviewState.HIDDEN, following=NEXT_REVIEW_STATES)

    def show(self) -> None:
        move(self, to=ReviewState.VISIBLE, following=NEXT_REVIEW_STATES)

    def answer(self, reply: str | None, at: datetime) -> None:
        """Write our answer; without one there is no moment of it."""
        self.reply = reply
        self.replied_at = at if reply else None

    def __str__(self) -> str:
        return self.body[:60]
