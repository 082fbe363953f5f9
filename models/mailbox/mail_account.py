"""Mail accounts: through which server and under which address we write."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Index, Select, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import AdminInfo, EditableRecord, state_type, utc_now, within_organization
from models.column_types import LowerCaseEmail, Sealed
from models.mailbox.mail_sign_in import MailSecurity, SignInBy
from models.people.user import User
from models.public_id import uuid7
from models.sealing import keyring


class MailAccount(EditableRecord):
    """An address that may send, its server, and how much that server wants to get."""

    __tablename__ = "mail_account"
    __table_args__ = (
        within_organization(),
        UniqueConstraint("organization_id", "address_norm", deferrable=True, initially="IMMEDIATE"),
        CheckConstraint("smtp_port BETWEEN 1 AND 65535", name="port_is_possible"),
        CheckConstraint("connections BETWEEN 1 AND 32", name="connections_are_few"),
        CheckConstraint(
            "coalesce(per_second, 1) > 0 AND coalesce(per_minute, 1) > 0"
            " AND coalesce(per_hour, 1) > 0 AND coalesce(per_day, 1) > 0",
            name="limits_are_positive",
        ),
        CheckConstraint("largest_message_bytes >= 100000", name="largest_message_is_possible"),
        CheckConstraint("imap_port BETWEEN 1 AND 65535", name="incoming_port_is_possible"),
        CheckConstraint("(owner_id IS NULL) OR NOT is_shared", name="shared_has_no_owner"),
        CheckConstraint("sync_days > 0", name="sync_days_are_positive"),
        Index("ix_mail_account_owner_id", "organization_id", "owner_id"),
    )
    __admin__ = AdminInfo(
        label=_l("Mail account"),
        plural=_l("Mail accounts"),
        menu=(_l("System"), _l("Mail accounts")),
        icon="at",
        title="address",
        sort="id",
        order=25,
    )

    address: Mapped[str] = mapped_column(
        info={"label": _l("Address"), "widget": "email", "search": True, "group": _l("Sender")}
    )
    address_norm: Mapped[str] = mapped_column(LowerCaseEmail, info={"hidden": True})
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    is_shared: Mapped[bool] = mapped_column(
        default=False,
        info={
            "label": _l("Shared"),
            "list": False,
            "group": _l("Sender"),
            "help": _l(
                "Everybody who sends mailings may use it, until somebody is named for it. An account of one person is not shared."
            ),
        },
    )
    display_name: Mapped[str] = mapped_column(
        default="", info={"label": _l("Name of the sender"), "group": _l("Sender")}
    )
    reply_to: Mapped[str | None] = mapped_column(
        info={"label": _l("Reply to"), "list": False, "widget": "email", "group": _l("Sender")}
    )
    smtp_host: Mapped[str] = mapped_column(
        info={"label": _l("Outgoing server"), "group": _l("Server")}
    )
    smtp_port: Mapped[int] = mapped_column(
        default=587, info={"label": _l("Port"), "group": _l("Server"), "list": False}
    )
    smtp_security: Mapped[MailSecurity] = mapped_column(
        default=MailSecurity.STARTTLS,
        info={"label": _l("Security"), "list": False, "group": _l("Server")},
    )
    login: Mapped[str | None] = mapped_column(
        info={"label": _l("Login"), "list": False, "group": _l("Server")}
    )
    password_sealed: Mapped[str | None] = mapped_column(
        Sealed,
        info={
            "label": _l("Password"),
            "secret": True,
            "write_as": "password",
            "group": _l("Server"),
        },
    )
    sign_in_by: Mapped[SignInBy] = mapped_column(
        default=SignInBy.NOTHING,
        info={"label": _l("Signs in by"), "list": False, "group": _l("Server"), "readonly": True},
    )
    imap_host: Mapped[str | None] = mapped_column(
        info={"label": _l("Incoming server"), "list": False, "group": _l("Incoming mail")}
    )
    imap_port: Mapped[int] = mapped_column(
        default=993,
        info={"label": _l("Incoming port"), "list": False, "group": _l("Incoming mail")},
    )
    imap_security: Mapped[MailSecurity] = mapped_column(
        state_type(MailSecurity, "imap_security"),
        default=MailSecurity.TLS,
        info={"label": _l("Incoming security"), "list": False, "group": _l("Incoming mail")},
    )
    imap_login: Mapped[str | None] = mapped_column(
        info={
            "label": _l("Incoming login"),
            "list": False,
            "group": _l("Incoming mail"),
            "help": _l("Empty: as for the outgoing server."),
        }
    )
    sync_days: Mapped[int | None] = mapped_column(
        default=365,
        info={
            "label": _l("Days of mail to read"),
            "list": False,
            "group": _l("Incoming mail"),
            "help": _l("Empty: all that is there."),
        },
    )
    # Role of a folder -> its path on the server, where that cannot be told from its marks.
    folders: Mapped[dict[str, Any]] = mapped_column(default=dict, info={"hidden": True})
    header_html: Mapped[str | None] = mapped_column(
        info={
            "label": _l("Header"),
            "list": False,
            "widget": "long",
            "group": _l("Around every message"),
            "help": _l("HTML above the text, with its own styles if you like."),
        },
    )
    signature_html: Mapped[str | None] = mapped_column(
        info={
            "label": _l("Signature"),
            "list": False,
            "widget": "long",
            "group": _l("Around every message"),
            "help": _l("HTML right below the text."),
        },
    )
    footer_html: Mapped[str | None] = mapped_column(
        info={
            "label": _l("Footer"),
            "list": False,
            "widget": "long",
            "group": _l("Around every message"),
            "help": _l("HTML at the end; closes what the header has opened."),
        },
    )
    connections: Mapped[int] = mapped_column(
        default=2,
        info={
            "label": _l("Connections at once"),
            "list": False,
            "group": _l("Limits"),
            "help": _l("2 is safe with most providers; 4 for a server of your own."),
        },
    )
    wants_burst: Mapped[bool] = mapped_column(
        default=False,
        info={
            "label": _l("Send the next envelope together with the body"),
            "list": False,
            "group": _l("Limits"),
            "help": _l("Faster on a slow line; turned off by itself when a server answers oddly."),
        },
    )
    per_second: Mapped[int | None] = mapped_column(
        info={"label": _l("Messages a second"), "list": False, "group": _l("Limits")}
    )
    per_minute: Mapped[int | None] = mapped_column(
        info={"label": _l("Messages a minute"), "list": False, "group": _l("Limits")}
    )
    per_hour: Mapped[int | None] = mapped_column(
        info={"label": _l("Messages an hour"), "list": False, "group": _l("Limits")}
    )
    per_day: Mapped[int | None] = mapped_column(
        info={"label": _l("Messages a day"), "list": False, "group": _l("Limits")}
    )
    largest_message_bytes: Mapped[int | None] = mapped_column(
        info={
            "label": _l("Largest message in bytes"),
            "list": False,
            "group": _l("Limits"),
            "help": _l("Empty: 25 MB. What is larger goes as a link."),
        }
    )
    server_largest_bytes: Mapped[int | None] = mapped_column(info={"hidden": True})  # as it says
    is_active: Mapped[bool] = mapped_column(default=True, info={"label": _l("Active")})
    paused_until: Mapped[datetime | None] = mapped_column(
        info={"label": _l("Paused until"), "readonly": True}
    )
    paused_reason: Mapped[str | None] = mapped_column(info={"hidden": True})
    paused_detail: Mapped[str | None] = mapped_column(info={"hidden": True})
    # Since when it rests (while there is a `paused_reason`) and fails (while it has failed in a row).
    paused_at: Mapped[datetime | None] = mapped_column(info={"hidden": True})
    consecutive_failures: Mapped[int] = mapped_column(default=0, info={"hidden": True})
    failing_since: Mapped[datetime | None] = mapped_column(info={"hidden": True})
    password_set_at: Mapped[datetime | None] = mapped_column(info={"hidden": True})
    last_good_at: Mapped[datetime | None] = mapped_column(
        info={"label": _l("Last worked"), "list": False, "readonly": True}
    )
    last_bad_at: Mapped[datetime | None] = mapped_column(
        info={"label": _l("Last failed"), "list": False, "readonly": True}
    )

    owner: Mapped[User | None] = relationship(
        foreign_keys=lambda: MailAccount.owner_id,
        info={"label": _l("Belongs to"), "group": _l("Sender")},
    )

    def __init__(self, **fields: Any) -> None:
        fields.setdefault("address_norm", fields.get("address"))
        has_owner = fields.get("owner_id") is not None or fields.get("owner") is not None
        fields.setdefault("is_shared", not has_owner)
        # First of all: the password is bound to it.
        super().__init__(**{"public_id": uuid7(), **fields})

    @property
    def password(self) -> str | None:
        """The password in clear; for the moment of signing in only."""
        if self.password_sealed is None:
            return None
        return keyring.open(
            self.password_sealed, bound_to=f"mail_account:{self.public_id}:password"
        )

    @password.setter
    def password(self, plaintext: str | None) -> None:
        bound_to = f"mail_account:{self.public_id}:password"
        self.resume()
        self.password_sealed = keyring.seal(plaintext, bound_to=bound_to) if plaintext else None
        self.password_set_at = utc_now() if plaintext else None
        if plaintext:
            self.sign_in_by = SignInBy.PASSWORD
        elif self.sign_in_by is SignInBy.PASSWORD:
            self.sign_in_by = SignInBy.NOTHING

    @property
    def uses_permission(self) -> bool:
        """Whether it signs in by OAuth, so that it needs no password."""
        return self.sign_in_by in (SignInBy.CONSENT, SignInBy.APPLICATION)

    @property
    def is_paused(self) -> bool:
        """Whether nothing leaves now; without `paused_until` only a person ends the pause."""
        if self.paused_reason is None:
            return False
        return self.paused_until is None or self.paused_until > utc_now()

    def pause_for_person(self, reason: str, detail: str) -> None:
        """Let nothing leave until somebody has cured the cause; `reason` is a `ReasonCode`."""
        self.paused_reason, self.paused_detail, self.paused_until = reason, detail[:500], None

    def resume(self) -> None:
        """Try again: a person has cured what was wrong."""
        self.paused_until = self.paused_reason = self.paused_detail = self.paused_at = None
        self.consecutive_failures, self.failing_since = 0, None

    @classmethod
    def at(cls, address: str) -> Select[Any]:
        """The account with this address."""
        return select(cls).where(cls.address_norm == address)

    def __str__(self) -> str:
        return self.address
