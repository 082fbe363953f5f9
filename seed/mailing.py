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
from services.mailings.draft import write_draft
from services.mailings.register import register_mailing
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
    newest = db.session.scalar(select(func.max(Invoice.number_int))) or 0
    account = db.session.scalars(select(MailAccount).limit(1)).one()
    words = db.session.scalars(select(MessageTemplate).limit(1)).one()
    wanted = MailingRange(
        kind=DocumentKind.INVOICE,
        series=SERIES[DocumentKind.INVOICE],
        number_from=newest - INVOICES + 1,
        number_to=newest,
    )
    return write_draft(
        account,
        title="Últimas 120 facturas",
        subject=words.subject,
        body_html=words.body_html,
        ranges=[wanted],
    )
