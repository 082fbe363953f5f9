"""Addresses that get nothing from us."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, UniqueConstraint, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AdminInfo, EditableRecord
from models.column_types import LowerCaseEmail
from models.keys import belongs_to


class SuppressionScope(StrEnum):
    """Which mail is held back."""

    ALL = "all"
    MARKETING = "marketing"

    @classmethod
    def labels(cls) -> dict["SuppressionScope", Any]:
        return {cls.ALL: _l("All e-mails"), cls.MARKETING: _l("Marketing only")}


class Suppression(EditableRecord):
    """An address on the suppression list, until a moment or for good."""

    __tablename__ = "suppression"
    __table_args__ = (
        UniqueConstraint("organization_id", "address_norm", "scope"),
        belongs_to("delivery", "source_delivery_id"),
    )
    __admin__ = AdminInfo(
        label=_l("Suppressed address"),
        plural=_l("Suppression list"),
        menu=(_l("Settings"), _l("Suppression list")),
        icon="mail-off",
        title="address_norm",
        order=41,
    )

    address_norm: Mapped[str] = mapped_column(
        LowerCaseEmail, info={"label": _l("Address"), "widget": "email", "search": True}
    )
    scope: Mapped[SuppressionScope] = mapped_column(
        default=SuppressionScope.ALL, info={"label": _l("Scope")}
    )
    reason: Mapped[str] = mapped_column(default="", info={"label": _l("Reason")})
    source_delivery_id: Mapped[int | None] = mapped_column(info={"hidden": True})
    until: Mapped[datetime | None] = mapped_column(info={"label": _l("Until")})

    @classmethod
    def in_force(cls) -> Select[Any]:
        """What holds back documents now."""
        return select(cls).where(
            cls.scope == SuppressionScope.ALL, or_(cls.until.is_(None), cls.until > func.now())
        )

    def __str__(self) -> str:
        return self.address_norm
