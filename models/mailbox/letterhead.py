"""What stands around the messages of a company, a department or a person."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import EditableRecord, within_organization
from models.keys import belongs_to
from models.people.organization import Department
from models.people.user import User


class Letterhead(EditableRecord):
    """Header, signature and footer of one level; what is None comes from the level above (X4-10).

    The levels, from the inside out: the account itself (`MailAccount`), the user, the department and those above
    it, the organization. An empty text is a text: nothing stands there, whatever is above.
    """

    __tablename__ = "letterhead"
    __table_args__ = (
        within_organization(),
        belongs_to("department", ondelete="CASCADE"),
        UniqueConstraint(
            "organization_id", "department_id", "user_id", postgresql_nulls_not_distinct=True
        ),
        CheckConstraint("department_id IS NULL OR user_id IS NULL", name="is_of_one_level"),
        Index("ix_letterhead_user_id", "user_id"),
    )

    department_id: Mapped[int | None] = mapped_column()
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    default_domain: Mapped[str | None] = mapped_column(info={"label": _l("Default domain")})
    header_html: Mapped[str | None] = mapped_column(info={"label": _l("Header")})
    signature_html: Mapped[str | None] = mapped_column(info={"label": _l("Signature")})
    footer_html: Mapped[str | None] = mapped_column(info={"label": _l("Footer")})
    # Whether answers carry the footer too; the signature stands in them anyway (S4-23, S4-24).
    footer_in_replies: Mapped[bool | None] = mapped_column(info={"label": _l("Footer in replies")})

    department: Mapped[Department | None] = relationship(
        primaryjoin=lambda: foreign(Letterhead.department_id) == Department.id
    )
    user: Mapped[User | None] = relationship(foreign_keys=lambda: Letterhead.user_id)
