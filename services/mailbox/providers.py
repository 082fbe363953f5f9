"""The mail providers that we know by heart: their servers, and how their accounts sign in (X4-04)."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from models.mailbox.mail_sign_in import MailSecurity, SignInBy
from models.mailbox.oauth import OAuthProvider

STARTTLS, TLS = MailSecurity.STARTTLS, MailSecurity.TLS
APP_PASSWORD = _l(
    "This provider wants an app password: a second one, made in its security settings, for this program only."
)
AGREEMENT = _l("This provider signs in by permission: the owner of the account gives it once.")


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A provider: `domains` are its own, `exchangers` the ends of the MX names of domains that it hosts."""

    name: str
    smtp_host: str
    imap_host: str
    smtp_port: int = 465
    smtp_security: MailSecurity = TLS
    imap_port: int = 993
    imap_security: MailSecurity = TLS
    sign_in_by: SignInBy = SignInBy.PASSWORD
    oauth: OAuthProvider | None = None
    domains: tuple[str, ...] = ()
    exchangers: tuple[str, ...] = ()
    hint: Any = ""


def _ionos(top: str, *further: str) -> Preset:
    return Preset(
        name=f"IONOS ({top})",
        smtp_host=f"smtp.ionos.{top}",
        imap_host=f"imap.ionos.{top}",
        exchangers=(f"ionos.{top}", *further),
    )


def _gmx(top: str, *domains: str) -> Preset:
    return Preset(
        name=f"GMX ({top})",
        smtp_host=f"mail.gmx.{top}",
        smtp_port=587,
        smtp_security=STARTTLS,
        imap_host=f"imap.gmx.{top}",
        domains=domains,
    )


