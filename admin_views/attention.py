"""The lines of “Para atender”: what today's figures mean, as a sentence with one action."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app, url_for
from flask_babel import format_datetime, format_decimal, ngettext
from flask_babel import gettext as _

from admin_views.reader_formats import number
from models.base import utc_now
from models.mailings.delivery import DeliveryStatus
from services.sales.ageing import Ageing
from services.system.health import Workers
from services.system.today import MANY, MailingToday, Today


@dataclass(frozen=True, kw_only=True)
class Attention:
    """One matter: tone and icon, what it is, what it means, and where to go."""

    tone: str
    icon: str
    title: str
    text: str
    since: datetime | None = None
    url: str | None = None
    action: str = ""


def page(endpoint: str, **values: Any) -> str | None:
    """The address of a page, if this installation has it."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else None


def matters(today: Today, workers: Workers, others: Iterable[Attention]) -> list[Attention]:
    """What somebody should look at, the worst first."""
    found = [
        *_workers(workers),
        *_accounts(today),
        *_set_aside(today.messages_set_aside),
        *(matter for mailing in today.mailings for matter in _mailing(mailing)),
        *_overdue(today.ageing),
        *others,
        *_unsent(today.unsent_invoices),
    ]
    order = ("bad", "doubt", "warn", "info")
    return sorted(found, key=lambda matter: order.index(matter.tone))


def _workers(workers: Workers) -> Iterator[Attention]:
    if workers.alive == 0:
        yield Attention(
            tone="bad",
            icon="server-off",
            title=_("No worker is running"),
            text=_("Mailings and imports wait until one runs again; nothing is lost.")
            if workers.is_known
            else _("The queue does not answer, so nobody knows whether one runs. Nothing is lost."),
        )


def _accounts(today: Today) -> Iterator[Attention]:
    for account in (each.account for each in today.accounts):
        if account.is_paused:
            yield Attention(
                tone="warn",
                icon="key-off",
                title=_("The account %(address)s has stopped sending", address=account.address),
                text=_(
                    "It will try again automatically: %(when)s. Nothing that waits is lost.",
                    when=when(account.paused_until),
                )
                if account.paused_until
                else _(
                    "It waits until somebody corrects it; now and then it is tested by itself. Nothing that waits is lost."
                ),
                since=account.paused_at or account.updated_at,
                url=page("account_checks.check", public_id=account.public_id),
                action=_("Correct"),
            )


def _set_aside(messages: int) -> Iterator[Attention]:
    if messages:
        yield Attention(
            tone="warn",
            icon="mail-x",
            title=ngettext(
                "%(num)d received message could not be taken in",
                "%(num)d received messages could not be taken in",
                messages,
            ),
            text=_("It says why, and what can be done. The other messages went on."),
            url=page("mail_set_aside.index"),
            action=_("See messages"),
        )


def mailing_page(today: MailingToday) -> str | None:
    """The console with this mailing chosen."""
    return page("mailing_console.console", mailing=today.mailing.public_id)


def mailing_name(today: MailingToday) -> str:
    """Number and title, such as “No. 41 · Wholesalers in July”."""
    mailing = today.mailing
    return " · ".join(
        [_("No. %(number)d", number=mailing.number), mailing.title or mailing.subject]
    )


def result_of(today: MailingToday) -> str:
    """What became of it: “177 sent · 9 not”, such as a mailing's line in the console says it."""
    sent = today.counts.get(DeliveryStatus.SENT, 0)
    words = ngettext("%(n)s sent", "%(n)s sent", sent, n=number(sent))
    missing = today.failed + today.unconfirmed
    return (
        _("%(sent)s · %(missing)s not", sent=words, missing=number(missing)) if missing else words
    )


def _mailing(today: MailingToday) -> Iterator[Attention]:
    url, name, since = mailing_page(today), mailing_name(today), today.mailing.finished_at
    if today.is_waiting:
        yield Attention(
            tone="info",
            icon="player-play",
            title=_("%(mailing)s waits to be started", mailing=name),
            text=ngettext(
                "%(num)d message is ready; nothing has been sent.",
                "%(num)d messages are ready; nothing has been sent.",
                today.total,
            ),
            since=today.mailing.registered_at,
            url=url,
            action=_("Look at it"),
        )
    if today.has_stopped_by_itself:
        yield Attention(
            tone="bad",
            icon="player-pause",
            title=_("%(mailing)s stopped automatically", mailing=name),
            text=_(
                "%(refused)s of its last %(answers)s messages were refused. The rest is waiting.",
                refused=number(today.mailing.refused_answers or 0),
                answers=number(today.mailing.last_answers or 0),
            ),
            since=today.mailing.stop_requested_at,
            url=url,
            action=_("See why"),
        )
    if today.unconfirmed:
        yield Attention(
            tone="doubt",
            icon="mail-question",
            title=ngettext(
                "%(num)d unconfirmed delivery", "%(num)d unconfirmed deliveries", today.unconfirmed
            ),
            text=_(
                "%(mailing)s. The connection broke after sending; decide whether to send again.",
                mailing=name,
            ),
            since=since,
            url=url,
            action=_("Decide"),
        )
    if today.failed:
        yield Attention(
            tone="bad",
            icon="mail-x",
            title=ngettext(
                "%(num)d message could not be delivered",
                "%(num)d messages could not be delivered",
                today.failed,
            ),
            text=_("%(mailing)s. The list says why, one by one.", mailing=name),
            since=since,
            url=url,
            action=_("See why"),
        )


def _overdue(ageing: Sequence[Ageing]) -> Iterator[Attention]:
    late = [one for one in ageing if one.total_overdue]
    if late:
        invoices = sum(one.invoices_overdue for one in late)
        yield Attention(
            tone="warn",
            icon="clock-exclamation",
            title=ngettext(
                "%(num)d invoice is past due", "%(num)d invoices are past due", invoices
            ),
            text=" · ".join(
                f"{format_decimal(one.total_overdue, '#,##0')} {one.currency}" for one in late
            ),
            url=page("invoice.index_view", flt_overdue="1", sort="due_date"),
            action=_("See invoices"),
        )


def _unsent(count: int) -> Iterator[Attention]:
    if count:
        title = (
            _("More than %(count)d posted invoices have not been sent", count=MANY - 1)
            if count >= MANY
            else ngettext(
                "%(num)d posted invoice has not been sent",
                "%(num)d posted invoices have not been sent",
                count,
            )
        )
        yield Attention(
            tone="info",
            icon="send",
            title=title,
            text=_("Those of the last 60 days that no mailing has taken yet."),
            url=page("invoice.index_view", flt_state="posted,partially_paid", flt_delivery="none"),
            action=_("See invoices"),
        )


def when(moment: datetime | None) -> str:
    """A time of day within a day, else date and time."""
    if moment is None:
        return ""
    near = abs((moment - utc_now()).total_seconds()) < 86_400
    return str(format_datetime(moment, "HH:mm" if near else "short"))
