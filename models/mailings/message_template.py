"""Texts that staff write once and use in many mailings."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AdminInfo, EditableRecord


class MessageTemplate(EditableRecord):
    """A subject and a body with `{{ field }}` placeholders, in one language."""

    __tablename__ = "message_template"
    __table_args__ = (UniqueConstraint("organization_id", "code", "lang"),)
    __admin__ = AdminInfo(
        label=_l("Message template"),
        plural=_l("Message templates"),
        menu=(_l("Settings"), _l("Message templates")),
        icon="template",
        title="code",
        order=40,
    )

    code: Mapped[str] = mapped_column(info={"label": _l("Code"), "search": True})
    lang: Mapped[str] = mapped_column(
        default="es", info={"label": _l("Language"), "widget": "language"}
    )
    subject: Mapped[str] = mapped_column(info={"label": _l("Subject"), "wide": True, "bulk": False})
    body_html: Mapped[str] = mapped_column(
        info={"label": _l("Message"), "list": False, "widget": "long", "bulk": False}
    )
    revision: Mapped[int] = mapped_column(
        default=1, info={"label": _l("Revision"), "readonly": True}
    )

    def __str__(self) -> str:
        return self.code
