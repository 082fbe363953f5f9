"""Header, signature and footer of everybody's mail: of the company, a department, a person (S4-18 to S4-24, X4-10)."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from admin_views.identity import current_staff
from admin_views.screens.account_letterhead_form import Desk, Typed, fingerprint
from admin_views.screens.account_letterhead_levels import choices_of, levels_to
from admin_views.screens.account_letterhead_words import (
    LABELS,
    badge_of,
    document_words,
    problem_lines,
    removed_words,
)
from admin_views.screens.account_tabs import (
    account_tabs,
    account_trail,
    may_open_accounts,
    require_accounts,
)
from admin_views.screens.mailing_example import MESSAGE_POLICY
from admin_views.shell import lead_to
from errors import AppError, Conflict
from jobs.mailings import deliver_due
from mail.errors import MailError
from mail.framing import as_shown
from mail.pictures import put_back
from models.base import db
from models.tenancy import current_scope, enter
from services.mailbox.account_rows import accounts_of
from services.mailbox.letterhead_preview import Example, example_with, send_example
from services.mailbox.letterhead_saving import save_letterhead
from services.mailbox.letterheads import TEXTS, LevelKind
from services.mailbox.sender_fields import ORGANIZATION_FIELDS, SENDER_FIELDS
from services.system.retelling import retold

blueprint = Blueprint(
    "mail_accounts_letterhead", __name__, url_prefix="/addons/mail-accounts/letterhead"
)
INHERIT = "inherit-"
REFUSED = 422


@blueprint.get("")
def index() -> ResponseReturnValue:
    """What a level says, and what it looks like."""
    require_accounts()
    desk = Desk()
    return page_of(desk, desk.shown())


@blueprint.post("")
def accept() -> ResponseReturnValue:
    """Save this optional part, or do with what was typed what the button says and show it, not saved."""
    require_accounts()
    return accepted(Desk())


@blueprint.route("/preview", methods=["GET", "POST"])
def preview() -> ResponseReturnValue:
    """Only the message, for the frame that shows it."""
    require_accounts()
    return preview_of(Desk())


@blueprint.post("/check")
def check() -> ResponseReturnValue:
    """What is wrong in the texts as they are typed, and whose they would be."""
    require_accounts()
    return checked(Desk())


def accepted(desk: Desk) -> ResponseReturnValue:
    """What was sent is saved, or does what its button says."""
    typed = desk.typed()
    deed = request.form.get("do", "accept")
    if deed.removeprefix(INHERIT) in TEXTS:
        return page_of(desk, _inherited(desk, typed, deed.removeprefix(INHERIT)), is_typed=True)
    if deed == "test":
        return _tested(desk, typed)
    return _saved(desk, typed)


def preview_of(desk: Desk) -> ResponseReturnValue:
    """The message with what was typed, or with what stands."""
    typed = desk.typed() if request.method == "POST" else desk.shown()
    is_dark = request.values.get("dark") == "1"
    try:
        example = example_with(
            desk.around(typed), desk.person(), is_reply=request.values.get("reply") == "1"
        )
        letter = example.letter
        page = as_shown(put_back(letter.html, letter.pictures), is_dark=is_dark)
    except MailError as problem:
        page = render_template(
            "admin/mailbox/letterhead_refused.html", problem=retold(problem.message)
        )
    answer = Response(page, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = MESSAGE_POLICY
    return answer


def checked(desk: Desk) -> ResponseReturnValue:
    """The sentences about what was typed, to be put where they belong."""
    return render_template("admin/mailbox/_letterhead_checks.html", **_said(desk, desk.typed()))


def _saved(desk: Desk, typed: Typed) -> ResponseReturnValue:
    scope = current_scope()
    try:
        removed = save_letterhead(desk.level, desk.words(typed), version=typed.version)
        db.session.commit()
    except AppError as problem:
        refused, field, status = problem.message, getattr(problem, "field", None), problem.status
        is_conflict = isinstance(problem, Conflict)
    except (StaleDataError, DBAPIError):
        refused, field, status = (
            _("Somebody else saved these texts meanwhile. Yours are not saved."),
            None,
            Conflict.status,
        )
        is_conflict = True
    else:
        flash(_("Header, signature and footer were saved."))
        if removed:
            flash(removed_words(removed), "error")
        return redirect(_url(desk))
    db.session.rollback()
    enter(scope)
    page = page_of(
        desk.again(),
        typed,
        problem=refused,
        problem_of=field,
        is_typed=True,
        theirs=desk.again().shown() if is_conflict else None,
    )
    return page, REFUSED if status == 400 else status


def _tested(desk: Desk, typed: Typed) -> ResponseReturnValue:
    own_address = current_staff().user.email
    address = own_address if desk.is_own else request.form.get("address", "").strip()
    scope = current_scope()
    try:
        send_example(desk.around(typed), desk.person(), address)
        db.session.commit()
    except AppError as problem:
        db.session.rollback()
        enter(scope)
        page = page_of(
            desk.again(), typed, address=address, address_problem=problem.message, is_typed=True
        )
        return page, REFUSED
    deliver_due.enqueue()
    note = _("The test e-mail is on its way to %(address)s.", address=address)
    return page_of(desk, typed, address=address, note=note, is_typed=True)


def _inherited(desk: Desk, typed: Typed, name: str) -> Typed:
    over = dict(zip(TEXTS, desk.inherited.texts, strict=True))
    return Typed(
        {**typed.texts, name: over[name]}, typed.own - {name}, typed.replies, typed.version
    )


def _url(desk: Desk, **more: Any) -> str:
    return url_for(f"{desk.endpoint}.index", level=desk.asked_as, **more)


def _said(desk: Desk, typed: Typed) -> dict[str, Any]:
    stands = desk.around(typed)
    said = zip(TEXTS, (stands.header, stands.signature, stands.footer), strict=True)
    lines = problem_lines(typed.texts)
    return {
        "names": TEXTS,
        "badges": {name: badge_of(each, desk.level) for name, each in said},
        "lines": lines,
        "example": _example(desk, typed),
        "document": document_words(typed.texts, any(lines.values())),
    }


def page_of(
    desk: Desk,
    typed: Typed,
    *,
    problem: str = "",
    problem_of: str | None = None,
    address: str | None = None,
    address_problem: str = "",
    note: str = "",
    is_typed: bool = False,
    theirs: Typed | None = None,
) -> str:
    """The page with these texts."""
    if desk.is_own:
        lead_to((_("My account"), url_for("account.account")), (desk.title, None))
    else:
        account_trail()
    person = desk.person()
    level = desk.asked_as
    return render_template(
        "admin/mailbox/letterhead.html",
        title=desk.title,
        subtitle=_("What stands around every message"),
        tabs=[] if desk.is_own else account_tabs("letterhead"),
        level=desk.level,
        is_mine=desk.is_own,
        levels=[] if desk.is_own else levels_to(desk),
        choices=[] if desk.is_own else choices_of(desk),
        key=desk.key,
        labels=LABELS,
        typed=typed,
        prints={name: fingerprint(text) for name, text in typed.texts.items()},
        inherited_replies=desk.inherited.footer_in_replies,
        fields=SENDER_FIELDS | ORGANIZATION_FIELDS,
        **_logo(),
        people=[(row.user.id, row.user.name) for row in desk.people()],
        person=person,
        accounts_with_own=_accounts_with_own(desk),
        url=_url(desk),
        preview_url=url_for(f"{desk.endpoint}.preview", level=level),
        check_url=url_for(f"{desk.endpoint}.check", level=level),
        address=current_staff().user.email if address is None else address,
        address_problem=address_problem,
        problem=problem,
        problem_of=problem_of,
        theirs=theirs,
        note_text=note,
        is_typed=is_typed,
        **_said(desk, typed),
    )


def _example(desk: Desk, typed: Typed) -> Example | None:
    try:
        return example_with(desk.around(typed), desk.person())
    except MailError:
        return None


def _logo() -> dict[str, Any]:
    """Whether the company has a logo, and where it is changed, for who may."""
    organization = current_staff().organization
    may_change = current_staff().rights.allows("organization", "edit")
    return {
        "has_logo": organization is not None and organization.logo_sha256 is not None,
        "logo_url": url_for("organization.edit_view", id=organization.id)
        if organization is not None and may_change
        else None,
    }


def _accounts_with_own(desk: Desk) -> list[tuple[str, str]]:
    """Accounts of this person that say a text themselves, which goes before what is said here."""
    if desk.level.kind is not LevelKind.USER or not may_open_accounts():
        return []
    return [
        (account.address, url_for("mail_account.edit_view", id=account.id))
        for account in accounts_of([desk.level.id or 0])[desk.level.id]
        if any(getattr(account, name) is not None for name in TEXTS)
    ]
