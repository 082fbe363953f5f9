"""Files, known by the hash of their content; the bytes are in the file store."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AdminInfo, OrganizationRecord, within_organization


class File(OrganizationRecord):
    """A file of one organization; the same content is kept once."""

    __tablename__ = "file"
    __table_args__ = (
        within_organization(),
        UniqueConstraint("organization_id", "sha256"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_is_hex"),
        CheckConstraint("size_bytes >= 0", name="size_is_positive"),
    )
    __audited__ = False
    __admin__ = AdminInfo(
        label=_l("File"),
        plural=_l("Files"),
        menu=None,
        icon="file",
        sort="-id",
        read_only=True,
    )

    sha256: Mapped[str] = mapped_column(info={"label": _l("Content hash"), "list": False})
    size_bytes: Mapped[int] = mapped_column(info={"label": _l("Size in bytes")})
    media_type: Mapped[str] = mapped_column(info={"label": _l("Type")})
    name: Mapped[str] = mapped_column(info={"label": _l("Name")})

    @classmethod
    def with_hash(cls, sha256: str) -> Select[Any]:
        """The file with this content."""
        return select(cls).where(cls.sha256 == sha256)

    def __str__(self) -> str:
        return self.name
