"""What the portal shows on its pages, and writes to a primary contact, in a group's own words or in the company's (X0-02)."""

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from admin_views.identity import current_staff
from admin_views.portal_emails_page import LANGUAGE_NAMES, level_words
from admin_views.portal_place import (
    TEXTS,
    asked_language,
    group_asked,
    page_head,
    page_without_portal,
    require_portal,
    text_languages,
)
from errors import AppError, Conflict
from models.base import db
from models.people.customer_group import CustomerGroup
from models.portal.portal_text import PortalTextKind
from models.tenancy import current_scope, enter
from services.portal.form_refused import FormRefused
from services.portal.page_texts import PAGE_TEXTS, save_page_texts
from services.portal.portal_texts import Texts
from services.portal.text_fields import fields_of

RESOURCE = "portal_text"
GROUP, COMPANY = "/customer-groups/<int:group_id>/portal-texts", "/preferences/portal/texts"
HINTS = {
    PortalTextKind.SECONDARY_ADDED: _l(
        "An e-mail to the primary contact when their company gets another contact. Without words nothing is sent."
    ),
    PortalTextKind.PAYMENT_RECEIVED: _l(
        "An e-mail to whom the paid documents were sent, once a payment says what it pays. Without words nothing is sent."
    ),
}
blueprint = Blueprint("portal_texts", __name__)


@blueprint.get(GROUP)
@blueprint.get(COMPANY, defaults={"group_id": None})
def index(group_id: int | None) -> ResponseReturnValue:
    """All of them, in one language."""
    current_staff().rights.require(RESOURCE, "view")
    group = group_asked(group_id)
    return page_without_portal(group, TEXTS) or _page(group)


@blueprint.post(GROUP)
@blueprint.post(COMPANY, defaults={"group_id": None})
def save(group_id: int | None) -> ResponseReturnValue:
    """Save all of them or none."""
    current_staff().rights.require(RESOURCE, "edit")
    group, scope, lang = group_asked(group_id), current_scope(), asked_language()
    require_portal(group)
    words = {kind: _typed(kind) for kind in PAGE_TEXTS}
    problems: Mapping[str, str] = {}
    try:
        save_page_texts(group, lang, words, {kind: _revision(kind) for kind in PAGE_TEXTS})
        db.session.commit()
        flash(_("The texts were saved."))
        return redirect(url_for("portal_texts.index", group_id=group_id, lang=lang))
    except FormRefused as refusal:
        message, problems, status = refusal.message, refusal.problems, refusal.status
    except AppError as refusal:
        message, status = refusal.message, refusal.status
    except (StaleDataError, DBAPIError):
        message = _("Somebody else saved these texts meanwhile. Yours are not saved.")
        status = Conflict.status
    db.session.rollback()
    enter(scope)
    return _page(group_asked(group_id), words, message=message, problems=problems), status


def _page(
    group: CustomerGroup | None,
    words: Mapping[PortalTextKind, tuple[str, str]] | None = None,
    *,
    message: str = "",
    problems: Mapping[str, str] | None = None,
) -> str:
    lang, texts = asked_language(), Texts(group)
    group_id = group.id if group is not None else None
    lines = []
    for kind in PAGE_TEXTS:
        own, above = texts.own(kind, lang), texts.said(kind, lang, above=True)
        stands = (own.subject, own.body_html) if own else ("", "")
        subject, body = words[kind] if words is not None else stands
        lines.append(
            {
                "kind": kind.value,
                "label": PortalTextKind.labels()[kind],
                "is_email": kind.is_email,
                "hint": HINTS.get(kind, ""),
                "fields": fields_of(kind),
                "subject": subject,
                "body": body,
                "revision": own.revision if own else 0,
                "above": level_words(above.level) if above.body_html else "",
                "revisions_url": url_for(
                    "portal_revisions.index", group_id=group_id, kind=kind.value, lang=lang
                ),
            }
        )
    return render_template(
        "admin/portal/texts.html",
        **page_head(group, TEXTS),
        url=url_for("portal_texts.index", group_id=group_id, lang=lang),
        words_lang=lang,
        languages=[
            (
                code,
                LANGUAGE_NAMES[code],
                url_for("portal_texts.index", group_id=group_id, lang=code),
            )
            for code in text_languages()
        ],
        lines=lines,
        message=message,
        problems=problems or {},
        is_typed=bool(message),
        may_edit=current_staff().rights.allows(RESOURCE, "edit"),
    )


def _typed(kind: PortalTextKind) -> tuple[str, str]:
    subject = request.form.get(f"subject-{kind}", "").strip()
    return subject, request.form.get(f"body-{kind}", "").replace("\r\n", "\n")


def _revision(kind: PortalTextKind) -> int:
    value = request.form.get(f"revision-{kind}", "")
    return int(value) if value.isdecimal() and len(value) < 10 else 0
