"""The portal's e-mails of a customer group, or of the organization for all groups (S0-04 to S0-30)."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from admin_views.identity import current_staff
from admin_views.lint_words import remarks_on
from admin_views.portal_emails_form import DAYS, Typed, shown, typed
from admin_views.portal_emails_page import (
    LANGUAGE_NAMES,
    addresses_status,
    counts_in_words,
    sections_of,
    status_badge,
)
from admin_views.portal_place import (
    EMAILS,
    asked_language,
    group_asked,
    page_head,
    page_without_portal,
    require_portal,
    text_languages,
)
from admin_views.reader_formats import today
from admin_views.screens.mailing_example import MESSAGE_POLICY
from errors import AppError, Conflict, NotFound
from jobs.mailings import deliver_due
from mail.framing import as_shown
from mail.pictures import put_back
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.people.customer_group import CustomerGroup
from models.portal.portal_text import SECTIONS, PortalTextKind
from models.tenancy import current_scope, enter
from services.mailbox.default_senders import account_for_notices
from services.portal.form_refused import FormRefused
from services.portal.group_levels import GroupSettings
from services.portal.group_mails import save_group_mails
from services.portal.mail_words import organization_in_scope
from services.portal.portal_texts import Texts
from services.portal.representatives import count_never_written_to
from services.portal.text_preview import Example, example_of, readers_of, send_example

RESOURCE = "group_portal"
INHERIT, TEST = "inherit-", "test-"
GROUP, COMPANY = "/customer-groups/<int:group_id>/portal-emails", "/preferences/portal/emails"
blueprint = Blueprint("portal_emails", __name__)


@blueprint.get(GROUP)
@blueprint.get(COMPANY, defaults={"group_id": None})
def index(group_id: int | None) -> ResponseReturnValue:
    """All sections; or, for a group without the portal, why there are none (S0-02)."""
    group = _group(group_id, "view")
    off = page_without_portal(group, EMAILS)
    return off or _page(group, shown(GroupSettings(group), Texts(group), asked_language()))


@blueprint.post(GROUP)
@blueprint.post(COMPANY, defaults={"group_id": None})
def save(group_id: int | None) -> ResponseReturnValue:
    """Save all sections or none, or do what the button says with what was typed, and show it unsaved."""
    group = _group(group_id, "edit")
    require_portal(group)
    wanted, deed = typed(asked_language()), request.form.get("do", "")
    if deed.startswith(INHERIT):
        kind = _kind(deed.removeprefix(INHERIT))
        return _page(
            group, wanted.inheriting(kind, Texts(group), GroupSettings(group)), open_at=kind
        )
    if deed.startswith(TEST):
        return _tested(group, wanted, _kind(deed.removeprefix(TEST)))
    return _saved(group, wanted)


@blueprint.post("/customer-groups/<int:group_id>/activate-portal")
def activate(group_id: int) -> ResponseReturnValue:
    """Switch the portal on for a group (S0-02)."""
    current_staff().rights.require("customer_group", "edit")
    group = group_asked(group_id)
    assert group is not None
    group.uses_portal = True
    db.session.commit()
    flash(_("“%(name)s” uses the portal now.", name=group.name))
    return redirect(url_for("portal_emails.index", group_id=group.id))


@blueprint.route(f"{GROUP}/preview/<kind>", methods=["GET", "POST"])
@blueprint.route(f"{COMPANY}/preview/<kind>", methods=["GET", "POST"], defaults={"group_id": None})
def preview(group_id: int | None, kind: str) -> ResponseReturnValue:
    """Only the message, for the frame that shows it."""
    group = _group(group_id, "view")
    wanted, which = _typed_or_shown(group), _kind(kind)
    try:
        letter = _example(group, wanted, which).letter
        page = as_shown(put_back(letter.html, letter.pictures), is_dark=False)
    except AppError as problem:
        page = render_template("admin/mailbox/letterhead_refused.html", problem=problem.message)
    answer = Response(page, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = MESSAGE_POLICY
    return answer


@blueprint.post(f"{GROUP}/check/<kind>")
@blueprint.post(f"{COMPANY}/check/<kind>", defaults={"group_id": None})
def check(group_id: int | None, kind: str) -> ResponseReturnValue:
    """What is wrong in a text as it is typed, and what stands above the preview."""
    group = _group(group_id, "view")
    wanted, of = typed(asked_language()), _kind(kind)
    try:
        example, problem = _example(group, wanted, of), ""
    except AppError as refusal:
        example, problem = None, refusal.message
    return render_template(
        "admin/portal/_example.html",
        kind=of.value,
        example=example,
        problem=problem,
        remarks=_remarks(wanted, of),
        oob=True,
    )


def _saved(group: CustomerGroup | None, wanted: Typed) -> ResponseReturnValue:
    scope = current_scope()
    problems: Mapping[str, str] = {}
    try:
        save_group_mails(group, wanted.wanted())
        db.session.commit()
        flash(_("The portal e-mails were saved."))
        return redirect(_url(group))
    except FormRefused as refusal:
        message, problems, status = refusal.message, refusal.problems, refusal.status
    except AppError as refusal:
        message, status = refusal.message, refusal.status
    except (StaleDataError, DBAPIError):
        message = _("Somebody else saved these texts meanwhile. Yours are not saved.")
        status = Conflict.status
    db.session.rollback()
    enter(scope)
    again = _group(group.id if group is not None else None, "edit")
    return _page(again, wanted, message=message, problems=problems), status


def _tested(
    group: CustomerGroup | None, wanted: Typed, kind: PortalTextKind
) -> ResponseReturnValue:
    address = request.form.get(f"address-{kind}", "").strip()
    text, scope = wanted.texts[kind], current_scope()
    try:
        words = (text.subject, text.body)
        send_example(group, kind, wanted.lang, words, _reader(kind), address, today())
        db.session.commit()
    except AppError as problem:
        db.session.rollback()
        enter(scope)
        field = getattr(problem, "field", None) or "address"
        again = _group(group.id if group is not None else None, "edit")
        problems = {f"{field}-{kind}": problem.message}
        page = _page(again, wanted, message=problem.message, problems=problems, open_at=kind)
        return page, 422
    deliver_due.enqueue()
    note = _("The test e-mail is on its way to %(address)s.", address=address)
    return _page(group, wanted, note=note, open_at=kind)


def _page(
    group: CustomerGroup | None,
    stands: Typed,
    *,
    message: str = "",
    problems: Mapping[str, str] | None = None,
    note: str = "",
    open_at: PortalTextKind | None = None,
) -> str:
    settings, texts, problems = GroupSettings(group), Texts(group), problems or {}
    languages = text_languages()
    sections = sections_of(group, stands, settings, texts, problems, languages)
    first = addresses_status(stands, settings, problems)
    sender = settings.said("sender_account_id", above=True).value
    above = db.session.get(MailAccount, sender) if sender else account_for_notices()
    return render_template(
        "admin/portal/emails.html",
        **page_head(group, EMAILS),
        group=group,
        url=_url(group),
        typed=stands,
        sections=sections,
        counts=counts_in_words([first, *(each.status for each in sections)]),
        addresses_badge=status_badge(first),
        inherited_to=settings.said("access_requests_to", above=True).value
        or organization_in_scope().email,
        inherited_sender=above.address if above is not None else None,
        account_addresses=db.session.scalars(
            select(MailAccount.address).where(MailAccount.is_active).order_by(MailAccount.address)
        ).all(),
        can_send=settings.sender() is not None,
        accounts_url=url_for("mail_account.index_view")
        if current_staff().rights.allows("mail_account", "view")
        else None,
        never_written_to=count_never_written_to(group),
        readers=readers_of(group),
        reader=_reader,
        remarks={each.kind: _remarks(stands, PortalTextKind(each.kind)) for each in sections},
        examples={each.kind: _example_or_none(group, stands, each.kind) for each in sections},
        languages=[(lang, LANGUAGE_NAMES[lang], _url(group, lang)) for lang in languages],
        own_address=current_staff().user.email,
        days_name=DAYS,
        message=message,
        problems=problems,
        note_text=note,
        open_at=open_at.value if open_at else None,
        is_typed=request.method == "POST",
        may_edit=current_staff().rights.allows(RESOURCE, "edit"),
    )


def _example_or_none(group: CustomerGroup | None, stands: Typed, kind: str) -> Example | None:
    try:
        return _example(group, stands, PortalTextKind(kind))
    except AppError:
        return None


def _example(group: CustomerGroup | None, stands: Typed, kind: PortalTextKind) -> Example:
    text = stands.texts[kind]
    return example_of(group, kind, stands.lang, (text.subject, text.body), _reader(kind), today())


def _remarks(stands: Typed, kind: PortalTextKind) -> list[str]:
    text = stands.texts[kind]
    return remarks_on(kind, text.subject, text.body)


def _typed_or_shown(group: CustomerGroup | None) -> Typed:
    if request.method == "POST":
        return typed(asked_language())
    return shown(GroupSettings(group), Texts(group), asked_language())


def _reader(kind: str) -> int | None:
    """Whose message is shown."""
    asked = request.values.get(f"as-{kind}", "")
    return int(asked) if asked.isdecimal() and len(asked) < 19 else None


def _group(group_id: int | None, action: str) -> CustomerGroup | None:
    rights = current_staff().rights
    rights.require(RESOURCE, action)
    rights.require("portal_text", action)
    return group_asked(group_id)


def _kind(name: str) -> PortalTextKind:
    if name not in set(SECTIONS):
        raise NotFound(_("There is no such text."))
    return PortalTextKind(name)


def _url(group: CustomerGroup | None, lang: str | None = None) -> str:
    chosen: dict[str, Any] = {"lang": lang or asked_language()}
    return url_for(
        "portal_emails.index", group_id=group.id if group is not None else None, **chosen
    )
