"""The chosen mailing: counters, bar, rate, time to go, chart, reasons; polled while something moves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views.reader_formats import number
from admin_views.screens.mailing_beginning import begin_words
from admin_views.screens.mailing_chart import Chart, chart_of
from admin_views.screens.mailing_facts import Fact, facts, registering_facts
from admin_views.screens.mailing_gallery_place import gallery_url
from admin_views.screens.mailing_revision import revision_words
from admin_views.screens.mailing_standstill import Pause, Stop, pause_of, sender_trouble, stop_of
from admin_views.screens.mailing_troubles import Bar, bars_of, lines_url
from admin_views.screens.mailing_words import (
    came_back_words,
    count_words,
    customers_words,
    failed_words,
    kinds_of,
    mailing_badge,
    period_words,
    review_words,
    sent_words,
    size_words,
)
from models.base import utc_now
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import ENDED, MailingState
from services.mailings.gallery import extent_when_frozen
from services.mailings.progress import RUNNING, Extent, Tally, progress_of
from services.mailings.recipient_counts import left_out_of
from services.mailings.recipient_views import Outcome
from services.mailings.registering import registering_of
from services.mailings.review import count_to_review
from services.mailings.row_sums import RATE_WINDOW

WAITS_FOR_START = {MailingState.REGISTERED, MailingState.SCHEDULED, MailingState.STOPPED}


@dataclass(frozen=True)
class Watched:
    """A mailing as its card shows it."""

    mailing: Mailing
    badge: Any
    moves: str | None  # what goes on without anybody
    look_again: str | None  # how often; none after the end
    done: str
    total: str
    parts: Sequence[tuple[str, float]]
    label: str
    legend: Sequence[tuple[str, str]]
    facts: Sequence[Fact]
    extent: str
    chart: Chart | None
    bars: Sequence[Bar]
    pause: Pause | None
    problem: str | None
    revision: str
    tally: Tally
    size: Extent
    stop: Stop | None = None
    note: str | None = None
    is_ready: bool = False  # registered, and nobody has started it
    is_written: bool = False  # nobody has asked to register it yet: there is nothing to count
    look: tuple[str, str, str, str] | None = None  # tone, sentence, address, words of its link
    left_out: tuple[str, str] | None = None  # how many got no message, and the list of them


def watched(mailing: Mailing) -> Watched:
    """What there is to see of this mailing now."""
    if mailing.state is MailingState.DRAFT:
        return _preparing(mailing)
    progress = progress_of(mailing)
    tally = progress.tally
    extent = extent_when_frozen(mailing)
    pause = (sender_trouble(mailing) or pause_of(mailing.account)) if tally.left else None
    done, total = number(tally.done), number(tally.total)
    return Watched(
        mailing=mailing,
        badge=mailing_badge(mailing),
        moves=_moves(mailing),
        look_again=_look_again(mailing, is_idle=pause is not None or not progress.rate_per_minute),
        done=done,
        total=total,
        parts=parts_of(tally),
        label=_("%(done)s of %(total)s done", done=done, total=total),
        legend=_legend(tally),
        facts=facts(mailing, progress) if mailing.started_at else [],
        extent=_extent(mailing, extent),
        chart=chart_of(progress.paces, limit=mailing.account.per_minute),
        bars=bars_of(mailing, progress),
        pause=pause,
        problem=None,
        revision=revision_words(mailing),
        tally=tally,
        size=extent,
        stop=stop_of(mailing),
        note=begin_words(mailing),
        is_ready=mailing.state in WAITS_FOR_START and mailing.started_at is None,
        look=_look(mailing) or _look_back(mailing, tally),
        left_out=_left_out(mailing),
    )


def _look(mailing: Mailing) -> tuple[str, str, str, str] | None:
    """Before it starts: what to look at, or that nothing is odd (N-03)."""
    if mailing.state not in WAITS_FOR_START:
        return None
    count = count_to_review(mailing)
    if not count:
        if mailing.started_at is not None:
            return None
        words = _("Nothing unusual was found. Look at the messages before you start.")
        return "ok", words, gallery_url(mailing), _("View invoices")
    words = review_words(count, goes_on=mailing.started_at is not None)
    return "warn", words, gallery_url(mailing, is_review=True), _("Review")


def _look_back(mailing: Mailing, tally: Tally) -> tuple[str, str, str, str] | None:
    """What other servers reported after they had taken it; its state stays, for that is how the sending ended."""
    if not tally.came_back:
        return None
    words = ngettext(
        "%(n)s message bounced after the mail server had accepted it.",
        "%(n)s messages bounced after the mail server had accepted them.",
        tally.came_back,
        n=number(tally.came_back),
    )
    return "warn", str(words), lines_url(mailing, Outcome.CAME_BACK), _("See why")


def _moves(mailing: Mailing) -> str | None:
    if mailing.state is MailingState.SENDING:
        return _("You can close this page: the work continues")
    if mailing.state is MailingState.STOPPING:
        return _("What is on its way still ends; then it has stopped")
    return None


def _left_out(mailing: Mailing) -> tuple[str, str] | None:
    """Those in the range who are none of the counted messages."""
    count = left_out_of(mailing)
    if not count:
        return None
    words = ngettext(
        "%(n)s was left out when it was registered",
        "%(n)s were left out when it was registered",
        count,
        n=number(count),
    )
    return str(words), lines_url(mailing, Outcome.EXCLUDED)


def parts_of(tally: Tally) -> list[tuple[str, float]]:
    """The pieces of the bar, from the left."""
    if not tally.total:
        return []
    share = 100 / tally.total
    parts = [
        ("ok", (tally.sent - tally.came_back) * share),
        ("warn", tally.came_back * share),
        ("bad", tally.failed * share),
        ("doubt", tally.unconfirmed * share),
    ]
    parts.append(("idle", tally.dropped * share))
    return [(tone, percent) for tone, percent in parts if percent]


def _preparing(mailing: Mailing) -> Watched:
    registering = registering_of(mailing)
    prepared, planned = registering.prepared, mailing.planned_count or 0
    is_written = not mailing.is_being_registered and mailing.register_error is None
    done, total = number(prepared), number(planned)
    return Watched(
        mailing=mailing,
        badge=mailing_badge(mailing),
        moves=None,
        look_again=_look_again(mailing),
        done=done,
        total=total if planned else "…",
        parts=[("brand", 100 * prepared / planned)] if planned else [],
        label=_("%(done)s of %(total)s messages prepared", done=done, total=total),
        legend=[("brand", _("%(n)s prepared", n=done))] if planned else [],
        facts=registering_facts(registering) if planned and mailing.register_error is None else [],
        extent="",
        chart=None,
        bars=[],
        pause=None,
        problem=mailing.register_error,
        revision=revision_words(mailing),
        note=_("This draft is not registered yet: keep editing it, or cancel it.")
        if is_written
        else None,
        is_written=is_written,
        tally=Tally(),
        size=Extent(),
    )


def _look_again(mailing: Mailing, *, is_idle: bool = False) -> str | None:
    """Often while it moves, now and then while nothing does or somebody else may start it, never after its end."""
    if mailing.state is MailingState.SENDING and is_idle and not _has_just_begun(mailing):
        return "10s"
    if mailing.state in RUNNING:
        return "2s"
    if mailing.state is MailingState.DRAFT:
        return "2s" if mailing.is_being_registered else None
    return None if mailing.state in ENDED else "10s"


def _has_just_begun(mailing: Mailing) -> bool:
    return mailing.started_at is None or utc_now() - mailing.started_at < RATE_WINDOW


def _legend(tally: Tally) -> list[tuple[str, str]]:
    legend = [
        ("ok", sent_words(tally.sent)),
        *([("warn", came_back_words(tally.came_back))] if tally.came_back else []),
        ("bad", failed_words(tally.failed)),
        ("doubt", _("%(n)s unconfirmed", n=number(tally.unconfirmed))),
    ]
    if tally.dropped:
        dropped = ngettext(
            "%(n)s no longer to be sent",
            "%(n)s no longer to be sent",
            tally.dropped,
            n=number(tally.dropped),
        )
        legend.append(("idle", dropped))
    return [*legend, ("rest", _("%(n)s to be sent", n=number(tally.left)))]


def _extent(mailing: Mailing, extent: Extent) -> str:
    """S1-13: `Period: 1–31 Jul 2026 · 80 invoices · 61 customers · 12.4 MB`."""
    return " · ".join(
        (
            _("Period: %(period)s", period=period_words(mailing.period_start, mailing.period_end)),
            count_words(kinds_of(mailing), extent.documents),
            customers_words(extent.customers),
            size_words(extent.size_bytes),
        )
    )
