"""Settings > Preferences > Portal: name, domain, notices, what customers may do and see, banner, colour (S2-01 to S2-26)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from admin_views.identity import current_staff
from admin_views.identity import settings as app_settings
from admin_views.menu import MenuPage
from admin_views.portal_domain_words import domain_words, record_lines
from admin_views.portal_emails_page import LANGUAGE_NAMES
from admin_views.portal_place import HELP, organization_tabs, preferences_trail, text_languages
from admin_views.reader_formats import ago, moment
from admin_views.shell import lead_to
from admin_views.stored_files import store
from errors import AppError, Conflict, Invalid
from files.brand_colour import readable_on_white
from files.upload_kinds import endings_of
from mail.name_lookup import NameLookup
from models.base import db
from models.people.organization import Organization
from models.portal.portal_event import PortalEventKind
from models.portal.portal_settings import PortalSettings, WhenTold
from models.portal.portal_user import MembershipState, PortalMembership, PortalUser
from models.tenancy import current_scope, enter
from services.people.logos import OF_COLUMN
from services.portal.activity_words import when_told
from services.portal.custom_domain import DomainRecord, check_domain, is_served, records_of
from services.portal.form_refused import FormRefused
from services.portal.portal_addresses import portal_base
from services.portal.preferences import SWITCHES, Preferences, save_preferences
from services.sales.formats import shown_amount
from services.sales.payment_providers import payment_providers

RESOURCE = "portal_settings"
MENU_PAGE = MenuPage(
    endpoint="portal_preferences",
    index_name="index",
    menu_path=(_l("Settings"), _l("Preferences"), _l("Portal")),
    menu_order=90,
    menu_icon="world",
    resource=RESOURCE,
)
# What the drawing of the portal's home shows.
SAMPLE = {"balance": Decimal(9744600), "quote": Decimal(2960125), "invoice": Decimal(4872300)}
blueprint = Blueprint("portal_preferences", __name__, url_prefix="/preferences/portal")


@blueprint.get("/customer-portal")
def index() -> ResponseReturnValue:
    """The tab *Customer portal*."""
    current_staff().rights.require(RESOURCE, "view")
    return _page(_shown())


@blueprint.get("")
def first() -> ResponseReturnValue:
    """The page without a tab leads to its first one."""
    current_staff().rights.require(RESOURCE, "view")
    return redirect(url_for("portal_preferences.index"))


@blueprint.post("/customer-portal")
def save() -> ResponseReturnValue:
    """Save all of them or none."""
    current_staff().rights.require(RESOURCE, "edit")
    wanted, scope = _typed(), current_scope()
    problems: Mapping[str, str] = {}
    try:
        save_preferences(_settings(), _organization(), wanted, store())
        db.session.commit()
        flash(_("The preferences of the portal were saved."))
        return redirect(url_for("portal_preferences.index"))
    except FormRefused as refusal:
        message, problems, status = refusal.message, refusal.problems, refusal.status
    except AppError as refusal:
        message, status = refusal.message, refusal.status
    except (StaleDataError, DBAPIError):
        message = _("Somebody else saved these preferences meanwhile. Yours are not saved.")
        status = Conflict.status
    db.session.rollback()
    enter(scope)
    return _page(wanted, message=message, problems=problems), status


@blueprint.post("/check-domain")
def check() -> ResponseReturnValue:
    """Ask the DNS for the records of the domain that is saved."""
    current_staff().rights.require(RESOURCE, "edit")
    lookup: NameLookup = current_app.extensions["name_lookup"]
    try:
        records = check_domain(_settings(), lookup)
    except Invalid as problem:
        db.session.rollback()
        return _page(_shown(), problems={"custom_domain": problem.message}), problem.status
    db.session.commit()
    return _page(_shown(), records=records)


def _page(
    stands: Preferences,
    *,
    message: str = "",
    problems: Mapping[str, str] | None = None,
    records: Sequence[DomainRecord] | None = None,
) -> str:
    lead_to(*preferences_trail())
    g.help_url = url_for("handbook.page", name=HELP)
    settings = _settings()
    shown = records if records is not None else records_of(settings)
    colour = readable_on_white(stands.brand_color)
    return render_template(
        "admin/portal/preferences.html",
        title=_("Portal"),
        subtitle=_use_in_words(),
        tabs=organization_tabs(),
        settings=settings,
        organization=_organization(),
        stands=stands,
        url=url_for("portal_preferences.index"),
        address=f"{portal_base(settings)}/portal/{settings.name}/",
        records=record_lines(shown),
        domain_words=domain_words(shown, is_served=is_served(settings)),
        checked=moment(settings.domain_checked_at) if settings.domain_checked_at else None,
        kinds=PortalEventKind.labels(),
        whens=WhenTold.labels(),
        language_names=LANGUAGE_NAMES,
        sample={
            name: shown_amount(amount, _organization().base_currency, str(get_locale()))
            for name, amount in SAMPLE.items()
        },
        is_readable=colour == stands.brand_color.lower(),
        message=message,
        problems=problems or {},
        is_typed=bool(message),
        may_edit=current_staff().rights.allows(RESOURCE, "edit"),
        has_provider=bool(payment_providers(is_demo=app_settings().ventanilla_demo)),
        logo_url=_logo_url(),
        logo_endings=",".join(endings_of(OF_COLUMN["kinds"])),
    )


def _shown() -> Preferences:
    settings = _settings()
    return Preferences(
        version=settings.version,
        name=settings.name,
        title=settings.title,
        custom_domain=settings.custom_domain or "",
        notify_emails="\n".join(settings.notify_emails),
        banner_from=settings.banner_from.isoformat() if settings.banner_from else "",
        banner_to=settings.banner_to.isoformat() if settings.banner_to else "",
        brand_color=_organization().brand_color,
        switches={name: getattr(settings, name) for name in SWITCHES},
        notify={kind.value: when_told(settings, kind).value for kind in PortalEventKind},
        banner={lang: settings.banner.get(lang, "") for lang in text_languages()},
        languages=settings.languages,
    )


def _typed() -> Preferences:
    form = request.form
    version = form.get("version", "")
    switches = {name: form.get(name) == "1" for name in SWITCHES}
    if form.get("allow_edit") != "1":  # S2-13 covers the three below it
        for name in ("allow_profile_edit", "allow_address_edit", "allow_card_edit"):
            switches[name] = False
    logo = request.files.get("logo")
    return Preferences(
        logo=(logo.read(), logo.filename) if logo is not None and logo.filename else None,
        removes_logo=form.get("logo-remove") == "1",
        version=int(version) if version.isdecimal() and len(version) < 10 else 0,
        switches=switches,
        notify={kind.value: form.get(f"notify-{kind}", "") for kind in PortalEventKind},
        banner={lang: form.get(f"banner-{lang}", "") for lang in text_languages()},
        languages=form.getlist("languages"),
        **{
            name: form.get(name, "")
            for name in (
                "name",
                "title",
                "custom_domain",
                "notify_emails",
                "banner_from",
                "banner_to",
                "brand_color",
            )
        },
    )


def _logo_url() -> str | None:
    sha256 = _organization().logo_sha256
    return url_for("look.logo", sha256=sha256) if sha256 else None


def _use_in_words() -> str:
    """Who uses the portal."""
    people, customers = db.session.execute(
        select(
            func.count(PortalMembership.portal_user_id.distinct()),
            func.count(PortalMembership.customer_id.distinct()),
        ).where(PortalMembership.state == MembershipState.VALIDATED)
    ).one()
    last = db.session.scalar(select(func.max(PortalUser.last_signed_in_at)))
    words = _(
        "Used by %(people)s people of %(customers)s customers", people=people, customers=customers
    )
    if last is None:
        return words
    visit = _("last visit %(when)s", when=ago(last))
    return f"{words} · {visit}"


def _settings() -> PortalSettings:
    found: PortalSettings = db.session.scalars(select(PortalSettings)).one()
    return found


def _organization() -> Organization:
    return db.session.get_one(Organization, current_scope().organization_id)
