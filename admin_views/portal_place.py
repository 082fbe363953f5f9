"""Where a page of the portal's texts stands: at a customer group, or at the organization; its head, tabs and trail."""

from collections.abc import Sequence
from typing import Any

from flask import abort, current_app, g, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import func, select

from admin_views.identity import current_staff
from admin_views.menu import trail_of
from admin_views.reader_formats import number
from admin_views.scoping import scoped
from admin_views.shell import lead_to, stand_at
from errors import Conflict
from models.base import db
from models.people.customer import Customer
from models.people.customer_group import CustomerGroup
from models.portal.portal_settings import PortalSettings
from models.portal.portal_user import PortalMembership
from services.portal.languages import offered_languages
from services.portal.mail_words import organization_in_scope

HELP = "set-up-the-portal"
EMAILS, TEXTS, QUESTIONS = "emails", "texts", "questions"
LABELS = {
    TEXTS: _l("Portal texts"),
    EMAILS: _l("Portal e-mails"),
    QUESTIONS: _l("Registration questions"),
}
ENDPOINTS = {
    TEXTS: "portal_texts.index",
    EMAILS: "portal_emails.index",
    QUESTIONS: "portal_questions.index",
}


def group_asked(group_id: int | None) -> CustomerGroup | None:
    """The group of the address, None for the organization's own page; 404 for one of somebody else's."""
    if group_id is None:
        return None
    found = db.session.scalar(scoped(CustomerGroup).where(CustomerGroup.id == group_id))
    return found or abort(404)


def asked_language() -> str:
    """The language whose words are shown: the one that is asked for, or the company's, which is what its customers read first.

    Raises Conflict for words that are sent in a language that the portal no longer speaks: they must not become those of another.
    """
    asked, languages = request.args.get("lang", ""), text_languages()
    if asked and asked not in languages and request.method == "POST":
        raise Conflict(_("The portal does not speak this language any more. Nothing was saved."))
    return asked if asked in languages else languages[0]


def text_languages() -> Sequence[str]:
    """The languages in which the portal speaks, and so its texts are written: the company's first."""
    settings = db.session.scalars(select(PortalSettings)).one()
    return offered_languages(settings, organization_in_scope())


def group_tabs(group: CustomerGroup, here: str = "") -> list[dict[str, Any]]:
    """The pages of a group."""
    rights = current_staff().rights
    tabs = [_tab(_("General"), url_for("customer_group.details_view", id=group.id), not here)]
    if rights.allows("portal_text", "view"):
        tabs += [
            _tab(label, url_for(ENDPOINTS[name], group_id=group.id), name == here)
            for name, label in LABELS.items()
            if name != EMAILS or rights.allows("group_portal", "view")
        ]
    if rights.allows("customer", "view"):
        url = url_for("customer.index_view", flt_customer_group=group.id)
        tabs.append({**_tab(_("Customers"), url, False), "count": number(_customers(group))})
    return tabs


def organization_tabs(here: str = "") -> list[dict[str, Any]]:
    """The preferences of the portal (S2-03)."""
    tabs = [_tab(_("Customer portal"), url_for("portal_preferences.index"), not here)]
    return tabs + [
        _tab(label, url_for(endpoint), name == here)
        for name, label in LABELS.items()
        for endpoint in [ENDPOINTS[name]]
    ]


def page_without_portal(group: CustomerGroup | None, here: str) -> str | None:
    """Why there is nothing to set up for a group that does not use the portal (S0-02, X0-01); None for any other."""
    if group is None or group.uses_portal:
        return None
    return render_template(
        "admin/portal/off.html",
        **page_head(group, here),
        group=group,
        may_activate=current_staff().rights.allows("customer_group", "edit"),
    )


def require_portal(group: CustomerGroup | None) -> None:
    """Raise Conflict for a group that does not use the portal: nothing of it is changed (S0-02)."""
    if group is not None and not group.uses_portal:
        raise Conflict(
            _(
                "The group “%(group)s” does not use the portal. Switch it on there first.",
                group=group.name,
            )
        )


def page_head(group: CustomerGroup | None, here: str) -> dict[str, Any]:
    """Title, subtitle, tabs and the trail of a page."""
    g.help_url = url_for("handbook.page", name=HELP)
    stand_at("portal_preferences" if group is None else "customer_group")
    if group is None:
        lead_to(*preferences_trail(str(LABELS[here])))
        return {
            "title": _("Portal"),
            "subtitle": _("What holds for all groups that say nothing else."),
            "tabs": organization_tabs(here),
        }
    view = next(
        v for v in current_app.extensions["admin"][0].views if v.endpoint == "customer_group"
    )
    lead_to(*trail_of(view, group.name))
    return {
        "title": group.name,
        "subtitle": group_facts(group),
        "tabs": group_tabs(group, here),
    }


def group_facts(group: CustomerGroup) -> str:
    """How many customers and representatives it has."""
    customers = _customers(group)
    members = (
        db.session.scalar(
            select(func.count(PortalMembership.id))
            .join(Customer, Customer.id == PortalMembership.customer_id)
            .where(Customer.customer_group_id == group.id)
        )
        or 0
    )
    return " · ".join(
        (
            ngettext("%(num)d customer", "%(num)d customers", customers),
            ngettext(
                "%(num)d representative in the portal",
                "%(num)d representatives in the portal",
                members,
            ),
        )
    )


def preferences_trail(page: str | None = None) -> list[tuple[str, str | None]]:
    """Settings > Preferences > Portal (S2-02)."""
    trail: list[tuple[str, str | None]] = [(_("Settings"), None), (_("Preferences"), None)]
    trail.append((_("Portal"), url_for("portal_preferences.index")))
    return [*trail, (page, None)] if page else trail


def _tab(label: Any, url: str, is_current: bool) -> dict[str, Any]:
    return {"label": label, "url": url, "is_current": is_current}


def _customers(group: CustomerGroup) -> int:
    query = select(func.count(Customer.id)).where(Customer.customer_group_id == group.id)
    return db.session.scalar(query) or 0
