"""Issue statements of account: for which period and whom, how many there would be, and then all of them (S1-09)."""

from datetime import timedelta
from typing import Any

from flask import g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from sqlalchemy import Select, select

from admin_views.bulk_start import set_going
from admin_views.listing import in_scope
from admin_views.reader_formats import day, language, today
from admin_views.screens.mailing_fields import put_day
from admin_views.screens.mailing_proposal import periods
from admin_views.screens.statement_form import StatementForm, chosen_in, statement_form
from admin_views.screens.statement_runs import issued_url
from admin_views.screens.statement_words import Counted, counted_words
from errors import AppError, Conflict, Invalid
from models.any_of import is_any_of
from models.base import db
from models.mailings.mailing import AudienceMode
from models.people.customer import Customer
from models.system.bulk_run import BulkDeed, BulkRun
from services.mailings.address_book import groups_below
from services.sales.issuing_statements import (
    customers_waiting,
    demand_of,
    refuse_at_a_branch,
)
from services.sales.statements import Period
from services.system.bulk.begin import begin

REFUSED = 422
MOST_NAMED = 10


class IssueRoutes:
    """The page where statements are issued, beside their list."""

    @expose("/issue/", methods=("GET", "POST"))
    def issue_view(self: Any) -> ResponseReturnValue:
        """GET: the form, for the month that has ended. POST: issue; or, without script, put a period in, or count."""
        self.may_issue()
        form = statement_form()
        if request.method != "POST":
            form.last.data = today().replace(day=1) - timedelta(days=1)
            form.first.data = form.last.data.replace(day=1)
            return self.issue_page(form)
        if "period" in request.form:
            _put_period(form, request.form["period"])
            return self.issue_page(form)
        is_good = form.validate()
        if "calculate" in request.form:
            return self.issue_page(form)
        run = _begun(form) if is_good else None
        if run is None:
            return self.issue_page(form), REFUSED
        return redirect(set_going(run, back=issued_url(run)))

    @expose("/count/", methods=("POST",))
    def count_view(self: Any) -> ResponseReturnValue:
        """How many there would be, as the form stands."""
        self.may_issue()
        form = statement_form()
        form.validate()
        return render_template("admin/statements/_count.html", counted=_counted(form))

    def may_issue(self: Any) -> None:
        """Raise Forbidden for a role without the right, Conflict at a branch."""
        self.require("post")
        refuse_at_a_branch()

    def issue_url(self: Any) -> str | None:
        """Where statements are issued, for who may."""
        return f"{self.url}/issue/" if self.allows("post") else None

    def issue_page(self: Any, form: StatementForm) -> str:
        title = _("Issue statements of account")
        g.help_url = url_for("handbook.page", name="send-a-mailing")
        chosen_in(form)
        page = self.render(
            "admin/statements/issue.html",
            title=title,
            page=title,
            form=form,
            counted=_counted(form),
            periods=[
                (key, label, f"{day(first)} – {day(min(last, today()))}")
                for key, label, first, last in periods()
            ],
            count_url=f"{self.url}/count/",
            lookup_url=f"{self.url}/ajax/lookup/?name=customer",
            return_url=self.list_url,
        )
        return str(page)


def _put_period(form: StatementForm, name: str) -> None:
    """The days of a well-known period, as far as they have come."""
    for key, _label, first, last in periods():
        if key == name:
            put_day(form.first, first)
            put_day(form.last, min(last, today()))


def _begun(form: StatementForm) -> BulkRun | None:
    """The run over all who have none yet; or None, with the sentence at its field."""
    try:
        period, customers = _asked_for(form)
        waiting = db.session.scalars(customers_waiting(period, customers)).all()
        if not waiting:
            raise Conflict(_("There is nothing to issue: see the count."))
        return begin(
            in_scope(select(Customer.id).where(is_any_of(Customer.id, waiting))),
            screen="customer",
            deed=BulkDeed.STATEMENT,
            changes={"first": period.first.isoformat(), "last": period.last.isoformat()},
            lang=language(),
        )
    except AppError as problem:
        db.session.rollback()
        field = form[getattr(problem, "field", None) or "last"]
        field.errors = [*field.errors, problem.message]
        return None


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
            return select(Customer.id).where(is_any_of(Customer.id, chosen.keys))
        case _:
            return None
