"""The first page behind the guard: what the customer owes, what waits for them, what happened last."""

from dataclasses import dataclass
from datetime import date

from flask import render_template, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from models.base import utc_now
from portal.document_rows import rows_of
from portal.document_words import days_until
from portal.frame import page
from portal.guard import current_portal, current_visitor, portal_blueprint
from portal.latest_words import happenings, waiting_words
from portal.own_documents import current_sight, today
from portal.payment_rows import PaymentRow, payment_rows
from portal.urls import page_url
from services.portal.banner import banner_of
from services.portal.document_list import Wanted
from services.portal.first_page import COUNTED_UP_TO, MOST_ISSUED, MOST_WAITING, first_page
from services.portal.latest import latest
from services.portal.payment_list import payments_page
from services.portal.visible_documents import Subject
from services.sales.formats import shown_amount, shown_date
from services.sales.standings import Standing, standings_of

MOST_HAPPENED = MOST_ISSUED
blueprint = portal_blueprint("home", __name__)


@dataclass(frozen=True)
class StandingWords:
    """How the customer stands in one currency."""

    currency: str
    balance: str
    is_in_favour: bool
    overdue: str
    in_favour: str
    next_due: str


@blueprint.get("/")
def home() -> str:
    day, sight = today(), current_sight()
    lang = str(get_locale() or "es")
    documents = first_page(sight, day)
    happened = latest(
        sight,
        utc_now(),
        most=MOST_HAPPENED,
        has_comments=documents.has_comments,
        has_answers=documents.has_answers,
    )
    return render_template(
        "portal/home.html",
        page=page("home"),
        banner=banner_of(
            current_portal().settings,
            lang,
            day,
            own=current_portal().organization.default_lang,
        ),
        standings=_standings(day, lang),
        customer_name=current_visitor().customer_name,
        overdue_url=url_for("portal-documents.invoices", state="overdue"),
        account_url=page_url("portal-account.account"),
        sees_account=sight.sees(Subject.STATEMENTS),
        sees_invoices=sight.sees(Subject.INVOICES),
        waiting=rows_of(documents.waiting, day),
        may_answer=sight.may_answer,
        waiting_words=waiting_words(happened)[:MOST_WAITING],
        invoices=rows_of(documents.invoices, day),
        invoices_url=page_url("portal-documents.invoices"),
        count=str(documents.count)
        if documents.count <= COUNTED_UP_TO
        else _("more than %(number)s", number=COUNTED_UP_TO),
        happened=happenings(documents.issued, happened, _last_payments(), most=MOST_HAPPENED),
    )


def _standings(day: date, lang: str) -> list[StandingWords] | None:
    """None for who may see neither the invoices nor the account."""
    sight = current_sight()
    if not (sight.sees(Subject.INVOICES) or sight.sees(Subject.STATEMENTS)):
        return None
    found = [_in_words(standing, day, lang) for standing in standings_of(sight.customer_id, day)]
    return found or [
        _in_words(Standing.nothing_owed(current_visitor().customer_currency), day, lang)
    ]


def _in_words(standing: Standing, today: date, lang: str) -> StandingWords:
    currency = standing.currency
    due = standing.next_due
    return StandingWords(
        currency=currency,
        balance=shown_amount(standing.balance, currency, lang),
        is_in_favour=standing.balance < 0,
        overdue=shown_amount(standing.overdue, currency, lang) if standing.overdue else "",
        in_favour=shown_amount(standing.in_favour, currency, lang)
        if standing.overdue and standing.in_favour
        else "",
        next_due=_(
            "Next due: %(amount)s on %(day)s, %(when)s",
            amount=shown_amount(due.amount, currency, lang),
            day=shown_date(due.due_date, lang),
            when=days_until(due.due_date, today),
        )
        if due
        else "",
    )


def _last_payments() -> list[PaymentRow]:
    sight = current_sight()
    if not sight.sees(Subject.PAYMENTS):
        return []
    return payment_rows(payments_page(sight, Wanted(), size=MOST_HAPPENED).rows)
