"""How many statements of account there would be, in a sentence."""

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views.reader_formats import number
from services.sales.issuing_statements import Demand


@dataclass(frozen=True)
class Counted:
    """`text` says it, `rest` explains it; `is_some` where there is something to issue."""

    text: str
    rest: str = ""
    is_some: bool = False


def counted_words(demand: Demand) -> Counted:
    """What would be issued, and what is there already."""
    if not demand.accounts:
        return Counted(_("Nobody has a movement in this period, or a balance before it."))
    issued = str(
        ngettext(
            "%(n)s has been issued for this period already.",
            "%(n)s have been issued for this period already.",
            demand.issued,
            n=number(demand.issued),
        )
    )
    if not demand.waiting:
        return Counted(_("Nothing is left to issue."), issued)
    text = ngettext(
        "%(n)s statement of account will be issued.",
        "%(n)s statements of account will be issued.",
        demand.waiting,
        n=number(demand.waiting),
    )
    return Counted(str(text), issued if demand.issued else "", is_some=True)
