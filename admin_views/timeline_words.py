"""The entries of a customer's timeline in words: an icon, a sentence, what else there is to know, and where it leads."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup

from admin_views import reader_formats as reader
from admin_views.audit_words import action_word, entity_word, who
from admin_views.columns import described
from admin_views.comments import CommentWords, comment_words
from admin_views.formatters import money_cell
from admin_views.history import column_key
from admin_views.screens.mailing_recipient import badge_of
from admin_views.sender_words import sender_words
from models.mailbox.message import Message
from models.mailings.delivery import Delivery, DeliveryStatus
from models.people.contact import Contact, CustomerContact
from models.people.customer import Address, Customer
from models.portal.portal_event import PortalEvent, PortalEventKind
from models.sales.document import Document
from models.sales.document_state import DocumentKind
from models.sales.payment import Payment
from models.states import state_word
from models.system.audit_event import AuditEvent
from models.work.comment import Comment, CommentVisibility
from services.mailings.reasons import sentence_for
from services.people.customer_timeline import TimelineEntry
from services.portal.activity_words import documents_in

LOOKS_OF_EVENTS = {
    PortalEventKind.SIGNED_IN: ("key", "idle"),
    PortalEventKind.VIEWED: ("eye", "idle"),
    PortalEventKind.VIEWED_FIRST: ("eye-check", "ok"),
    PortalEventKind.DOWNLOADED: ("download", "idle"),
    PortalEventKind.DOWNLOADED_SEVERAL: ("file-zip", "idle"),
    PortalEventKind.ACCEPTED: ("signature", "ok"),
    PortalEventKind.DECLINED: ("x", "warn"),
    PortalEventKind.FORWARDED: ("arrow-forward-up", "idle"),
    PortalEventKind.PRINTED: ("printer", "idle"),
    PortalEventKind.EDITED_PROFILE: ("user-cog", "idle"),
    PortalEventKind.EDITED_ADDRESS: ("home", "idle"),
    PortalEventKind.CHANGED_PAYMENT_METHOD: ("credit-card", "idle"),
    PortalEventKind.REVIEWED: ("star", "info"),
    PortalEventKind.REVOKED_LINK: ("link-off", "idle"),
}
SENT = {
    DeliveryStatus.SENT: ("mail-check", "ok"),
    DeliveryStatus.FAILED: ("mail-x", "bad"),
    DeliveryStatus.UNCONFIRMED: ("mail-question", "doubt"),
    DeliveryStatus.SKIPPED: ("mail-off", "idle"),
    DeliveryStatus.CANCELLED: ("mail-off", "idle"),
}
ISSUED = {
    DocumentKind.INVOICE: "file-invoice",
    DocumentKind.QUOTE: "file-description",
    DocumentKind.SALES_ORDER: "package",
    DocumentKind.CREDIT_NOTE: "receipt-refund",
    DocumentKind.STATEMENT: "list-details",
}
ENDPOINTS = {
    DocumentKind.INVOICE: "invoice",
    DocumentKind.QUOTE: "quote",
    DocumentKind.SALES_ORDER: "sales_order",
    DocumentKind.CREDIT_NOTE: "credit_note",
    DocumentKind.STATEMENT: "statement",
}

A_WEEK = 6  # days before today
CHANGED: tuple[type[Any], ...] = (Customer, Address, Contact, CustomerContact)


@dataclass
class Line:
    """One entry as the page shows it: `time` is of its day, or the day itself below a month."""

    icon: str
    tone: str
    text: Markup
    more: str = ""
    badge: Any = ""
    time: str = ""
    hour: str = ""
    comment: CommentWords | None = None


@dataclass
class Day:
    """The entries of one day, or of a month further back, with its heading."""

    heading: str
    lines: list[Line] = field(default_factory=list)


def days_of(entries: Sequence[TimelineEntry], file_url: str) -> list[Day]:
    """The entries under the days on which they happened, where the company is; what is older than a week, by months."""
    days: list[Day] = []
    zone, since = reader.zone(), reader.today() - timedelta(days=A_WEEK)
    for entry in entries:
        local = entry.mark.at.astimezone(zone)
        is_old = local.date() < since
        heading = reader.month(local.date()) if is_old else _heading(local.date())
        if not days or days[-1].heading != heading:
            days.append(Day(heading))
        line = _line(entry.record, file_url)
        hour = f"{local:%H:%M}" if entry.has_time else ""
        line.time = reader.day(local.date()) if is_old else hour
        line.hour = hour if is_old else ""
        days[-1].lines.append(line)
    return days


def _heading(day: date) -> str:
    today = reader.today()
    if day == today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    return reader.day(day)


def _line(record: Any, file_url: str) -> Line:
    if isinstance(record, Comment):
        return _comment(record, file_url)
    made = next(make for kind, make in WORDS if isinstance(record, kind))
    return made(record)


def _comment(comment: Comment, file_url: str) -> Line:
    about = Markup("")
    if comment.document is not None:
        about = _link_to(comment.document)
    elif comment.project is not None:
        url = url_for("project.details_view", id=comment.project_id)
        about = Markup('<a href="{}">{}</a>').format(url, comment.project.name)
    is_note = comment.visibility is CommentVisibility.INTERNAL
    text = (
        (_("%(who)s noted on %(what)s") if about else _("%(who)s noted"))
        if is_note
        else _("%(who)s commented on %(what)s")
    )
    return Line(
        "lock" if is_note else "message-circle",
        "doubt" if is_note else "info",
        _filled(text, who=_bold(comment.author_name), what=about),
        comment=comment_words(comment, file_url),
    )


def event_line(event: PortalEvent) -> Line:
    """What a customer did in the portal."""
    icon, tone = LOOKS_OF_EVENTS.get(event.kind, ("world", "idle"))
    text = Markup("{}: {}").format(
        _bold(event.actor_name or _("Somebody with a link")), state_word(event.kind)
    )
    if event.document is not None:
        text += Markup(" {}").format(_link_to(event.document))
    return Line(icon, tone, text, more=" · ".join(filter(None, [_("Portal"), _detail(event)])))


def _detail(event: PortalEvent) -> str:
    detail = event.detail
    if event.kind is PortalEventKind.FORWARDED:
        return ", ".join(str(each) for each in detail.get("to", ()))
    if event.kind is PortalEventKind.DOWNLOADED_SEVERAL:
        return documents_in(event)
    if event.kind is PortalEventKind.REVIEWED:
        return _("%(number)d of 5 stars", number=detail.get("rating", 0))
    said = [detail.get(name) for name in ("reason", "address", "removed", "added", "preferred")]
    return ", ".join(str(each) for each in said if each)


def _delivery(delivery: Delivery) -> Line:
    state = delivery.state_row
    icon, tone = SENT.get(state.state, ("mail", "idle"))
    text = _filled(
        _("“%(subject)s” to %(address)s"),
        subject=delivery.subject,
        address=_bold(delivery.recipient),
    )
    why = "" if state.state is DeliveryStatus.SENT else sentence_for(state.reason_code)
    more = " · ".join(filter(None, [str(state_word(delivery.kind)), why]))
    shown = badge_of(state.state, state.reason_code, bounced=state.bounced_at is not None)
    return Line(icon, tone, text, more=more, badge=shown)


def _message(message: Message) -> Line:
    url = url_for("mail_area.message", public_id=message.public_id)
    subject = Markup('<a href="{}">{}</a>').format(url, message.subject or _("(without subject)"))
    sender = _bold(sender_words(message))
    return Line(
        "mail",
        "info",
        _filled(_("%(who)s wrote “%(subject)s”"), who=sender, subject=subject),
        more=message.snippet,
    )


def _document(document: Document) -> Line:
    text = _filled(
        _("%(what)s was issued for %(amount)s"),
        what=_link_to(document),
        amount=money_cell(document.total, document.currency),
    )
    more = [str(state_word(document.kind))]
    if document.kind is not DocumentKind.STATEMENT:
        more.append(_("due on %(day)s", day=reader.day(document.due_date)))
    return Line(ISSUED[document.kind], "info", text, more=" · ".join(more))


def _payment(payment: Payment) -> Line:
    url = url_for("payment.details_view", id=payment.id)
    amount = Markup('<a href="{}">{}</a>').format(url, money_cell(payment.amount, payment.currency))
    more = " · ".join(filter(None, [str(state_word(payment.method)), payment.reference]))
    return Line("cash", "ok", _filled(_("Paid %(amount)s"), amount=amount), more=more)


def _change(event: AuditEvent) -> Line:
    changed = sorted({*(event.before or {}), *(event.after or {})})
    text = _filled(
        _("%(who)s: %(action)s") if event.action == "look" else _("%(who)s: %(action)s, %(what)s"),
        who=_bold(_by(event)),
        action=action_word(event.action),
        what=entity_word(event.entity),
    )
    names = _labels(event.entity, changed) if event.action == "update" else []
    return Line("edit", "idle", text, more=", ".join(names))


def _by(event: AuditEvent) -> str:
    """A person of ours or of the customer's, or which door it was."""
    if event.actor_kind == "portal_user" and event.actor_name:
        return event.actor_name
    return who(event)


def _labels(entity: str, keys: Sequence[str]) -> list[str]:
    """What the changed columns are called; those without a name for people are left out."""
    model = next((each for each in CHANGED if each.__tablename__ == entity), None)
    if model is None:
        return []
    names = {column_key(column): str(column.label) for column in described(model).values()}
    return [names[key] for key in keys if key in names]


def page_of(document: Document) -> str:
    """Its page, in the list of its kind."""
    return url_for(f"{ENDPOINTS[document.kind]}.details_view", id=document.id)


def _link_to(document: Document) -> Markup:
    return Markup('<a class="num" href="{}">{}</a>').format(page_of(document), document.label)


def _bold(name: str) -> Markup:
    return Markup("<b>{}</b>").format(name)


def _filled(sentence: str, **parts: Any) -> Markup:
    """A translated sentence with markup in its places."""
    return Markup.escape(sentence) % {
        name: part if isinstance(part, Markup) else Markup.escape(part)
        for name, part in parts.items()
    }


WORDS: tuple[tuple[type[Any], Callable[[Any], Line]], ...] = (
    (PortalEvent, event_line),
    (Delivery, _delivery),
    (Message, _message),
    (Document, _document),
    (Payment, _payment),
    (AuditEvent, _change),
)
