"""What of the portal waits for staff, and what customers did there last (mockups 02 and 16)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views.attention import Attention
from admin_views.reader_formats import ago
from admin_views.timeline_words import Line, event_line, page_of
from models.portal.portal_event import PortalEvent
from models.work.comment import Comment
from services.system.today import MOST_UNANSWERED, Today

LONGEST_QUOTE = 90  # letters of a comment


@dataclass(frozen=True)
class Happened:
    """One event: what, of which customer, and how long ago."""

    line: Line
    customer: str
    customer_url: str
    ago: str


def portal_matters(today: Today) -> Iterator[Attention]:
    """The comments that nobody has seen to, as one matter; and who waits to be let in."""
    if today.unanswered:
        first, count = today.unanswered[0], len(today.unanswered)
        yield Attention(
            tone="warn",
            icon="message-circle",
            title=_(
                "More than %(count)d comments of customers have no answer", count=MOST_UNANSWERED
            )
            if count > MOST_UNANSWERED
            else ngettext(
                "%(num)d comment of a customer has no answer",
                "%(num)d comments of customers have no answer",
                count,
            ),
            text=said(first),
            since=first.at,
            url=comment_url(first),
            action=_("Answer"),
        )
    if today.waiting_requests:
        yield Attention(
            tone="info",
            icon="user-plus",
            title=ngettext(
                "%(num)d person asks for access to the portal",
                "%(num)d people ask for access to the portal",
                today.waiting_requests,
            ),
            text=_("Say of which customer they are, or turn them down."),
            url=url_for("access_requests.index"),
            action=_("Decide"),
        )


def said(comment: Comment) -> str:
    """Who wrote what, and about what: the beginning of it, on one line."""
    words = " ".join(comment.body.split())
    if len(words) > LONGEST_QUOTE:
        words = words[:LONGEST_QUOTE].rsplit(" ", 1)[0] + "…"
    about = comment.document.label if comment.document is not None else None
    if about is None and comment.project is not None:
        about = comment.project.name
    return _("%(who)s on %(what)s: “%(words)s”", who=comment.author_name, what=about, words=words)


def comment_url(comment: Comment) -> str:
    """Where one answers it."""
    if comment.document is not None:
        return f"{page_of(comment.document)}#comments"
    return f"{url_for('project.details_view', id=comment.project_id)}#comments"


def happenings(events: Sequence[PortalEvent]) -> list[Happened]:
    """The latest events in words."""
    return [
        Happened(
            event_line(event),
            event.customer.name,
            url_for("customer.timeline_view", id=event.customer_id),
            ago(event.at),
        )
        for event in events
    ]