# By their own documentation, autumn 2026. Gmail and Microsoft come first: most people are there.
PRESETS: dict[str, Preset] = {
    "google": Preset(
        name="Google (Gmail, Workspace)",
        smtp_host="smtp.gmail.com",
        smtp_port=587,
        smtp_security=STARTTLS,
        imap_host="imap.gmail.com",
        sign_in_by=SignInBy.CONSENT,
        oauth=OAuthProvider.GOOGLE,
        domains=("gmail.com", "googlemail.com"),
        exchangers=("google.com", "googlemail.com"),
        hint=AGREEMENT,
    ),
    "microsoft365": Preset(
        name="Microsoft 365",
        smtp_host="smtp.office365.com",
        smtp_port=587,
        smtp_security=STARTTLS,
        imap_host="outlook.office365.com",
        sign_in_by=SignInBy.CONSENT,
        oauth=OAuthProvider.MICROSOFT,
        exchangers=("mail.protection.outlook.com", "mx.microsoft"),
        hint=AGREEMENT,
    ),
    "outlook": Preset(
        name="Outlook.com, Hotmail",
        smtp_host="smtp-mail.outlook.com",
        smtp_port=587,
        smtp_security=STARTTLS,
        imap_host="outlook.office365.com",
        sign_in_by=SignInBy.CONSENT,
        oauth=OAuthProvider.MICROSOFT,
        domains=(
            *("outlook.com", "outlook.es", "outlook.cl", "outlook.com.ar", "outlook.com.br"),
            *("outlook.com.pe", "hotmail.com", "hotmail.es", "hotmail.com.ar", "hotmail.com.br"),
            *("hotmail.com.mx", "live.com", "live.com.mx", "live.com.ar", "live.cl", "msn.com"),
        ),
        exchangers=("olc.protection.outlook.com",),
        hint=AGREEMENT,
    ),
    "yahoo": Preset(
        name="Yahoo",
        smtp_host="smtp.mail.yahoo.com",
        imap_host="imap.mail.yahoo.com",
        domains=(
            *("yahoo.com", "yahoo.es", "yahoo.com.mx", "yahoo.com.ar", "yahoo.com.br"),
            *("yahoo.com.co", "yahoo.com.pe", "yahoo.com.ve", "yahoo.cl"),
            *("ymail.com", "rocketmail.com"),
        ),
        hint=APP_PASSWORD,
    ),
    "icloud": Preset(
        name="iCloud",
        smtp_host="smtp.mail.me.com",
        smtp_port=587,
        smtp_security=STARTTLS,
        imap_host="imap.mail.me.com",
        domains=("icloud.com", "me.com", "mac.com"),
        exchangers=("mail.icloud.com",),
        hint=APP_PASSWORD,
    ),
    "zoho": Preset(
        name="Zoho",
        smtp_host="smtp.zoho.com",
        imap_host="imap.zoho.com",
        domains=("zoho.com", "zohomail.com"),
        hint=APP_PASSWORD,
    ),
    "zoho_own_domain": Preset(
        name="Zoho (dominio propio)",
        smtp_host="smtppro.zoho.com",
        imap_host="imappro.zoho.com",
        exchangers=("zoho.com",),
        hint=APP_PASSWORD,
    ),
    "zoho_eu": Preset(
        name="Zoho (EU)",
        smtp_host="smtppro.zoho.eu",
        imap_host="imappro.zoho.eu",
        exchangers=("zoho.eu",),
        hint=APP_PASSWORD,
    ),
    "fastmail": Preset(
        name="Fastmail",
        smtp_host="smtp.fastmail.com",
        imap_host="imap.fastmail.com",
        domains=("fastmail.com", "fastmail.fm"),
        exchangers=("messagingengine.com",),
        hint=APP_PASSWORD,
    ),
    "gmx_com": _gmx("com", "gmx.com", "gmx.es", "gmx.us"),
    "gmx_net": _gmx("net", "gmx.net", "gmx.de", "gmx.at", "gmx.ch"),
    "ionos_es": _ionos("es"),
    "ionos_mx": _ionos("mx"),
    "ionos_com": _ionos("com"),
    "ionos_de": _ionos("de", "kundenserver.de"),
    "ovh": Preset(
        name="OVH",
        smtp_host="ssl0.ovh.net",
        imap_host="ssl0.ovh.net",
        exchangers=("mail.ovh.net", "ovh.net"),
    ),
    "hostinger": Preset(
        name="Hostinger",
        smtp_host="smtp.hostinger.com",
        imap_host="imap.hostinger.com",
        exchangers=("hostinger.com",),
    ),
    "titan": Preset(
        name="Titan",
        smtp_host="smtp.titan.email",
        imap_host="imap.titan.email",
        exchangers=("titan.email",),
    ),
    "godaddy": Preset(
        name="GoDaddy Workspace",
        smtp_host="smtpout.secureserver.net",
        imap_host="imap.secureserver.net",
        exchangers=("secureserver.net",),
    ),
    "rackspace": Preset(
        name="Rackspace",
        smtp_host="secure.emailsrvr.com",
        imap_host="secure.emailsrvr.com",
        exchangers=("emailsrvr.com",),
    ),
    "namecheap": Preset(
        name="Namecheap Private Email",
        smtp_host="mail.privateemail.com",
        imap_host="mail.privateemail.com",
        exchangers=("privateemail.com",),
    ),
    "locaweb": Preset(
        name="Locaweb",
        smtp_host="email-ssl.com.br",
        imap_host="email-ssl.com.br",
        exchangers=("locaweb.com.br",),
    ),
    "uol": Preset(
        name="UOL",
        smtp_host="smtps.uol.com.br",
        smtp_port=587,
        smtp_security=STARTTLS,
        imap_host="imap.uol.com.br",
        domains=("uol.com.br",),
    ),
    "bol": Preset(
        name="BOL",
        smtp_host="smtps.bol.com.br",
        smtp_port=587,
        smtp_security=STARTTLS,
        imap_host="imap.bol.com.br",
        domains=("bol.com.br",),
    ),
}


def preset_of_domain(domain: str) -> Preset | None:
    """The provider whose own domain this is."""
    return next((each for each in PRESETS.values() if domain in each.domains), None)


def preset_of_exchanger(name: str) -> Preset | None:
    """The provider that takes the mail at this MX name; the longest end that fits decides."""
    fits = [
        (len(end), preset)
        for preset in PRESETS.values()
        for end in preset.exchangers
        if name == end or name.endswith(f".{end}")
    ]
    return max(fits, key=lambda fit: fit[0])[1] if fits else None


def preset_of_server(host: str) -> Preset | None:
    """The provider that an outgoing or incoming server belongs to."""
    name = host.strip().lower().rstrip(".")
    return next((p for p in PRESETS.values() if name in (p.smtp_host, p.imap_host)), None)
