"""OAuth2: the applications that an organization has at Google and Microsoft, and the tokens of its accounts."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models.base import AdminInfo, EditableRecord, OrganizationRecord, within_organization
from models.column_types import Sealed
from models.keys import belongs_to
from models.mailbox.mail_account import MailAccount
from models.public_id import uuid7
from models.sealing import keyring


class OAuthProvider(StrEnum):
    """Who gives tokens."""

    GOOGLE = "google"
    MICROSOFT = "microsoft"

    @classmethod
    def labels(cls) -> dict["OAuthProvider", Any]:
        return {cls.GOOGLE: "Google", cls.MICROSOFT: "Microsoft"}


class OAuthApplication(EditableRecord):
    """What the organization has registered at a provider: once for all of its accounts there.

    `tenant` is Microsoft's directory; for Google's app-only way `secret` is the JSON key of the service account.
    """

    __tablename__ = "oauth_application"
    __table_args__ = (within_organization(), UniqueConstraint("organization_id", "provider"))
    __admin__ = AdminInfo(
        label=_l("OAuth application"),
        plural=_l("OAuth applications"),
        menu=(_l("System"), _l("OAuth applications")),
        icon="key",
        title="provider",
        order=27,
    )

    provider: Mapped[OAuthProvider] = mapped_column(info={"label": _l("Provider")})
    client_id: Mapped[str] = mapped_column(info={"label": _l("Client id")})
    tenant: Mapped[str | None] = mapped_column(info={"label": _l("Tenant")})
    secret_sealed: Mapped[str | None] = mapped_column(
        Sealed, info={"label": _l("Client secret"), "secret": True, "write_as": "secret"}
    )

    def __init__(self, **fields: Any) -> None:
        # First of all: the secret is bound to it.
        super().__init__(**{"public_id": uuid7(), **fields})

    @property
    def secret(self) -> str | None:
        """The client's secret in clear; for the moment of asking for a token only."""
        if self.secret_sealed is None:
            return None
        return keyring.open(self.secret_sealed, bound_to=self._place)

    @secret.setter
    def secret(self, plaintext: str | None) -> None:
        self.secret_sealed = keyring.seal(plaintext, bound_to=self._place) if plaintext else None

    @property
    def _place(self) -> str:
        return f"oauth_application:{self.public_id}:secret"

    @property
    def registration(self) -> str:
        """As what it is known there; a token of another registration is none of this one."""
        return " ".join((self.provider.value, self.tenant or "", self.client_id))

    def __str__(self) -> str:
        return self.provider.value.title()


class OAuthToken(OrganizationRecord):
    """The tokens of one account, sealed and bound to it; renewed by one process at a time.

    Not in the audit, which tells who gave a permission and who withdrew it: tokens change every hour.
    """

    __tablename__ = "oauth_token"
    __audited__ = False
    __table_args__ = (
        belongs_to("mail_account", "account_id", ondelete="CASCADE"),
        belongs_to("oauth_application", "application_id"),
        UniqueConstraint("organization_id", "account_id"),
        Index("ix_oauth_token_application_id", "application_id"),
    )

    account_id: Mapped[int] = mapped_column()
    application_id: Mapped[int] = mapped_column()
    access_sealed: Mapped[str | None] = mapped_column(Sealed, info={"secret": True})
    refresh_sealed: Mapped[str | None] = mapped_column(Sealed, info={"secret": True})
    obtained_at: Mapped[datetime | None] = mapped_column()
    expires_at: Mapped[datetime | None] = mapped_column()

    account: Mapped[MailAccount] = relationship(
        primaryjoin=lambda: foreign(OAuthToken.account_id) == MailAccount.id, viewonly=True
    )
    application: Mapped[OAuthApplication] = relationship(
        primaryjoin=lambda: foreign(OAuthToken.application_id) == OAuthApplication.id,
        viewonly=True,
    )

    @property
    def access(self) -> str | None:
        """The access token in clear; for the moment of signing in only."""
        return self._opened(self.access_sealed, "access")

    @access.setter
    def access(self, token: str | None) -> None:
        self.access_sealed = self._sealed(token, "access")

    @property
    def refresh(self) -> str | None:
        """The refresh token in clear; for the moment of asking for a new access token only."""
        return self._opened(self.refresh_sealed, "refresh")

    @refresh.setter
    def refresh(self, token: str | None) -> None:
        self.refresh_sealed = self._sealed(token, "refresh")

    def _opened(self, sealed: str | None, name: str) -> str | None:
        return keyring.open(sealed, bound_to=self._place(name)) if sealed is not None else None

    def _sealed(self, token: str | None, name: str) -> str | None:
        return keyring.seal(token, bound_to=self._place(name)) if token else None

    def _place(self, name: str) -> str:
        return f"oauth_token:{self.account_id}:{name}"


class ApplicationToken(OrganizationRecord):
    """The one access token that all accounts of a tenant sign in by; its row is the lock while it is renewed.

    `registration` is what it was given to. A refusal is kept too, so that hundreds of accounts do not ask in vain one
    after the other. Not in the audit: it changes every hour.
    """

    __tablename__ = "oauth_application_token"
    __audited__ = False
    __table_args__ = (
        belongs_to("oauth_application", "application_id", ondelete="CASCADE"),
        UniqueConstraint("organization_id", "application_id"),
    )

    application_id: Mapped[int] = mapped_column()
    registration: Mapped[str | None] = mapped_column()
    access_sealed: Mapped[str | None] = mapped_column(Sealed, info={"secret": True})
    obtained_at: Mapped[datetime | None] = mapped_column()
    expires_at: Mapped[datetime | None] = mapped_column()
    refused_at: Mapped[datetime | None] = mapped_column()
    refusal: Mapped[str | None] = mapped_column()

    @property
    def access(self) -> str | None:
        """The access token in clear; for the moment of signing in only."""
        if self.access_sealed is None:
            return None
        return keyring.open(self.access_sealed, bound_to=self._place)

    @access.setter
    def access(self, token: str | None) -> None:
        self.access_sealed = keyring.seal(token, bound_to=self._place) if token else None

    @property
    def _place(self) -> str:
        return f"oauth_application_token:{self.application_id}:access"
