"""What the form of a mailing begins with: the list that one comes from, a saved text, or a draft (S1-05)."""

import secrets
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask import request
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from admin_views.identity import current_staff
from admin_views.reader_formats import zone
from admin_views.screens.mailing_door import invoices_url
from admin_views.screens.mailing_fields import put_day
from admin_views.screens.mailing_form import MailingForm
from admin_views.screens.mailing_texts import template_choices, use_template
from admin_views.screens.mailing_view import view_in
from models.any_of import is_any_of
from models.base import db, utc_now
from models.mailbox.account_default import MailPurpose
from models.mailbox.mail_account import MailAccount
from models.mailings.mailing import AudienceMode, Mailing, MailingRange
from models.people.contact import Contact
from models.people.customer_group import CustomerGroup
from models.sales.document import Document, Invoice
from models.sales.document_state import DocumentKind
from models.sales.statement import Statement
from services.mailbox.default_senders import default_account
from services.mailbox.senders import accounts_to_send_as, refusal_of
from services.mailings.customer_choice import ChosenCustomers, chosen_customers
from services.mailings.draft_pen import version_of
from services.mailings.plain_text import as_typed
from services.mailings.time_zones import is_zone, present_name, zone_choices, zone_names
from services.sales.series import series_of

OF_STATEMENTS = "statement-"


def mailing_form(mailing: Mailing | None = None) -> MailingForm:
    """The form with what this organization can choose from; filled from the request or from a draft."""
    form = _filled(mailing)
    form.page.data = form.page.data or secrets.token_urlsafe(9)
    form.draft_version.data = form.draft_version.data or str(version_of(mailing))
    form.series.choices = _series_choices(DocumentKind.INVOICE)
    form.credit_series.choices = _series_choices(DocumentKind.CREDIT_NOTE)
    form.statement_series.choices = _series_choices(DocumentKind.STATEMENT)
    form.groups.choices = [
        (group.id, group.name)
        for group in db.session.scalars(select(CustomerGroup).order_by(CustomerGroup.name))
    ]
    offer_senders(form)
    form.template.choices = template_choices()
    offer_zones(form.zone, zone().key)
    return form


def offer_zones(field: Any, usual: str) -> None:
    """All zones, those of the country at home first; a draft may have one by its old name."""
    home = present_name(zone().key)
    field.data = present_name(field.data or usual)
    own = [field.data] if is_zone(field.data) else []
    field.choices = zone_choices([*own, home, *zone_names(home)], utc_now())


def offer_senders(form: MailingForm) -> None:
    """The accounts as which this person may send; one that is none of these is said to be so, never replaced in silence."""
    person, field = current_staff().user, form.account
    field.choices = [(str(each.id), each.address) for each in accounts_to_send_as(person)]
    account = _account_with(field.data) if field.data not in dict(field.choices) else None
    if account is not None and account.is_active:
        field.refusal = refusal_of(account, person)
        if request.method != "POST":
            field.data, field.errors = "", [field.refusal]
    if (len(field.choices) != 1 and not field.data) or field.refusal:
        field.choices.insert(0, ("", _("Choose…")))


def _account_with(key: str | None) -> MailAccount | None:
    if not key or not key.isdecimal() or len(key) > 18:
        return None
    found: MailAccount | None = db.session.scalar(
        select(MailAccount).where(MailAccount.id == int(key))
    )
    return found


def languages_for(mailing: Mailing | None = None) -> tuple[str, str]:
    """The language of the message, and the other one that it may be written in too."""
    organization = current_staff().organization
    usual = organization.default_lang if organization is not None else "es"
    lang = mailing.lang if mailing is not None else usual
    return lang, "en" if lang == "es" else "es"


def propose(form: MailingForm) -> None:
    """Begin with the selection or the filter of the list one comes from, and with the first saved text."""
    asked = request.args.get("documents", "")
    keys = [int(key) for key in asked.split(",") if key.isdecimal() and len(key) < 19]
    form.documents.data = ",".join(map(str, _own(keys, Invoice)))
    form.statement_documents.data = ",".join(map(str, _own(keys, Statement)))
    view = None if keys else view_in(invoices_url())
    if view is not None:
        field = form.statement_view if view.model is Statement else form.view
        field.data = view.query
    usual = default_account(MailPurpose.INVOICES, current_staff().user)
    if usual is not None:
        form.account.data = str(usual.id)
    form.statements.data = bool(form.statement_ids or form.statement_view.data)
    form.template.data = next((value for value, _label in form.template.choices if value), "")
    use_template(form, *languages_for())


def tidy_numbers(form: MailingForm) -> None:
    """`FV-101` in a number's box is a series and a number."""
    for series, first, last in (
        (form.series, form.number_from, form.number_to),
        (form.credit_series, form.credit_from, form.credit_to),
        (form.statement_series, form.statement_from, form.statement_to),
    ):
        typed = first.series or last.series
        if typed and not series.data and typed in dict(series.choices):
            series.data = typed
        for field in (first, last):
            if field.number is not None:
                field.data = str(field.number)


def use_period(form: MailingForm, name: str) -> None:
    """Put the first and the last day of a well-known period into the form; `statement-` before it: for statements."""
    known = {key: (first, last) for key, _label, first, last in periods()}
    wanted = known.get(name.removeprefix(OF_STATEMENTS))
    if wanted is None:
        return
    fields = (form.date_from, form.date_to)
    if name.startswith(OF_STATEMENTS):
        fields = (form.statement_date_from, form.statement_date_to)
    for field, day in zip(fields, wanted, strict=True):
        put_day(field, day)


