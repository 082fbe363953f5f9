"""Who uses which mail account: people x accounts, and the organization's own choice per purpose (X4-08, S4-01).

A cell is a choice named `u-<account>-<user>-<what was shown>`, so that only what was changed is written, and nobody
overwrites in silence what somebody else has decided meanwhile.
"""

import re
import uuid
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, exists, func, or_, select

from admin_views.identity import current_staff
from admin_views.menu import MenuPage
from admin_views.scoping import scoped
from admin_views.screens.mail_purposes import choose_purposes, purposes_of
from admin_views.shell import lead_to
from errors import AppError
from models.base import db
from models.mailbox.account_grant import AccountGrant
from models.mailbox.mail_account import MailAccount
from models.people.user import User
from services.mailbox.account_grants import Use, allow, uses_of
from services.people.colleagues import is_colleague

RESOURCE = "mail_account"
CELL = re.compile(r"u-(\d{1,18})-(\d{1,18})-([a-z]{1,10})")
PEOPLE_A_PAGE = 25
ACCOUNTS_A_PAGE = 6
MENU_PAGE = MenuPage(
    endpoint="mail_rights",
    index_name="index",
    menu_path=(_l("System"), _l("Who uses which mail account")),
    menu_order=26,
    menu_icon="users-group",
    resource=RESOURCE,
    action="edit",
)

blueprint = Blueprint("mail_rights", __name__, url_prefix="/admin/mail-rights")


@blueprint.get("/")
def index() -> ResponseReturnValue:
    _require()
    return _page()


@blueprint.post("/")
def save() -> ResponseReturnValue:
    """All of what was changed, or nothing."""
    _require()
    try:
        changed = sum(_changed(name, value) for name, value in request.form.items())
    except AppError as problem:
        db.session.rollback()
        return _page(problem.message), problem.status
    db.session.commit()
    flash(
        ngettext("%(num)d right was changed.", "%(num)d rights were changed.", changed)
        if changed
        else _("Nothing was changed.")
    )
    return redirect(url_for(".index", **_place()))


@blueprint.post("/defaults")
def save_defaults() -> ResponseReturnValue:
    """What the organization takes for which purpose."""
    _require()
    try:
        choose_purposes(None)
    except AppError as problem:
        db.session.rollback()
        return _page(problem.message), problem.status
    db.session.commit()
    flash(_("The organization's accounts were kept."))
    return redirect(url_for(".index", **_place()))


def _require() -> None:
    current_staff().rights.require(RESOURCE, "edit")


def _page(error: str | None = None) -> str:
    lead_to((_("System"), None), (_("Who uses which mail account"), None))
    one = _asked_account()
    typed, page, at = request.args.get("q", "").strip()[:100], _number("page"), _number("at")
    accounts = [one] if one is not None else _accounts(at)
    people = _people(typed, page)
    has_more_people, has_more_accounts = (
        len(people) > PEOPLE_A_PAGE,
        len(accounts) > ACCOUNTS_A_PAGE,
    )
    people, accounts = people[:PEOPLE_A_PAGE], accounts[:ACCOUNTS_A_PAGE]
    place = {key: value for key, value in _place().items() if key not in ("page", "at")}
    return render_template(
        "admin/mailbox/rights.html",
        title=_("Who uses which mail account"),
        error=error,
        one=one,
        q=typed,
        accounts=[(account, _open_words(account)) for account in accounts],
        people=people,
        uses=uses_of(account.id for account in accounts),
        nothing=Use.NOTHING,
        choices=list(Use.labels().items()),
        action_url=url_for(".save", **_place()),
        all_url=url_for(".index"),
        record_url=url_for("mail_account.details_view", id=one.id) if one is not None else None,
        newer=url_for(".index", **place, page=page - 1, at=at) if page else None,
        older=url_for(".index", **place, page=page + 1, at=at) if has_more_people else None,
        left=url_for(".index", **place, page=page, at=at - 1) if at else None,
        right=url_for(".index", **place, page=page, at=at + 1) if has_more_accounts else None,
        purposes=purposes_of(None),
        purposes_url=url_for(".save_defaults", **_place()),
    )


def _changed(name: str, value: str) -> bool:
    found = CELL.fullmatch(name)
    if found is None or value == found[3]:
        return False
    account = db.session.scalar(select(MailAccount).where(MailAccount.id == int(found[1])))
    user = db.session.scalar(scoped(User).where(User.id == int(found[2])))
    if account is None or user is None:
        abort(404)
    try:
        use, seen = Use(value), Use(found[3])
    except ValueError:
        abort(404)
    return allow(account, user, use, seen=seen)


def _people(typed: str, page: int) -> Sequence[User]:
    query = select(User).where(is_colleague(), User.is_active)
    for word in typed.split():
        query = query.where(
            or_(
                User.name.icontains(word, autoescape=True),
                User.email.icontains(word, autoescape=True),
            )
        )
    return db.session.scalars(
        query.order_by(func.fold(User.name), User.id)
        .offset(page * PEOPLE_A_PAGE)
        .limit(PEOPLE_A_PAGE + 1)
    ).all()


def _accounts(at: int) -> Sequence[MailAccount]:
    """Those without owner first, then those of a person for which others are named; the rest has its owner only."""
    return db.session.scalars(
        select(MailAccount)
        .where(MailAccount.owner_id.is_(None) | _has_names())
        .order_by(MailAccount.owner_id.is_not(None), MailAccount.address_norm)
        .offset(at * ACCOUNTS_A_PAGE)
        .limit(ACCOUNTS_A_PAGE + 1)
    ).all()


def _has_names() -> ColumnElement[bool]:
    return exists().where(AccountGrant.account_id == MailAccount.id)


def _open_words(account: MailAccount) -> str:
    """Who uses it besides those that the column names."""
    if account.owner is not None:
        return _("Belongs to %(name)s", name=account.owner.name)
    is_named = db.session.scalar(
        select(AccountGrant.id).where(AccountGrant.account_id == account.id).limit(1)
    )
    if is_named is not None:
        return _("Only who is named")
    return _("Everybody, until somebody is named") if account.is_shared else _("Nobody yet")


def _asked_account() -> MailAccount | None:
    key = request.args.get("account")
    if not key:
        return None
    try:
        wanted = MailAccount.public_id == uuid.UUID(key)
    except ValueError:
        abort(404)
    found: MailAccount | None = db.session.scalar(select(MailAccount).where(wanted))
    return found or abort(404)


def _place() -> dict[str, Any]:
    return {key: request.args[key] for key in ("account", "q", "page", "at") if key in request.args}


def _number(name: str) -> int:
    typed = request.args.get(name, "")
    return int(typed) if typed.isdecimal() and len(typed) < 5 else 0
