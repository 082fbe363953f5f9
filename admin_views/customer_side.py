"""Beside a customer's timeline: what is to be done, how old the debt is, who the contacts are (mockup 16)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import url_for
from flask_babel import format_decimal
from flask_babel import gettext as _
from sqlalchemy import or_, select

from admin_views import reader_formats as reader
from admin_views.identity import current_staff
from admin_views.portal_attention import comment_url, said
from admin_views.portal_members import NOT_INVITED, members_url
from admin_views.shell import initials
from admin_views.state_badges import badge, state_badge
from models.base import db, utc_now
from models.people.contact import AddressState, ContactRole
from models.people.customer import Customer
from models.portal.access_request import AccessRequest, RequestState
from models.sales.document import Document
from models.sales.document_state import DocumentKind, DocumentState
from models.states import state_word
from services.portal.members import members_of
from services.sales.ageing import BUCKETS
from services.sales.customer_figures import ages_of
from services.work.unanswered import unanswered

MOST_PEOPLE = 5
MOST_QUOTES = 3
MOST_COMMENTS = 3
TONES = ("warn", "bad", "bad", "bad")
BAD_ADDRESS = (AddressState.INVALID, AddressState.BOUNCED, AddressState.COMPLAINED)


@dataclass(frozen=True)
class ToDo:
    """A line of what waits for us or for them."""

    tone: str
    icon: str
    title: str
    text: str
    url: str


@dataclass(frozen=True)
class AgeBar:
    """How much is of one age."""

    label: str
    percent: float
    text: str
    tone: str


def side_of(customer: Customer) -> dict[str, Any]:
    """All of it, as far as the reader may see it."""
    rights = current_staff().rights
    sees_people = rights.allows("contact", "view")
    return {
        "to_do": _to_do(customer),
        "ages": _ages(customer) if rights.allows("document", "view") else [],
        "people": _people(customer) if sees_people else None,
    }


def _to_do(customer: Customer) -> list[ToDo]:
    rights = current_staff().rights
    found: list[ToDo] = []
    if rights.allows("access_request", "view"):
        waiting = select(AccessRequest).where(
            AccessRequest.matched_customer_id == customer.id,
            AccessRequest.state == RequestState.PENDING_VALIDATION,
        )
        found += [
            ToDo(
                "warn",
                "user-plus",
                _("%(name)s asks for access", name=each.name),
                reader.ago(each.created_at),
                url_for("access_requests.one", public_id=each.public_id),
            )
            for each in db.session.scalars(waiting.order_by(AccessRequest.id))
        ]
    if rights.allows("contact", "view"):
        found += [
            ToDo(
                "bad",
                "mail-x",
                _("An address of %(name)s does not work", name=member.link.contact.name),
                member.address or "",
                url_for("contact.details_view", id=member.link.contact_id),
            )
            for member in members_of(customer)
            if any(each.state in BAD_ADDRESS for each in member.link.contact.emails)
        ]
    if rights.allows("comment", "view"):
        found += [
            ToDo(
                "warn",
                "message-circle",
                _("A comment has no answer"),
                f"{said(comment)} · {reader.ago(comment.at)}",
                comment_url(comment),
            )
            for comment in unanswered(utc_now(), customer_id=customer.id, most=MOST_COMMENTS)
        ]
    if rights.allows("document", "view"):
        found += [_waiting_quote(quote) for quote in _waiting_quotes(customer)]
    return found


def _waiting_quotes(customer: Customer) -> list[Document]:
    query = (
        select(Document)
        .where(
            Document.customer_id == customer.id,
            Document.kind == DocumentKind.QUOTE,
            Document.state == DocumentState.POSTED,
            or_(Document.due_date.is_(None), Document.due_date >= reader.today()),
        )
        .order_by(Document.due_date, Document.id)
        .limit(MOST_QUOTES)
    )
    return list(db.session.scalars(query))


def _waiting_quote(quote: Document) -> ToDo:
    ends = _("Expires on %(day)s", day=reader.day(quote.due_date)) if quote.due_date else ""
    title = _("%(document)s has no answer", document=quote.label)
    return ToDo("info", "hourglass", title, ends, url_for("quote.details_view", id=quote.id))


def _ages(customer: Customer) -> list[tuple[str, list[AgeBar]]]:
    """Bars for each currency."""
    labels = [_("Not yet due"), *(_label(first, last) for first, last in BUCKETS)]
    found = []
    for ages in ages_of(customer, reader.today()):
        amounts = [ages.not_due, *ages.overdue]
        longest = max(*amounts, Decimal(1))
        bars = [
            AgeBar(label, float(100 * amount / longest), format_decimal(amount, "#,##0"), tone)
            for label, amount, tone in zip(labels, amounts, ("brand", *TONES), strict=True)
        ]
        found.append((ages.currency, bars))
    return found


def _label(first: int, last: int | None) -> str:
    if last is None:
        return _("More than %(days)d", days=first - 1)
    return _("%(first)d to %(last)d days", first=first, last=last)


def _people(customer: Customer) -> dict[str, Any]:
    sees_portal = current_staff().rights.allows("portal_membership", "view")
    members = members_of(customer)
    lines = []
    for member in members[:MOST_PEOPLE]:
        link, membership = member.link, member.membership
        roles = [str(state_word(ContactRole(role))) for role in link.roles]
        state = (
            state_badge(membership.state) if membership else badge(_("Not invited"), NOT_INVITED)
        )
        lines.append(
            {
                "name": link.contact.name,
                "initials": initials(link.contact.name),
                "url": url_for("contact.details_view", id=link.contact_id),
                "about": " · ".join([*roles, *([_("primary")] if link.is_primary else [])]),
                "state": state if sees_portal else "",
            }
        )
    words = _("All %(number)d", number=len(members)) if len(members) > 1 else ""
    return {"lines": lines, "all": words, "url": members_url(customer) if sees_portal else None}
