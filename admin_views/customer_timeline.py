"""A customer's page with one timeline of all that happened, and our notes on it (mockup 16)."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from babel.dates import format_date
from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import ngettext, pgettext

from admin_views import reader_formats as reader
from admin_views.comments import CommentRoutes, thread
from admin_views.customer_side import side_of
from admin_views.formatters import money_cell
from admin_views.identity import current_staff
from admin_views.timeline_words import days_of
from errors import AppError, Invalid
from models.people.customer import Customer
from models.portal.portal_event import PortalEvent
from models.states import state_word
from models.work.comment import Comment, CommentFile
from services.people.customer_timeline import (
    TimelineKind,
    TimelineMark,
    timeline_of,
)
from services.people.portal_visits import last_visit, visits_this_month
from services.sales.customer_figures import DaysToPay, days_to_pay, oldest_overdue
from services.sales.standings import Standing, standings_of
from services.work.comments import file_of_customer

# What one has to be allowed to see for each kind; a change of a customer is seen by who sees the customer.
RIGHTS = {
    TimelineKind.DOCUMENTS: "document",
    TimelineKind.DELIVERIES: "delivery",
    TimelineKind.MESSAGES: "message",
    TimelineKind.PORTAL: "portal_event",
    TimelineKind.COMMENTS: "comment",
    TimelineKind.CHANGES: "customer",
}


def timeline_url(customer: Customer, **place: Any) -> str:
    return url_for("customer.timeline_view", id=customer.id, **place)


class CustomerTimelineRoutes(CommentRoutes):
    """`/timeline/`; what is written there is an internal note about the customer."""

    @expose("/timeline/")
    def timeline_view(self: Any) -> ResponseReturnValue:
        """The entries of all kinds, or of one, from a mark on."""
        return str(self._timeline(self.find(request.args.get("id"))))

    def comments_of(self, record: Any) -> Sequence[Comment]:
        return ()  # they stand in the timeline

    def comment_refused(self: Any, record: Any, problem: Invalid) -> str:
        return str(self._timeline(record, problem))

    def commented_url(self, record: Any) -> str:
        return timeline_url(record)

    def comment_file(self, record: Any, file_id: int) -> CommentFile:
        return file_of_customer(record, file_id)

    def _timeline(self: Any, customer: Customer, problem: AppError | None = None) -> str:
        allowed = [
            kind for kind in TimelineKind if current_staff().rights.allows(RIGHTS[kind], "view")
        ]
        asked = request.args.get("kind", "")
        chosen = TimelineKind(asked) if asked in allowed else None
        page = timeline_of(
            customer,
            [chosen] if chosen else allowed,
            zone=str(reader.zone()),
            reader=current_staff().user,
            before=TimelineMark.parse(request.args.get("before", "")),
        )
        context = self.record_context(customer)
        for tab in context["sections"]:
            tab["is_current"] = tab["url"] == timeline_url(customer)
        kind = {"kind": chosen.value} if chosen else {}
        base = f"{self.url}/comment/"
        return str(
            self.render(
                "admin/people/customer_timeline.html",
                **{
                    **context,
                    "figures": _figures(customer),
                    **side_of(customer),
                    "days": days_of(page.entries, f"{base}file/?id={customer.id}&file="),
                    "thread": thread(customer, (), url=f"{base}?id={customer.id}", problem=problem)
                    if TimelineKind.COMMENTS in allowed
                    else None,
                    "kinds": [
                        (_("Everything"), timeline_url(customer), chosen is None),
                        *(
                            (
                                str(state_word(each)),
                                timeline_url(customer, kind=each.value),
                                each is chosen,
                            )
                            for each in allowed
                        ),
                    ],
                    "newest_url": timeline_url(customer, **kind)
                    if "before" in request.args
                    else None,
                    "older_url": timeline_url(customer, before=str(page.older), **kind)
                    if page.older
                    else None,
                },
            )
        )


def _figures(customer: Customer) -> list[dict[str, Any]]:
    """How they stand with us, and when they were last in the portal."""
    found: list[dict[str, Any]] = []
    if current_staff().rights.allows("document", "view"):
        for standing in standings_of(customer.id, reader.today())[:1]:
            currency = standing.currency
            found.append(
                {
                    "label": _("Balance"),
                    "value": money_cell(standing.balance, currency),
                    "hint": _share_of_limit(customer, standing),
                }
            )
            if standing.overdue:
                found.append(
                    {
                        "label": pgettext("amount", "Overdue"),
                        "tone": "bad",
                        "value": money_cell(standing.overdue, currency),
                        "hint": _oldest(customer, currency),
                    }
                )
        taken = days_to_pay(customer)
        if taken is not None:
            found.append(_days_figure(customer, taken))
    if current_staff().rights.allows("portal_event", "view"):
        visit = last_visit(customer)
        found.append(
            {
                "label": _("Last in the portal"),
                "value": reader.moment(visit.at) if visit else _("Never"),
                "hint": _visits(customer, visit) if visit else "",
            }
        )
    return found


def _share_of_limit(customer: Customer, standing: Standing) -> str:
    """How much of what they may owe they owe."""
    limit = customer.credit_limit
    if not limit or standing.currency != customer.currency:
        return ""
    share = max(Decimal(0), 100 * standing.balance / limit)
    return _(
        "%(percent)s %% of their limit of %(amount)s",
        percent=reader.number(share.quantize(Decimal(1), ROUND_HALF_UP)),
        amount=reader.number(limit),
    )


def _visits(customer: Customer, last: PortalEvent) -> str:
    """Who came last, and how often somebody did this month."""
    number = visits_this_month(customer, str(reader.zone()))
    visits = ngettext(
        "%(num)d visit in %(month)s",
        "%(num)d visits in %(month)s",
        number,
        month=format_date(reader.today(), "LLLL", locale=reader.language()),
    )
    return " · ".join(filter(None, (last.actor_name, visits)))


def _oldest(customer: Customer, currency: str) -> str:
    """Which invoice is late for the longest time, and for how long."""
    today = reader.today()
    found = oldest_overdue(customer, currency, today)
    if found is None:
        return ""
    late = (today - found.due_date).days
    return ngettext(
        "%(document)s, late for %(num)d day",
        "%(document)s, late for %(num)d days",
        late,
        document=found.label,
    )


def _days_figure(customer: Customer, taken: DaysToPay) -> dict[str, Any]:
    """How long they take, and how long they may."""
    invoices = ngettext("Last paid invoice", "Last %(num)d paid invoices", taken.invoices)
    terms = _("terms %(days)d", days=customer.payment_terms_days)
    return {
        "label": _("Takes to pay"),
        "value": ngettext("%(num)d day", "%(num)d days", taken.days),
        "hint": f"{invoices}; {terms}",
    }
