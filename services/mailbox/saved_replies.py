"""Saved texts in a message that somebody writes: with what is known, the rest left out (S3-35)."""

from sqlalchemy import select

from mail.errors import MailError
from mail.merge import one_line, render
from mail.sanitise import clean_html
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.message_template import MessageTemplate
from models.people.customer import Customer
from models.people.organization import Organization
from models.tenancy import current_scope
from services.mailbox.sender_fields import organization_values, sender_values
from services.mailings.fields import FIELDS
from services.people.tax_ids import shown_tax_id


def text_named(
    name: str, account: MailAccount | None, customer: Customer | None, lang: str
) -> tuple[str, str]:
    """Subject and HTML of the text, in the customer's language if it is written in that; empty if there is none."""
    found = {
        each.lang: each
        for each in db.session.scalars(select(MessageTemplate).where(MessageTemplate.code == name))
    }
    wanted = customer.lang if customer else lang
    template = found.get(wanted) or found.get(lang) or next(iter(found.values()), None)
    if template is None:
        return "", ""
    values = dict.fromkeys(FIELDS, "") | _known(account, customer)
    try:
        html = clean_html(render(template.body_html, values, html=True))
        return one_line(render(template.subject, values, html=False)).strip(), html
    except MailError:
        return one_line(template.subject), ""


def _known(account: MailAccount | None, customer: Customer | None) -> dict[str, str]:
    organization = db.session.get_one(Organization, current_scope().organization_id)
    known = organization_values(organization)
    if account is not None:
        known |= sender_values(account, organization)
    if customer is not None:
        tax_id = shown_tax_id(customer.tax_id, customer.tax_id_type) if customer.tax_id else ""
        known |= {
            "customer.name": customer.name,
            "customer.number": customer.number,
            "customer.tax_id": tax_id,
        }
    return known
