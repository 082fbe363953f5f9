"""The preferences of an organization's portal, saved all or none (S2-01)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from flask_babel import gettext as _

from errors import Conflict, Invalid
from files.store import FileStore
from mail.envelope import EmailAddress
from mail.errors import InvalidAddress, MailError
from mail.page_html import page_html
from mail.sanitise import text_of
from models.base import db
from models.people.organization import Organization
from models.portal.portal_event import PortalEventKind
from models.portal.portal_settings import PORTAL_LANGUAGES, PortalSettings, WhenTold
from services.mailings.plain_text import as_html
from services.mailings.unmade import unmade_words
from services.people.logos import receive_logo
from services.portal.activity_words import usually
from services.portal.custom_domain import set_domain
from services.portal.form_refused import FormRefused
from services.portal.portal_names import rename_portal

SWITCHES = (
    "notify_of_activity",
    "notify_customer_of_comments",
    "allow_profile_edit",
    "allow_address_edit",
    "allow_card_edit",
    "allow_forward",
    "allow_reviews",
    "show_sales_orders",
    "show_projects",
)
LONGEST_TITLE = 80
LONGEST_BANNER = 500  # characters that are read
MOST_ADDRESSES = 20
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Preferences:
    """What somebody wants; `version` is that of the settings that it was made from."""

    version: int
    name: str
    title: str
    custom_domain: str
    notify_emails: str
    banner_from: str
    banner_to: str
    brand_color: str
    logo: tuple[bytes, str] | None = None  # content and name of a picture; None: as it is
    removes_logo: bool = False
    switches: Mapping[str, bool] = field(default_factory=dict)
    notify: Mapping[str, str] = field(default_factory=dict)
    banner: Mapping[str, str] = field(default_factory=dict)
    languages: Sequence[str] = ()


def save_preferences(
    settings: PortalSettings, organization: Organization, wanted: Preferences, store: FileStore
) -> None:
    """Write them. Raises FormRefused with a sentence for each field, Conflict if somebody saved meanwhile."""
    if settings.version != wanted.version:
        raise Conflict(_("Somebody else saved these preferences meanwhile. Yours are not saved."))
    problems: dict[str, str] = {}
    title = " ".join(wanted.title.split())
    if not 0 < len(title) <= LONGEST_TITLE:
        problems["title"] = _("Write a title of at most %(most)d characters.", most=LONGEST_TITLE)
    addresses = _addresses(wanted.notify_emails, problems)
    begins = _day("banner_from", wanted.banner_from, problems)
    ends = _day("banner_to", wanted.banner_to, problems)
    if begins is not None and ends is not None and ends < begins:
        problems["banner_to"] = _("The banner ends before it begins.")
    banner = _banner(wanted.banner, problems)
    languages = [each for each in PORTAL_LANGUAGES if each in wanted.languages]
    if not languages:
        problems["languages"] = _("Choose at least one language.")
    if not COLOUR.fullmatch(wanted.brand_color):
        problems["brand_color"] = _("Write a colour like #0b5a73.")
    if wanted.logo is not None:
        try:
            receive_logo(organization, *wanted.logo, store)
        except Invalid as problem:
            problems["logo"] = problem.message
    elif wanted.removes_logo:
        organization.logo_sha256 = None
    # Last, as these look for other organizations' and write.
    for field_name, deed in (("name", rename_portal), ("custom_domain", set_domain)):
        try:
            deed(settings, getattr(wanted, field_name))
        except Invalid as problem:
            problems[field_name] = problem.message
    if problems:
        raise FormRefused(problems)
    settings.title = title
    settings.notify_emails = addresses
    settings.notify = _notify(wanted.notify)
    # Words of a language that is off at present stay for when it is on again.
    kept = {lang: text for lang, text in settings.banner.items() if lang not in wanted.banner}
    settings.banner, settings.banner_from, settings.banner_to = kept | banner, begins, ends
    settings.languages = languages
    for name in SWITCHES:
        setattr(settings, name, wanted.switches.get(name, False))
    if organization.brand_color.lower() != wanted.brand_color.lower():
        organization.brand_color = wanted.brand_color.lower()
    db.session.flush()


def addresses_in(text: str) -> Sequence[str]:
    """E-mail addresses as they are typed: one a line, or with commas between them."""
    return [part for part in re.split(r"[\s,;]+", text) if part]


def _addresses(text: str, problems: dict[str, str]) -> list[str]:
    found: dict[str, str] = {}
    for part in addresses_in(text):
        try:
            address = EmailAddress.parse(part)
        except InvalidAddress:
            problems["notify_emails"] = _("“%(email)s” is not an e-mail address.", email=part)
            continue
        found.setdefault(address.normalised, str(address))
    if len(found) > MOST_ADDRESSES:
        problems["notify_emails"] = _("There are at most %(most)d addresses.", most=MOST_ADDRESSES)
    return list(found.values())


def _notify(chosen: Mapping[str, str]) -> dict[str, str]:
    """What differs from what is usual."""
    known = set(WhenTold)
    return {
        kind.value: chosen[kind.value]
        for kind in PortalEventKind
        if chosen.get(kind.value) in known and chosen[kind.value] != usually(kind)
    }


def _day(name: str, text: str, problems: dict[str, str]) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        problems[name] = _("This is not a date.")
        return None


def _banner(texts: Mapping[str, str], problems: dict[str, str]) -> dict[str, str]:
    banner: dict[str, str] = {}
    for lang, text in texts.items():
        try:
            cleaned = page_html(as_html(text)).strip()
            words = text_of(cleaned).strip()
        except MailError as problem:
            problems[f"banner-{lang}"] = unmade_words(problem)
            continue
        if len(words) > LONGEST_BANNER:
            problems[f"banner-{lang}"] = _(
                "The banner may have at most %(most)d characters.", most=LONGEST_BANNER
            )
        if words:
            banner[lang] = cleaned
    return banner
