"""What the form of a mailing begins with: the view of the list of invoices that one comes from (S1-05)."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import current_app, request
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from admin_views.list_arguments import ListArguments
from admin_views.screens.mailing_door import invoices_url
from admin_views.screens.mailing_form import MOST_DOCUMENTS, MailingForm, number_of, series_in
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.mailing import AudienceMode, Mailing
from models.mailings.message_template import MessageTemplate
from models.people.customer_group import CustomerGroup
from models.sales.document import Document, Invoice
from models.sales.document_state import DocumentKind
from services.mailings.customer_choice import ChosenCustomers, chosen_customers
from services.mailings.plain_text import as_typed


def mailing_form(mailing: Mailing | None = None) -> MailingForm:
    """The form with what this organization can choose from; filled from the request or from a draft."""
    form = MailingForm(data=_of_draft(mailing) if mailing else None)
    form.series.choices = [("", _("All series")), *((name, name) for name in _series() if name)]
    form.groups.choices = [
        (group.id, group.name)
        for group in db.session.scalars(select(CustomerGroup).order_by(CustomerGroup.name))
    ]
    form.account.choices = [
        (str(account.id), account.address)
        for account in db.session.scalars(select(MailAccount).order_by(MailAccount.id))
        if account.is_active
    ]
    form.template.choices = [
        ("", _("Blank")),
        *(
            (str(template.id), f"{template.code} · {template.lang}")
            for template in db.session.scalars(
                select(MessageTemplate).order_by(MessageTemplate.code, MessageTemplate.lang)
            )
        ),
    ]
    if len(form.account.choices) != 1 and form.account.data is None:
        form.account.choices.insert(0, ("", _("Choose…")))
    return form


def propose(form: MailingForm) -> None:
    """Begin with the selection or the filter of the list of invoices, and with the first saved text."""
    asked = request.args.get("documents", "")
    keys = [int(key) for key in asked.split(",") if key.isdecimal() and len(key) < 19]
    keys = _own(keys) if keys else _filtered()
    form.documents.data = ",".join(map(str, keys))
    first = next((value for value, _label in form.template.choices if value), "")
    form.template.data = first
    use_template(form)


def use_template(form: MailingForm) -> None:
    """Put the saved text into the form; a blank one empties it."""
    template = _template(form.template.data)
    form.subject.data = template.subject if template else ""
    form.body.data = as_typed(template.body_html) if template else ""


def tidy_numbers(form: MailingForm) -> None:
    """`FV-101` in a number's box is a series and a number."""
    typed = series_in(form.number_from.data) or series_in(form.number_to.data)
    if typed and not form.series.data and typed in dict(form.series.choices):
        form.series.data = typed
    for field in (form.number_from, form.number_to):
        if number_of(field.data) is not None:
            field.data = str(number_of(field.data))


def customers_of(form: MailingForm) -> ChosenCustomers:
    """The chosen customers; those found by number become choices of the look-up."""
    chosen = chosen_customers(form.customers.data or [], form.customer_numbers.data or "")
    form.customers.choices = [(str(key), name) for key, name in chosen.names.items()]
    form.customers.data = chosen.keys
    form.customer_numbers.data = "\n".join(chosen.unknown)
    return chosen


def _own(keys: list[int]) -> list[int]:
    return list(db.session.scalars(select(Invoice.id).where(Invoice.id.in_(keys))))


def _filtered() -> list[int]:
    """The invoices that the list shows, if it was narrowed; else none: nobody means all of them by accident."""
    arguments: MultiDict[str, str] = MultiDict(parse_qsl(urlsplit(invoices_url()).query))
    asked = ListArguments(_screen(), arguments)
    if not asked.search and not asked.chosen:
        return []
    keys = asked.query.with_only_columns(Invoice.id).limit(MOST_DOCUMENTS)
    return list(db.session.scalars(keys))


def _screen() -> Any:
    """The list of invoices."""
    views = current_app.extensions["admin"][0].views
    return next(view for view in views if getattr(view, "model", None) is Invoice)


def _series() -> list[str]:
    return list(
        db.session.scalars(
            select(Document.series)
            .where(Document.kind == DocumentKind.INVOICE)
            .distinct()
            .order_by(Document.series)
        )
    )


def _template(key: str | None) -> MessageTemplate | None:
    if not key or not key.isdecimal() or len(key) > 18:
        return None
    return db.session.scalars(
        select(MessageTemplate).where(MessageTemplate.id == int(key))
    ).one_or_none()


def _of_draft(mailing: Mailing) -> dict[str, Any]:
    """A draft as the form says it."""
    data: dict[str, Any] = {
        "title": mailing.title,
        "account": str(mailing.account_id),
        "one_mail_per": mailing.one_mail_per.value,
        "subject": mailing.subject,
        "body": as_typed(mailing.body_html),
    }
    for part in mailing.ranges[:1]:
        data |= {
            "series": part.series or "",
            "number_from": part.number_from and str(part.number_from),
            "number_to": part.number_to and str(part.number_to),
            "date_from": part.date_from,
            "date_to": part.date_to,
            "documents": ",".join(map(str, part.document_ids or ())),
        }
    for way in mailing.audience:
        match way.mode:
            case AudienceMode.GROUPS:
                data |= {"who": way.mode.value, "groups": way.ref_ids}
            case AudienceMode.CUSTOMERS:
                data |= {"who": way.mode.value, "customers": way.ref_ids}
            case AudienceMode.PRIMARY:
                data |= {"contacts": way.mode.value}
            case AudienceMode.ROLES:
                data |= {"contacts": way.mode.value, "roles": way.roles}
    return data
