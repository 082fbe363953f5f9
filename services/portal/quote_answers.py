"""A customer accepts or declines a quote: once, while it is valid, with what proves it (P-03)."""

from dataclasses import dataclass
from datetime import date

from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import func, select

from errors import Conflict, Invalid
from mail.merge import one_line
from models.base import db
from models.mailings.delivery import Delivery
from models.people.contact import Contact, CustomerContact
from models.portal.portal_event import PortalEventKind
from models.portal.share_link import ShareLink
from models.sales.document import Document
from models.sales.document_file import DocumentFile, DocumentFileKind
from models.sales.document_state import DocumentKind, DocumentState
from models.sales.quote_answer import Answer, QuoteAnswer
from models.system.file import File
from services.portal.events import note_event
from services.portal.share_links import hash_of
from services.portal.visible_documents import sight_of_contact
from services.sales.formats import shown_date

LONGEST_NAME = 120
LONGEST_REASON = 2_000
EVENTS = {Answer.ACCEPTED: PortalEventKind.ACCEPTED, Answer.DECLINED: PortalEventKind.DECLINED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who answers: the name that they wrote, as which user or by which link, and from where."""

    name: str
    portal_user_id: int | None = None
    share_link_id: int | None = None
    ip: str | None = None
    user_agent: str | None = None

    def checked_name(self) -> str:
        """Raises Invalid if nobody signed."""
        name = one_line(self.name)
        if not name:
            raise Invalid(_("Write your name: it stands below your answer."), field="name")
        if len(name) > LONGEST_NAME:
            raise Invalid(
                _("The name is longer than %(most)d letters.", most=LONGEST_NAME), field="name"
            )
        return name


def answer_quote(
    quote: Document,
    answer: Answer,
    signature: Signature,
    *,
    pdf_sha256: str,
    today: date,
    reason: str = "",
) -> QuoteAnswer:
    """Write the answer down, with the PDF that was before their eyes; `today` is the day where the company is.

    Raises Conflict if the quote was answered, has expired or is void; Invalid without a name, and without a reason
    to decline.
    """
    name, reason = signature.checked_name(), reason.strip()
    if answer is Answer.DECLINED and not reason:
        raise Invalid(_("Tell us in a few words why you decline."), field="reason")
    if len(reason) > LONGEST_REASON:
        raise Invalid(
            _("The reason is longer than %(most)d letters.", most=LONGEST_REASON), field="reason"
        )
    # One statement decides: of twenty who answer at once, one does.
    if not db.session.scalar(select(func.answer_quote(quote.id, answer.value, today))):
        db.session.refresh(quote)
        raise Conflict(why_not(quote, today) or _("This quote cannot be answered any more."))
    written = QuoteAnswer(
        customer_id=quote.customer_id,
        document_id=quote.id,
        answer=answer,
        name=name,
        reason=reason or None,
        pdf_sha256=pdf_sha256,
        portal_user_id=signature.portal_user_id,
        share_link_id=signature.share_link_id,
        ip=signature.ip,
        user_agent=(signature.user_agent or "")[:300] or None,
    )
    db.session.add(written)
    db.session.flush()
    note_event(
        EVENTS[answer],
        quote,
        ip=signature.ip,
        signed_as=name,
        **({"reason": reason} if reason else {}),
    )
    db.session.expire(quote)
    return written


def why_not(quote: Document, today: date) -> str:
    """Why this quote cannot be answered on this day; empty if it can."""
    if quote.kind is not DocumentKind.QUOTE:
        return str(_("Only quotes are answered."))
    if quote.state is DocumentState.ACCEPTED:
        return str(_("This quote was accepted already."))
    if quote.state is DocumentState.DECLINED:
        return str(_("This quote was declined already."))
    if quote.state is DocumentState.VOID:
        return str(_("This quote is void."))
    if quote.state is DocumentState.EXPIRED or quote.due_date < today:
        day = shown_date(quote.due_date, str(get_locale() or "es"))
        return str(_("This quote was valid until %(day)s. Ask us for a new one.", day=day))
    return ""


def answer_to(quote: Document) -> QuoteAnswer | None:
    """The answer, if there is one."""
    found: QuoteAnswer | None = db.session.scalars(
        select(QuoteAnswer).where(QuoteAnswer.document_id == quote.id)
    ).one_or_none()
    return found


def is_pdf_of(document: Document, sha256: str) -> bool:
    """Whether this is the hash of a PDF of the document, so that nobody signs what was never shown."""
    query = (
        select(File.id)
        .join(DocumentFile, DocumentFile.file_id == File.id)
        .where(
            DocumentFile.document_id == document.id,
            DocumentFile.kind == DocumentFileKind.PDF,
            File.sha256 == sha256,
        )
    )
    return db.session.scalar(query.limit(1)) is not None


def link_that_answers(token: str) -> int | None:
    """The key of this link if the contact to whom it was sent may answer quotes."""
    row = db.session.execute(
        select(
            ShareLink.id,
            CustomerContact.customer_id,
            CustomerContact.roles,
            CustomerContact.is_primary,
        )
        .join(Delivery, Delivery.id == ShareLink.delivery_id)
        .join(
            CustomerContact,
            (CustomerContact.contact_id == Delivery.contact_id)
            & (CustomerContact.customer_id == Delivery.customer_id),
        )
        .join(Contact, Contact.id == CustomerContact.contact_id)
        .where(ShareLink.token_hash == hash_of(token), Contact.is_active)
    ).one_or_none()
    if row is None:
        return None
    sight = sight_of_contact(row.customer_id, row.roles, is_primary=row.is_primary)
    return row.id if sight.may_answer else None
