"""The customer's account over a period: the same numbers as a statement that is issued of it (P-05)."""

from collections.abc import Sequence
from typing import Any

from flask import Response, current_app, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from errors import Invalid, NotFound
from files.store import FileStore
from models.base import db
from models.sales.document import Document
from portal.account_words import DOCUMENTS, in_words
from portal.asked_period import asked_period
from portal.frame import page
from portal.guard import current_customer, portal_blueprint
from portal.own_documents import current_sight, require, today
from portal.served_files import PDF, handed_over
from services.portal.account_period import (
    account_csv,
    account_pdf,
    accounts_over,
    usual_period,
)
from services.portal.visible_documents import Subject, mine
from services.sales.formats import shown_date
from services.sales.statements import CustomerAccount, Period

CSV = "text/csv; charset=utf-8"
WITH_COMMA = {"es", "pt"}
blueprint = portal_blueprint("account", __name__)


@blueprint.get("/account")
def account() -> tuple[str, int]:
    require(Subject.STATEMENTS)
    problem = ""
    try:
        period = asked_period(request.args, today())
    except Invalid as refused:
        problem, period = refused.message, usual_period(today())
    lang = str(get_locale() or "es")
    accounts = accounts_over(current_customer(), period)
    urls = _urls(accounts)
    dates: dict[str, Any] = {"first": period.first.isoformat(), "last": period.last.isoformat()}
    text = render_template(
        "portal/account.html",
        page=page("account"),
        customer=current_customer(),
        accounts=[in_words(one, urls, lang) for one in accounts],
        pdf_urls={
            one.currency: url_for("portal-account.pdf", currency=one.currency, **dates)
            for one in accounts
        },
        csv_url=url_for("portal-account.csv", **dates),
        action_url=url_for("portal-account.account"),
        until=shown_date(period.last, lang),
        today=today().isoformat(),
        problem=problem,
        **dates,
    )
    return text, 422 if problem else 200


@blueprint.get("/account.pdf")
def pdf() -> Response:
    """One currency of the period."""
    require(Subject.STATEMENTS)
    lang = str(get_locale() or "es")
    period = asked_period(request.args, today())
    for one in accounts_over(current_customer(), period):
        if one.currency == request.args.get("currency", one.currency):
            store = FileStore(current_app.extensions["settings"].files_url)
            content = account_pdf(current_customer(), one, lang=lang, store=store)
            return handed_over(content, f"{_name(period)} {one.currency}.pdf", PDF)
    raise NotFound(_("There is no account in this currency."))


@blueprint.get("/account.csv")
def csv() -> Response:
    """All currencies of the period."""
    require(Subject.STATEMENTS)
    period = asked_period(request.args, today())
    mark = "," if str(get_locale() or "es") in WITH_COMMA else "."
    accounts = accounts_over(current_customer(), period)
    return handed_over(
        b"".join(account_csv(accounts, decimal_mark=mark)), f"{_name(period)}.csv", CSV
    )


def _name(period: Period) -> str:
    title = _("Statement of account")
    return f"{title} {period.first:%Y-%m-%d} {period.last:%Y-%m-%d}"


def _urls(accounts: Sequence[CustomerAccount]) -> dict[int, str]:
    """Of the documents that moved these accounts, as far as the visitor sees them."""
    keys = {
        movement.record_id
        for one in accounts
        for movement in one.movements
        if movement.kind.value in DOCUMENTS
    }
    rows = db.session.execute(
        mine(current_sight())
        .where(Document.id.in_(keys))
        .with_only_columns(Document.id, Document.public_id)
    )
    return {key: url_for("portal-document.document", public_id=public) for key, public in rows}
