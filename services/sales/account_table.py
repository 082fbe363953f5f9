"""A statement of account as it is printed: its movements, and how old its balance is."""

from functools import partial

from files.document_page import AccountTable, MovementRow
from models.sales.statement import Statement
from services.sales.account_effects import NOTHING
from services.sales.formats import shown_amount, shown_date


def account_table(statement: Statement) -> AccountTable:
    """In the language of the statement; a side that does not move is blank."""
    lang = statement.lang
    amount = partial(shown_amount, currency=statement.currency, lang=lang)
    movements = statement.movements
    return AccountTable(
        period_start=shown_date(statement.period_start or statement.issue_date, lang),
        period_end=shown_date(statement.issue_date, lang),
        opening=amount(statement.opening_balance or NOTHING),
        movements=tuple(
            MovementRow(
                day=shown_date(movement.day, lang),
                kind=movement.kind.value,
                label=movement.label,
                debit=amount(movement.debit) if not movement.credit else "",
                credit=amount(movement.credit) if movement.credit else "",
                balance=amount(movement.balance),
            )
            for movement in movements
        ),
        debits=amount(sum((movement.debit for movement in movements), NOTHING)),
        credits=amount(sum((movement.credit for movement in movements), NOTHING)),
        closing=amount(statement.total),
        outstanding=amount(abs(statement.total)),
        ages=tuple(amount(age) for age in statement.aged or ()),
        is_owed=statement.total > 0,
        is_in_favour=statement.total < 0,
    )
