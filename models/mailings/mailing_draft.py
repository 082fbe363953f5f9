"""Who saved a draft last, and from which page: a second one is told, and nobody overwrites unseen (L-20)."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import InOrganization, db
from models.keys import belongs_to


class MailingDraft(InOrganization, db.Model):  # type: ignore[name-defined,misc]  # made at run time
    """One row per mailing that was written on a page. `page` is the page's own name, for as long as it is open.

    `made_by_page` is the one that began it: a page begins one mailing, however often it asks.
    """

    __tablename__ = "mailing_draft"
    __table_args__ = (
        belongs_to("mailing", ondelete="CASCADE"),
        UniqueConstraint("organization_id", "made_by_page"),
    )
    __audited__ = False

    mailing_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column()
    page: Mapped[str] = mapped_column()
    made_by_page: Mapped[str | None] = mapped_column()
    saved_at: Mapped[datetime] = mapped_column()
    saved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
