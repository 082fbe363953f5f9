"""A warning where a password will not do for long (pain E-1): Google and Microsoft end it."""

from flask_babel import gettext as _

from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sign_in import SignInBy
from services.mailbox.providers import Preset, preset_of_domain, preset_of_server


def password_warning(
    address: str, smtp_host: str, sign_in_by: SignInBy = SignInBy.PASSWORD
) -> str | None:
    """A sentence for an account that signs in by password at a provider that wants a permission; else None."""
    preset = _preset(address, smtp_host)
    if sign_in_by is not SignInBy.PASSWORD or preset is None or preset.oauth is None:
        return None
    return str(
        _(
            "%(provider)s ends signing in by password. Give this account a permission instead.",
            provider=preset.name,
        )
    )


def wants_permission(account: MailAccount) -> bool:
    """Whether its provider is one of those who want a permission."""
    preset = _preset(account.address, account.smtp_host)
    return preset is not None and preset.oauth is not None


def _preset(address: str, smtp_host: str) -> Preset | None:
    return preset_of_server(smtp_host) or preset_of_domain(
        address.strip().lower().rpartition("@")[2]
    )
