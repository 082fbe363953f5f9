"""Home: what needs attention today, how the mailings go, who owes what."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from babel.numbers import format_compact_decimal, get_group_symbol
from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import format_date, format_decimal, get_locale
from flask_babel import gettext as _

from admin_views.attention import mailing_name, mailing_page, matters, page, result_of
from admin_views.identity import current_staff
from admin_views.mail_attention import mail_matters
from admin_views.portal_attention import happenings, portal_matters
from admin_views.reader_formats import ago
from admin_views.screens.account_checks import url_of as check_url
from admin_views.screens.account_checks_list import standing_badge
from admin_views.screens.mailing_beginning import begin_moment
from admin_views.shell import MenuNode, lead_to, shell
from admin_views.state_badges import state_badge
from jobs.queue import bell
from services.sales.ageing import BUCKETS, Ageing
from services.system.health import workers_alive
from services.system.today import FirstSteps, today_of

TONES = ("warn", "warn", "bad", "bad")
blueprint = Blueprint("home", __name__)


@dataclass(frozen=True)
class Bar:
    """A bar of the chart, with its words."""

    label: str
    percent: float
    text: str
    exact: str
    tone: str


@dataclass(frozen=True)
class Step:
    """One of the first steps of a new company."""

    title: str
    text: str
    is_done: bool
    url: str | None


@blueprint.get("/")
def home() -> ResponseReturnValue:
    g.is_home = True
    lead_to()
    staff = current_staff()
    assert staff.organization is not None  # the guard has seen to it
    today = today_of(staff.organization, staff.rights)
    ageing = _chosen(today.ageing, staff.organization.base_currency)
    return render_template(
        "admin/home/home.html",
        title=_greeting(today.hour, staff.name.split()[0]),
        date=format_date(today.day, "full"),
        today=today,
        accounts=[
            (each.account.address, check_url(each.account), standing_badge(each))
            for each in today.accounts
        ],
        matters=matters(today, workers_alive(bell()), [*portal_matters(today), *mail_matters()]),
        happened=happenings(today.happened),
        steps=_steps(today.steps) if today.steps else [],
        ageing=ageing,
        bars=_bars(ageing) if ageing else [],
        all_bars=[(one, _bars(one)) for one in today.ageing],
        common_tasks=_common_tasks(),
        may=staff.rights.allows,
        page=page,
        state_badge=state_badge,
        mailing_name=mailing_name,
        mailing_page=mailing_page,
        result=result_of,
        begins=begin_moment,
        ago=ago,
    )


def _greeting(hour: int, name: str) -> str:
    if hour < 12:
        return str(_("Good morning, %(name)s", name=name))
    if hour < 19:
        return str(_("Good afternoon, %(name)s", name=name))
    return str(_("Good evening, %(name)s", name=name))


def _chosen(ageing: Sequence[Ageing], base_currency: str) -> Ageing | None:
    """The currency that was asked for, else the company's own, else the largest debt."""
    by_code = {one.currency: one for one in ageing}
    asked = request.args.get("currency", base_currency)
    return by_code.get(asked) or by_code.get(base_currency) or next(iter(ageing), None)


def _bars(ageing: Ageing) -> list[Bar]:
    labels = [_("Not yet due"), *(_label(first, last) for first, last in BUCKETS)]
    amounts = [ageing.not_due, *ageing.overdue]
    longest = max(*amounts, Decimal(1))
    return [
        Bar(
            label,
            float(100 * amount / longest),
            _short(amount),
            format_decimal(amount, "#,##0.00"),
            tone,
        )
        for label, amount, tone in zip(labels, amounts, ("brand", *TONES), strict=True)
    ]


def _short(amount: Decimal) -> str:
    """1.740,4 M: grouped from the first thousand on, as all other numbers are."""
    text = format_compact_decimal(amount, locale=get_locale(), fraction_digits=1)
    return re.sub(r"^(-?\d)(\d{3})(?=\D)", rf"\g<1>{get_group_symbol(get_locale())}\2", text)


def _label(first: int, last: int | None) -> str:
    if last is None:
        return str(_("More than %(days)d", days=first - 1))
    return str(_("%(first)d to %(last)d days", first=first, last=last))


def _steps(steps: FirstSteps) -> list[Step]:
    return [
        Step(
            _("Add the mail account that sends"),
            _("Its server, its password, and a test message to yourself."),
            steps.has_account,
            page("mail_account.create_view"),
        ),
        Step(
            _("Import your customers"),
            _("From a sheet with any order of columns; a dry run shows what is wrong first."),
            steps.has_customers,
            page("imports.new", subject="customers") or page("customer.index_view"),
        ),
        Step(
            _("Import your invoices"),
            _("One row for each line; totals and taxes are computed."),
            steps.has_invoices,
            page("imports.new", subject="invoices") or page("invoice.index_view"),
        ),
        Step(
            _("Send your first mailing"),
            _("Look at every message before it leaves, then start."),
            steps.has_mailing,
            page("mailing_console.new"),
        ),
    ]


def _common_tasks() -> Sequence[Any]:
    """The entries of that name in the reader's menu (S1-03)."""
    name = _("Common tasks")
    for node in shell().menu:
        if str(node.label) == name:
            return _leaves(node)
    return ()


def _leaves(node: MenuNode) -> list[MenuNode]:
    if not node.children:
        return [node]
    return [leaf for child in node.children for leaf in _leaves(child)]
