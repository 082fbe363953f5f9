"""What became of the rows that were sent, user by user (S4-16)."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views.screens.account_grid_words import label_of, words_about
from admin_views.screens.import_pages import Badge
from services.mailbox.account_checking import CheckedRow
from services.mailbox.account_saving import Outcome, RowResult

OUTCOMES = {
    Outcome.SAVED: ("ok", "circle-check"),
    Outcome.UNCHANGED: ("", "equal"),
    Outcome.REFUSED: ("bad", "alert-circle"),
    Outcome.HELD_BACK: ("warn", "hourglass"),
}


@dataclass(frozen=True, kw_only=True)
class ShownResult:
    """What became of a person's row, with the reasons."""

    name: str
    address: str
    badge: Badge
    reasons: Sequence[str]


def shown_results(results: Sequence[RowResult]) -> list[ShownResult]:
    """What became of each row: the refused ones first, then those that wait, then the saved ones."""
    order = (Outcome.REFUSED, Outcome.HELD_BACK, Outcome.SAVED, Outcome.UNCHANGED)
    words = Outcome.labels()
    return [
        ShownResult(
            name=each.checked.row.user.name,
            address=_address_of(each),
            badge=Badge(
                tone=OUTCOMES[each.outcome][0],
                icon=OUTCOMES[each.outcome][1],
                word=str(words[each.outcome]),
            ),
            reasons=_reasons(each.checked),
        )
        for each in sorted(results, key=lambda one: order.index(one.outcome))
    ]


def _address_of(result: RowResult) -> str:
    typed = result.checked.cells.get("address", "")
    domain = result.checked.row.domain
    return typed if "@" in typed or not typed or not domain else f"{typed}@{domain}"


def _reasons(checked: CheckedRow) -> list[str]:
    reasons = [f"{label_of(name)}: {sentence}" for name, sentence in checked.problems.items()]
    if checked.somebody_else:
        reasons.append(words_about(checked.somebody_else))
    return reasons


def result_words(results: Sequence[RowResult]) -> str:
    """“11 users saved, 1 not saved”: only what there is."""
    count = dict.fromkeys(Outcome, 0)
    for each in results:
        count[each.outcome] += 1
    parts = [
        (
            Outcome.SAVED,
            ngettext("%(num)d user saved", "%(num)d users saved", count[Outcome.SAVED]),
        ),
        (Outcome.REFUSED, _("%(count)d not saved", count=count[Outcome.REFUSED])),
        (Outcome.HELD_BACK, _("%(count)d waiting", count=count[Outcome.HELD_BACK])),
        (Outcome.UNCHANGED, _("%(count)d unchanged", count=count[Outcome.UNCHANGED])),
    ]
    return ", ".join(words for outcome, words in parts if count[outcome]) or str(
        _("Nothing to save")
    )
