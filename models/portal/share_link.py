"""Links that open one document without signing in."""

from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import AdminInfo, OrganizationRecord, utc_now
from models.column_types import Secret
from models.keys import belongs_to
from models.sales.document import Document

LIFETIME = timedelta(days=180)


def in_half_a_year() -> datetime:
    """Until when a link works that says nothing else."""
    return utc_now() + LIFETIME


class ShareLink(OrganizationRecord):
    """Whoever has the link may read the document, until it expires or is revoked; only its SHA-256 is stored."""

    __tablename__ = "share_link"
    __table_args__ = (
        belongs_to("document", ondelete="CASCADE"),
        belongs_to("delivery", ondelete="CASCADE"),
        Index("ix_share_link_by_document", "organization_id", "document_id", "id"),
        Index("ix_share_link_delivery_id", "delivery_id"),
    )
    __admin__ = AdminInfo(
        label=_l("Document link"),
        plural=_l("Document links"),
        menu=(_l("Finance"), _l("Receivables"), _l("Document links")),
        icon="link",
        title="id",
        sort="-id",
        order=7,
        read_only=True,
    )

    token_hash: Mapped[str] = mapped_column(Secret, unique=True, info={"secret": True})
    document_id: Mapped[int] = mapped_column()
    delivery_id: Mapped[int] = mapped_column(info={"hidden": True})
    view_count: Mapped[int] = mapped_column(default=0, info={"label": _l("Views")})
    last_viewed_at: Mapped[datetime | None] = mapped_column(info={"label": _l("Last viewed")})
    expires_at: Mapped[datetime] = mapped_column(
        default=in_half_a_year, info={"label": _l("Works until")}
    )
    revoked_at: Mapped[datetime | None] = mapped_column(info={"label": _l("Withdrawn")})

    document: Mapped[Document] = relationship(
        primaryjoin=lambda: foreign(ShareLink.document_id) == Document.id,
        info={"label": _l("Document")},
    )

    @property
    def is_in_force(self) -> bool:
        """Whether it still opens the document."""
        return self.revoked_at is None and self.expires_at > utc_now()

    def revoke(self) -> None:
        """Open nothing any more; a second time changes nothing."""
        self.revoked_at = self.revoked_at or utc_now()

    def __str__(self) -> Any:
        return str(self.document)
