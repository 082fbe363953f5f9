"""Where Google and Microsoft give permissions and tokens, and what we ask them for."""

import re
from dataclasses import dataclass

from models.mailbox.oauth import OAuthProvider

GOOGLE, MICROSOFT = OAuthProvider.GOOGLE, OAuthProvider.MICROSOFT
TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,99}")
ANY_TENANT = "common"
# With a permission of the account's owner; the address comes along, so that nobody agrees for another account.
SCOPES = {
    GOOGLE: ("openid", "email", "https://mail.google.com/"),
    MICROSOFT: (
        *("openid", "email", "profile", "offline_access"),
        "https://outlook.office.com/SMTP.Send",
        "https://outlook.office.com/IMAP.AccessAsUser.All",
    ),
}
# With the organization's own permission, once for all accounts.
APPLICATION_SCOPES = {
    GOOGLE: "https://mail.google.com/",
    MICROSOFT: "https://outlook.office365.com/.default",
}

# The ends of the names of servers that may see a token: all of these domains are the providers' own.
TOKEN_SERVERS = {
    GOOGLE: (".gmail.com", ".googlemail.com", ".google.com"),
    MICROSOFT: (".office365.com", ".outlook.com", ".office365.us", ".outlook.cn"),
}


@dataclass(frozen=True, kw_only=True)
class OAuthEndpoints:
    """The addresses that are asked; an installation that goes through a gateway may have others."""

    google_authorize_url: str = "https://accounts.google.com/o/oauth2/v2/auth"
    google_token_url: str = "https://oauth2.googleapis.com/token"  # nosec B105
    google_revoke_url: str = "https://oauth2.googleapis.com/revoke"
    microsoft_login_url: str = "https://login.microsoftonline.com"

    def authorize_url(self, provider: OAuthProvider, tenant: str | None) -> str:
        """Where the owner of an account agrees."""
        if provider is GOOGLE:
            return self.google_authorize_url
        return f"{self._microsoft(tenant)}/oauth2/v2.0/authorize"

    def token_url(self, provider: OAuthProvider, tenant: str | None) -> str:
        """Where tokens come from."""
        if provider is GOOGLE:
            return self.google_token_url
        return f"{self._microsoft(tenant)}/oauth2/v2.0/token"

    def revoke_url(self, provider: OAuthProvider) -> str | None:
        """Where a permission is given back; Microsoft has no such place, there people end it in their account."""
        return self.google_revoke_url if provider is GOOGLE else None

    def _microsoft(self, tenant: str | None) -> str:
        return f"{self.microsoft_login_url.rstrip('/')}/{tenant or ANY_TENANT}"
