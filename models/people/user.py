"""Staff users."""

import uuid
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from models.base import AdminInfo, Record
from models.column_types import LowerCaseEmail, Sealed, Secret
from models.people.second_factor import SecondFactor
from models.public_id import uuid7


class User(SecondFactor, Record):
    """A member of staff, known in the whole installation (*usuario global*)."""

    __tablename__ = "user"
    __table_args__ = (UniqueConstraint("email_norm"),)
    __admin__ = AdminInfo(
        label=_l("User"),
        plural=_l("Global users"),
        menu=(_l("System"), _l("Updates"), _l("Global users")),
        icon="users",
        order=20,
    )

    public_id: Mapped[uuid.UUID] = mapped_column(default=uuid7, unique=True, info={"hidden": True})
    name: Mapped[str] = mapped_column(info={"label": _l("Name"), "search": True})
    email: Mapped[str] = mapped_column(info={"label": _l("E-mail"), "widget": "email"})
    email_norm: Mapped[str] = mapped_column(LowerCaseEmail, info={"hidden": True})
    position: Mapped[str] = mapped_column(
        default="",
        info={
            "label": _l("Position"),
            "list": False,
            "help": _l("What the person does here, such as “Collections”; for signatures."),
        },
    )
    phone: Mapped[str | None] = mapped_column(
        info={"label": _l("Phone"), "list": False, "widget": "phone"}
    )
    lang: Mapped[str] = mapped_column(
        default="es", info={"label": _l("Language"), "widget": "language"}
    )
    theme: Mapped[str | None] = mapped_column(info={"hidden": True})
    has_single_keys: Mapped[bool] = mapped_column(default=True, info={"hidden": True})
    wants_last_place: Mapped[bool] = mapped_column(default=False, info={"hidden": True})
    is_active: Mapped[bool] = mapped_column(default=True, info={"label": _l("Active")})
    is_global_admin: Mapped[bool] = mapped_column(
        default=False, info={"label": _l("Administrator of everything"), "list": False}
    )
    password_hash: Mapped[str | None] = mapped_column(Secret, info={"secret": True})
    totp_sealed: Mapped[str | None] = mapped_column(Sealed, info={"secret": True})
    totp_confirmed_at: Mapped[datetime | None] = mapped_column(info={"hidden": True})
    totp_last_step: Mapped[int | None] = mapped_column(info={"hidden": True})
    failed_sign_ins: Mapped[int] = mapped_column(default=0, info={"hidden": True})
    locked_until: Mapped[datetime | None] = mapped_column(info={"hidden": True})
    last_signed_in_at: Mapped[datetime | None] = mapped_column(
        info={"label": _l("Last sign-in"), "readonly": True}
    )

    def __init__(self, **fields: Any) -> None:
        fields.setdefault("email_norm", fields.get("email"))
        # First of all: secrets are bound to it.
        super().__init__(**{"public_id": uuid7(), **fields})

    @classmethod
    def by_email(cls, email: str) -> Select[Any]:
        """The user who signs in with this address."""
        return select(cls).where(cls.email_norm == email)

    def __str__(self) -> str:
        return self.name