def periods() -> list[tuple[str, str, date, date]]:
    """Periods that one often needs, with their first and last day, by the clock of the organization."""
    today = utc_now().astimezone(zone()).date()
    month = today.replace(day=1)
    before = (month - timedelta(days=1)).replace(day=1)
    quarter = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
    earlier = (quarter - timedelta(days=1)).replace(day=1)
    last_quarter = date(earlier.year, 3 * ((earlier.month - 1) // 3) + 1, 1)
    return [
        ("today", _("Today"), today, today),
        ("this_month", _("This month"), month, _end_of_month(month)),
        ("last_month", _("Last month"), before, month - timedelta(days=1)),
        ("this_quarter", _("This quarter"), quarter, _end_of_month(quarter, months=3)),
        ("last_quarter", _("Last quarter"), last_quarter, quarter - timedelta(days=1)),
        ("this_year", _("This year"), date(today.year, 1, 1), date(today.year, 12, 31)),
    ]


def customers_of(form: MailingForm) -> ChosenCustomers:
    """The chosen customers; those found by number become choices of the look-up."""
    chosen = chosen_customers(form.customers.data or [], form.customer_numbers.numbers)
    form.customers.choices = [(str(key), name) for key, name in chosen.names.items()]
    form.customers.data = chosen.keys
    form.customer_numbers.keep(chosen.unknown)
    return chosen


def name_people(form: MailingForm) -> None:
    """The chosen contacts as choices of their look-up, those of this organization only."""
    found = db.session.execute(
        select(Contact.id, Contact.name)
        .where(is_any_of(Contact.id, form.people.data or []))
        .order_by(Contact.name)
    ).all()
    form.people.choices = [(str(key), name) for key, name in found]
    form.people.data = [key for key, _name in found]


def _filled(mailing: Mailing | None) -> MailingForm:
    if mailing is None or request.method == "POST":
        return MailingForm()
    if mailing.draft_form is not None:
        pairs = [(name, value) for name, values in mailing.draft_form.items() for value in values]
        return MailingForm(formdata=MultiDict(pairs))
    return MailingForm(data=_of_mailing(mailing))


def _own(keys: Sequence[int], model: type[Document]) -> list[int]:
    """Those of the chosen documents that are of this kind."""
    if not keys:
        return []
    return list(db.session.scalars(select(model.id).where(model.id.in_(keys))))


def _series_choices(kind: DocumentKind) -> list[tuple[str, str]]:
    return [("", _("All series")), *((name, name) for name in series_of(kind))]


def _end_of_month(first: date, months: int = 1) -> date:
    for _month in range(months):
        first = (first + timedelta(days=32)).replace(day=1)
    return first - timedelta(days=1)


def _of_mailing(mailing: Mailing) -> dict[str, Any]:
    """A draft that was not written in this form (by the command line), as the form says it."""
    data: dict[str, Any] = {
        "title": mailing.title,
        "account": str(mailing.account_id),
        "one_mail_per": mailing.one_mail_per.value,
        "subject": mailing.subject,
        "body": as_typed(mailing.body_html),
        "reply_to": mailing.reply_to,
        "cc": "\n".join(mailing.cc),
        "bcc": "\n".join(mailing.bcc),
        "bcc_once": mailing.bcc_once,
        "cc_roles": mailing.cc_roles,
        "bcc_roles": mailing.bcc_roles,
        "files": mailing.extra_file_kinds,
        "attach_mode": mailing.attach_mode.value,
        "needs_own_language": mailing.needs_own_language,
    }
    for text in mailing.variants.values():
        data |= {"variant_subject": text["subject"], "variant_body": as_typed(text["body_html"])}
    for part in mailing.ranges:
        data |= _of_range(part)
    for way in mailing.audience:
        match way.mode:
            case AudienceMode.GROUPS:
                data |= {"who": way.mode.value, "groups": way.ref_ids}
            case AudienceMode.CUSTOMERS:
                data |= {"who": way.mode.value, "customers": way.ref_ids}
            case AudienceMode.PRIMARY | AudienceMode.EVERYBODY:
                data |= {"contacts": way.mode.value}
            case AudienceMode.ROLES:
                data |= {"contacts": way.mode.value, "roles": way.roles}
            case AudienceMode.CONTACTS:
                data |= {"contacts": way.mode.value, "people": way.ref_ids}
    return data


def _of_range(part: MailingRange) -> dict[str, Any]:
    if part.kind is DocumentKind.STATEMENT:
        return {
            "statements": True,
            "statement_series": part.series or "",
            "statement_from": part.number_from and str(part.number_from),
            "statement_to": part.number_to and str(part.number_to),
            "statement_date_from": part.date_from,
            "statement_date_to": part.date_to,
            "statement_documents": ",".join(map(str, part.document_ids or ())),
            "statement_sent_filter": part.sent_filter.value,
        }
    if part.kind is DocumentKind.CREDIT_NOTE:
        return {
            "credit_notes": True,
            "credit_series": part.series or "",
            "credit_from": part.number_from and str(part.number_from),
            "credit_to": part.number_to and str(part.number_to),
            "credit_date_from": part.date_from,
            "credit_date_to": part.date_to,
        }
    return {
        "series": part.series or "",
        "number_from": part.number_from and str(part.number_from),
        "number_to": part.number_to and str(part.number_to),
        "date_from": part.date_from,
        "date_to": part.date_to,
        "documents": ",".join(map(str, part.document_ids or ())),
        "sent_filter": part.sent_filter.value,
    }
