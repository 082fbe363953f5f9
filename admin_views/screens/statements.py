"""Issue statements of account: for which period and whom, how many there would be, and then all of them (S1-09)."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask import request as asked
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Select, select

from admin_views.bulk_start import set_going
from admin_views.identity import current_staff
from admin_views.reader_formats import day, language, today
from admin_views.screens.mailing_fields import put_day
from admin_views.screens.mailing_proposal import periods
from admin_views.screens.statement_form import StatementForm, chosen_in, statement_form
from admin_views.screens.statement_words import Counted, counted_words
from admin_views.shell import lead_to
from errors import AppError, Conflict, Invalid
from models.base import db
from models.mailings.mailing import AudienceMode
from models.people.customer import Customer
from models.system.bulk_run import BulkDeed
from services.mailings.address_book import groups_below
from services.sales.issuing_statements import (
    customers_waiting,
    demand_of,
    refuse_at_a_branch,
)
from services.sales.statements import Period
from services.system.bulk.begin import begin

blueprint = Blueprint("statements", __name__, url_prefix="/statements")
REFUSED = 422
MOST_NAMED = 10
LIST = "statement.index_view"


@blueprint.get("/issue")
def issue() -> ResponseReturnValue:
    """The form, for the month that has ended."""
    _may_issue()
    form = statement_form()
    form.last.data = today().replace(day=1) - timedelta(days=1)
    form.first.data = form.last.data.replace(day=1)
    return _page(form)


@blueprint.post("/issue")
def really_issue() -> ResponseReturnValue:
    """Issue them: few at once, many by a worker. Without script: put a period in, or count."""
    _may_issue()
    form = statement_form()
    if "period" in asked.form:
        for key, _label, first, last in periods():
            if key == asked.form["period"]:
                put_day(form.first, first)
                put_day(form.last, min(last, today()))
        return _page(form)
    if "calculate" in asked.form:
        form.validate()
        return _page(form)
    if not form.validate():
        return _page(form), REFUSED
    try:
        period, customers = _asked_for(form)
        if not demand_of(period, customers).waiting:
            raise Conflict(_("There is nothing to issue: see the count."))
        run = begin(
            customers_waiting(period, customers),
            screen="customer",
            deed=BulkDeed.STATEMENT,
            changes={"first": period.first.isoformat(), "last": period.last.isoformat()},
            lang=language(),
        )
    except AppError as problem:
        db.session.rollback()
        _refuse(form, problem)
        return _page(form), REFUSED
    return redirect(set_going(run, back=url_for(LIST)))


@blueprint.post("/issue/count")
def count() -> ResponseReturnValue:
    """How many there would be, as the form stands."""
    _may_issue()
    form = statement_form()
    form.validate()
    return render_template("admin/statements/_count.html", counted=_counted(form))


def _may_issue() -> None:
    current_staff().rights.require("document", "post")
    refuse_at_a_branch()


def _page(form: StatementForm) -> str:
    title = _("Issue statements of account")
    lead_to((_("Common tasks"), None), (_("Statements of account"), url_for(LIST)), (title, None))
    chosen_in(form)
    return render_template(
        "admin/statements/issue.html",
        title=title,
        form=form,
        counted=_counted(form),
        periods=[
            (key, label, f"{day(first)} – {day(min(last, today()))}")
            for key, label, first, last in periods()
        ],
        lookup_url=url_for("invoice.ajax_lookup", name="customer"),
        return_url=url_for(LIST),
    )


def _counted(form: StatementForm) -> Counted:
    """The count, or what keeps one from counting."""
    wrong = [str(field.errors[0]) for field in form if field.errors]
    if wrong:
        return Counted(wrong[0])
    if not form.first.data or not form.last.data:
        return Counted(_("Choose a period."))
    try:
        return counted_words(demand_of(*_asked_for(form)))
    except AppError as problem:
        return Counted(problem.message)


def _asked_for(form: StatementForm) -> tuple[Period, Select[Any] | None]:
    """The period, and the customers if not all; raises Invalid for what makes no sense."""
    period = Period.checked(form.first.data, form.last.data, today=today())
    return period, _chosen(form)


def _chosen(form: StatementForm) -> Select[Any] | None:
    match form.who.data:
        case AudienceMode.GROUPS:
            groups = groups_below(form.groups.data or [])
            return select(Customer.id).where(Customer.customer_group_id.in_(groups))
        case AudienceMode.CUSTOMERS:
            chosen = chosen_in(form)
            if chosen.unknown:
                words = ", ".join(chosen.unknown[:MOST_NAMED])
                sentence = _("Nobody has these numbers: %(numbers)s.", numbers=words)
                raise Invalid(sentence, field="customer_numbers")
            return select(Customer.id).where(Customer.id.in_(chosen.keys))
        case _:
            return None


def _refuse(form: StatementForm, problem: AppError) -> None:
    """Put the sentence at its field, or at the period."""
    name = getattr(problem, "field", None) or "last"
    field = form[name if name in form else "last"]
    field.errors = [*field.errors, problem.message]
