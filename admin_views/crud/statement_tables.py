"""The movements of a statement of account as one reads them, and how old its balance is."""

from typing import Any

from flask_babel import gettext as _

from admin_views import reader_formats as reader
from admin_views.formatters import money_cell
from models.sales.statement import Statement, StatementLine
from models.states import state_word
from services.sales.account_effects import NOTHING
from services.sales.ageing import BUCKETS

FIGURE = "r num"


def movements_to_read(statement: Statement) -> dict[str, Any]:
    """From the opening balance to the closing one."""
    currency = statement.currency
    opening = money_cell(statement.opening_balance, currency, code=False)
    before = reader.day(statement.period_start or statement.issue_date)
    debits = sum((movement.debit for movement in statement.movements), NOTHING)
    credits = sum((movement.credit for movement in statement.movements), NOTHING)
    return {
        "title": _("Movements"),
        "columns": [
            (_("Date"), "num"),
            (_("Movement"), "c-text"),
            (_("Charge"), FIGURE),
            (_("Credit"), FIGURE),
            (_("Balance"), FIGURE),
        ],
        "rows": [
            [before, _("Opening balance"), "", "", opening],
            *(_row(movement, currency) for movement in statement.movements),
        ],
        "totals": [
            (_("Charges"), money_cell(debits, currency)),
            (_("Credits"), money_cell(credits, currency)),
            (_("Balance"), money_cell(statement.total, currency)),
        ],
    }


def ages_to_read(statement: Statement) -> dict[str, Any]:
    """What of the balance is not due, late by so many days, or in favour of the customer."""
    ages = statement.aged or []
    return {
        "title": _("Age of the balance"),
        "columns": [(word, FIGURE) for word in age_words()],
        "rows": [[money_cell(age, statement.currency, code=False) for age in ages]],
        "totals": [],
    }


def age_words() -> list[str]:
    """The heads of its columns, in the order of `Statement.aged`."""
    late = [
        _("%(first)d to %(last)d days", first=first, last=last)
        if last is not None
        else _("Over %(days)d", days=first - 1)
        for first, last in BUCKETS
    ]
    return [_("Not due"), *late, _("In their favour")]


def _row(movement: StatementLine, currency: str) -> list[Any]:
    name = f"{state_word(movement.kind)} {movement.label}".strip()
    return [
        reader.day(movement.day),
        name,
        "" if movement.credit else money_cell(movement.debit, currency, code=False),
        money_cell(movement.credit, currency, code=False) if movement.credit else "",
        money_cell(movement.balance, currency, code=False),
    ]
