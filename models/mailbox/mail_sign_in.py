"""How the line to a mail server is secured, and by what one signs in there."""

from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l


class MailSecurity(StrEnum):
    """How the line to the server is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"

    @classmethod
    def labels(cls) -> dict["MailSecurity", Any]:
        return {cls.NONE: _l("None"), cls.STARTTLS: "STARTTLS", cls.TLS: "SSL/TLS"}


class SignInBy(StrEnum):
    """How the account signs in at its servers."""

    NOTHING = "nothing"
    PASSWORD = "password"  # nosec B105  # the name of a way, not a password
    CONSENT = "consent"
    APPLICATION = "application"

    @classmethod
    def labels(cls) -> dict["SignInBy", Any]:
        return {
            cls.NOTHING: _l("Without signing in"),
            cls.PASSWORD: _l("Password"),
            cls.CONSENT: _l("OAuth: its owner has agreed"),
            cls.APPLICATION: _l("OAuth: agreed once for all"),
        }
