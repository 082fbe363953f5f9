"""The sentence under the ranges: what goes, what stays out, which numbers are missing (S1-07)."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views.reader_formats import number
from admin_views.screens.mailing_words import count_words
from models.mailings.mailing import MailingRange
from services.mailings.document_ranges import Gap, gaps_in, other_series_in
from services.mailings.range_counts import RangeCounts, counts_of

MOST_GAPS = 4


@dataclass(frozen=True)
class RangeWords:
    """`going` stands out; `rest` explains; `more` leads to the list of those left out."""

    going: str
    rest: str
    more: str


def range_words(ranges: Sequence[MailingRange]) -> RangeWords:
    """The sentences, in the reader's language."""
    counts = counts_of(ranges)
    kinds = {each.kind for each in ranges}
    gaps, others = gaps_in(ranges), other_series_in(ranges)
    sentences = [_total_words(counts), _out_words(counts), _gap_words(gaps), _other_words(others)]
    more = ""
    if counts.left_out:
        left = number(counts.left_out)
        more = str(
            ngettext("See the one left out", "See the %(n)s left out", counts.left_out, n=left)
        )
    elif gaps:
        more = _("See the missing numbers")
    return RangeWords(
        going=count_words(kinds, counts.going),
        rest=" ".join(filter(None, sentences)),
        more=more,
    )


def gap_names(gaps: Sequence[Gap]) -> list[str]:
    """`FV-10344`, `FV-10350–10360`."""
    return [
        f"{gap.series}-{gap.first}" if gap.count == 1 else f"{gap.series}-{gap.first}–{gap.last}"
        for gap in gaps
    ]


def _total_words(counts: RangeCounts) -> str:
    if not counts.left_out:
        return _("in the range; none is a draft or void.") if counts.total else _("in the range.")
    return _("of the %(n)s in the range.", n=number(counts.total))


def _out_words(counts: RangeCounts) -> str:
    parts = []
    if counts.drafts:
        n = number(counts.drafts)
        parts.append(str(ngettext("%(n)s draft", "%(n)s drafts", counts.drafts, n=n)))
    if counts.void:
        parts.append(str(ngettext("%(n)s void", "%(n)s void", counts.void, n=number(counts.void))))
    if counts.taken:
        n = number(counts.taken)
        parts.append(str(ngettext("%(n)s sent before", "%(n)s sent before", counts.taken, n=n)))
    if not parts:
        return ""
    *first, last = parts
    said = _("%(first)s and %(last)s", first=", ".join(first), last=last) if first else last
    return _("Left out: %(what)s.", what=said)


def _gap_words(gaps: Sequence[Gap]) -> str:
    count = sum(gap.count for gap in gaps)
    if not count:
        return ""
    names = ", ".join(gap_names(gaps)[:MOST_GAPS]) + (" …" if len(gaps) > MOST_GAPS else "")
    return str(
        ngettext(
            "The number %(names)s does not exist.",
            "%(n)s numbers do not exist: %(names)s.",
            count,
            n=number(count),
            names=names,
        )
    )


def _other_words(others: dict[str, int]) -> str:
    if not others:
        return ""
    names = ", ".join(f"{name or '—'} ({number(count)})" for name, count in sorted(others.items()))
    return _("Other series with these numbers or dates are not included: %(names)s.", names=names)
