"""How an organization's portal is called, what it shows and who hears of what happens there."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import EditableRecord, OrganizationRecord

NAME = "^[a-z0-9](-?[a-z0-9]){1,48}$"
PORTAL_LANGUAGES = ("es", "en", "pt")  # what the portal can speak; `docs/how-to/add-a-language.md`


class WhenTold(StrEnum):
    """When the staff hears of one kind of thing that customers do."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    NEVER = "never"

    @classmethod
    def labels(cls) -> dict["WhenTold", Any]:
        return {cls.AT_ONCE: _l("At once"), cls.DAILY: _l("Once a day"), cls.NEVER: _l("No")}


class PortalSettings(EditableRecord):
    """The portal of one organization (S2-01). What is off is absent from it and answers 404.

    `name` stands in the URL and is unique among all organizations; `title` is what customers read. `languages` are those
    that it speaks, of `PORTAL_LANGUAGES`; `banner` holds cleaned HTML by language. Any number may claim a `custom_domain`; it is of whom its record was found, last at
    `domain_verified_at`. `notify` says `WhenTold` by kind of `PortalEvent`, where it is not as usual (`services/portal/activity_words.py`).
    """

    __tablename__ = "portal_settings"
    __table_args__ = (
        UniqueConstraint("organization_id"),
        UniqueConstraint("name"),
        Index(
            "uq_portal_settings_custom_domain",
            func.lower(text("custom_domain")),
            unique=True,
            postgresql_where=text("domain_verified_at IS NOT NULL"),
        ),
        CheckConstraint(f"name ~ '{NAME}'", name="name_fits_into_a_url"),
        CheckConstraint("banner_to >= banner_from", name="banner_ends_after_it_begins"),
        CheckConstraint("cardinality(languages) > 0", name="speaks_some_language"),
    )

    name: Mapped[str] = mapped_column()
    title: Mapped[str] = mapped_column()
    custom_domain: Mapped[str | None] = mapped_column()
    domain_challenge: Mapped[str | None] = mapped_column()
    domain_verified_at: Mapped[datetime | None] = mapped_column()
    domain_checked_at: Mapped[datetime | None] = mapped_column()
    notify_of_activity: Mapped[bool] = mapped_column(default=True)
    notify: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    notify_emails: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    notify_customer_of_comments: Mapped[bool] = mapped_column(default=True)
    allow_profile_edit: Mapped[bool] = mapped_column(default=True)
    allow_address_edit: Mapped[bool] = mapped_column(default=True)
    allow_card_edit: Mapped[bool] = mapped_column(default=False)
    allow_forward: Mapped[bool] = mapped_column(default=True)
    allow_reviews: Mapped[bool] = mapped_column(default=False)
    show_sales_orders: Mapped[bool] = mapped_column(default=True)
    show_projects: Mapped[bool] = mapped_column(default=False)
    languages: Mapped[list[str]] = mapped_column(
        ARRAY(Text), default=lambda: list(PORTAL_LANGUAGES), server_default="{es,en,pt}"
    )
    banner: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    banner_from: Mapped[date | None] = mapped_column()
    banner_to: Mapped[date | None] = mapped_column()

    def __str__(self) -> str:
        return self.title


class FormerPortalName(OrganizationRecord):
    """A name that a portal had: old links lead to the new one, and nobody else gets it (S2-06)."""

    __tablename__ = "former_portal_name"
    __table_args__ = (UniqueConstraint("name"),)

    name: Mapped[str] = mapped_column()

    def __str__(self) -> str:
        return self.name
