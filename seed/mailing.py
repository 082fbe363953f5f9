"""One mailing that waits to be started."""

from sqlalchemy import func, select

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.mailing import Mailing, MailingRange
from models.mailings.message_template import MessageTemplate
from models.people.organization import Organization
from models.sales.document import Invoice
from models.sales.document_state import DocumentKind
from models.tenancy import acting_in
from seed.customers import SERIES
from services.mailings.audience import Choice
from services.mailings.draft import write_draft
from services.mailings.register import register_mailing
from services.mailings.summary import period_of, summary_of
from services.sales.pdf import Workshop

INVOICES = 120


def register_demo_mailing(organization: Organization, workshop: Workshop) -> None:
    """The newest invoices of one organization, rendered and frozen; does nothing the second time. Commits as it goes."""
    with acting_in(organization.id):
        mailing = db.session.scalars(select(Mailing).order_by(Mailing.id).limit(1)).one_or_none()
        if mailing is None:
            mailing = _draft()
            db.session.commit()
        if mailing.registered_at is None:
            register_mailing(mailing, workshop)
            db.session.commit()


def _draft() -> Mailing:
    shared = select(MailAccount).where(MailAccount.is_shared).order_by(MailAccount.id)
    account = db.session.scalars(shared.limit(1)).one()
    words = db.session.scalars(select(MessageTemplate).limit(1)).one()
    newest = _newest_invoices()
    return write_draft(
        account,
        title=f"Últimas {INVOICES} facturas",
        subject=words.subject,
        body_html=words.body_html,
        ranges=[newest],
        period=period_of([newest]),
    )


def _newest_invoices() -> MailingRange:
    """The range of numbers in which as many invoices as wanted can be sent; a few are held back."""
    newest = db.session.scalar(select(func.max(Invoice.number_int))) or 0
    for count in range(INVOICES, 2 * INVOICES):
        wanted = MailingRange(
            kind=DocumentKind.INVOICE,
            series=SERIES[DocumentKind.INVOICE],
            number_from=newest - count + 1,
            number_to=newest,
        )
        if len(summary_of(Choice(ranges=[wanted])).documents) >= INVOICES:
            break
    return wanted
