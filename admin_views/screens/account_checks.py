"""The test of one mail account: its steps, what can be done, its health (X4-03, X4-07)."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from admin_views.attention import page
from admin_views.identity import current_staff
from admin_views.reader_formats import moment
from admin_views.screens import account_check_page as pages
from admin_views.screens.account_check_report import report_of
from admin_views.screens.account_tabs import check_trail, may_open_accounts
from errors import Invalid
from extensions import limiter
from jobs.checks import check_accounts
from models.base import db
from models.mailbox.account_check import AccountCheck
from models.mailbox.mail_account import MailAccount
from services.mailbox.checks import accounts_to_test, ask_check, checks_of
from services.mailbox.password_asking import can_be_asked

RESOURCE = "mail_account"
PER_STAFF = "30 per minute"
LONGEST_PASSWORD = 1_000
blueprint = Blueprint("account_checks", __name__, url_prefix="/addons/mail-accounts/checks")
blueprint.add_app_template_global(pages.badge_of, "check_badge")


def who() -> str:
    return f"staff:{current_staff().user.id}"


@blueprint.get("/<uuid:public_id>")
def check(public_id: UUID) -> ResponseReturnValue:
    account = the_account(public_id, "view")
    return _page(account)


@blueprint.get("/<uuid:public_id>/progress")
def progress(public_id: UUID) -> ResponseReturnValue:
    account = the_account(public_id, "view")
    newest = next(iter(checks_of(account)), None)
    if newest is None or not newest.is_open:
        return Response(status=286, headers={"HX-Refresh": "true"})  # htmx stops asking
    return render_template("admin/mailbox/_checking.html", account=account, check=newest)


@blueprint.post("/<uuid:public_id>")
@limiter.limit(PER_STAFF, key_func=who)
def again(public_id: UUID) -> ResponseReturnValue:
    account = the_account(public_id, "edit")
    ask_tests([account])
    return redirect(url_of(account))


@blueprint.post("/<uuid:public_id>/password")
@limiter.limit(PER_STAFF, key_func=who)
def password(public_id: UUID) -> ResponseReturnValue:
    """Write another password and test it at once."""
    account = the_account(public_id, "edit")
    current_staff().rights.require(RESOURCE, "edit", "password_sealed")
    written = request.form.get("password", "")
    if not written or len(written) > LONGEST_PASSWORD or not written.isprintable():
        problem = _("Write the password; it has no control characters.")
        return _page(account, password_problem=problem), Invalid.status
    account.password = written
    ask_tests([account])
    flash(_("The password was saved; it is being tested."))
    return redirect(url_of(account))


@blueprint.post("/failed")
@limiter.limit(PER_STAFF, key_func=who)
def failed() -> ResponseReturnValue:
    """Test again what failed last time."""
    _may("edit")
    accounts = list(accounts_to_test(only_failed=True))
    ask_tests(accounts)
    flash(
        ngettext(
            "%(n)s account is being tested again.",
            "%(n)s accounts are being tested again.",
            len(accounts),
            n=len(accounts),
        )
    )
    return redirect(url_for(".index"))


def ask_tests(accounts: list[MailAccount]) -> None:
    """Write down that these are to be tested, and ring for a worker."""
    wants_message = request.form.get("message") == "1"
    ask_check(accounts, wants_message=wants_message, asked_by=current_staff().user.id)
    db.session.commit()
    check_accounts.enqueue()


def _page(account: MailAccount, **further: Any) -> str:
    checks = checks_of(account)
    shown = next(iter(checks), None)
    title = _("Test of %(name)s", name=account.owner.name if account.owner else account.address)
    check_trail(title, url_for(".index"))
    return render_template(
        "admin/mailbox/check.html",
        title=account.address,
        subtitle=_subtitle(account, shown),
        account=account,
        check=shown,
        verdict=pages.verdict_of(shown, account) if shown else None,
        cards=pages.cards_of(shown, account) if shown and not shown.is_open else (),
        wants_password=pages.wants_password(shown) if shown else False,
        health=pages.health_of(account),
        report=report_of(shown, account) if shown and not shown.is_open else "",
        earlier=[
            (moment(each.ended_at), pages.badge_of(each)) for each in checks[1:] if each.ended_at
        ],
        may_edit=current_staff().rights.allows(RESOURCE, "edit"),
        has_password=account.login is not None
        and current_staff().rights.allows(RESOURCE, "edit", "password_sealed"),
        can_be_asked=can_be_asked(account),
        accounts_url=_accounts_url(),
        **further,
    )


def _subtitle(account: MailAccount, shown: AccountCheck | None) -> str:
    parts = [account.owner.name if account.owner else "", account.display_name]
    if shown is not None and shown.ended_at is not None:
        took = pages.took_words(shown)
        parts.append(_("tested %(moment)s, in %(time)s", moment=moment(shown.ended_at), time=took))
    return " · ".join(dict.fromkeys(filter(None, parts)))


def the_account(public_id: UUID, action: str) -> MailAccount:
    _may(action)
    query = select(MailAccount).where(MailAccount.public_id == public_id)
    found = db.session.scalars(query).one_or_none()
    return found or abort(404)


def _may(action: str) -> None:
    current_staff().rights.require(RESOURCE, action)


def url_of(account: MailAccount) -> str:
    """Where its test is shown."""
    return url_for("account_checks.check", public_id=account.public_id)


def _accounts_url() -> str:
    """The page of all accounts, or the plain list where that is not open."""
    grid = page("mail_accounts_grid.index") if may_open_accounts() else None
    return grid or url_for("mail_account.index_view")
