"""The form of a mailing: which documents, to whom, with which words; and the choice that it means."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
    widgets,
)
from wtforms.validators import InputRequired, Length, Optional

from models.mailings.mailing import AudienceMode, MailingAudience, MailingRange, OneMailPer
from models.people.contact import ContactRole
from models.sales.document_state import DocumentKind
from services.mailings.audience import Choice

MOST_DOCUMENTS = 20_000
NUMBER = re.compile(r"(?:(?P<series>[^\s-][^\s]*?)\s*-\s*)?(?P<number>\d{1,9})")
WHO = (
    (AudienceMode.ALL.value, _l("All customers of these invoices")),
    (AudienceMode.GROUPS.value, _l("Customer groups")),
    (AudienceMode.CUSTOMERS.value, _l("Chosen customers")),
)
CONTACTS = (
    (AudienceMode.ALL.value, _l("Contacts for billing")),
    (AudienceMode.PRIMARY.value, _l("Primary contact")),
    (AudienceMode.ROLES.value, _l("Contacts with a role")),
)


class CheckboxesField(SelectMultipleField):
    """Several of a few."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


class MailingForm(FlaskForm):
    """Shape only; what it means is checked by `services/mailings`."""

    title = StringField(_l("Title"), [Optional(), Length(max=120)])
    documents = HiddenField()
    series = SelectField(_l("Series"))
    number_from = StringField(_l("From number"), [Optional(), Length(max=40)])
    number_to = StringField(_l("To number"), [Optional(), Length(max=40)])
    date_from = DateField(_l("Issued from"), [Optional()])
    date_to = DateField(_l("Issued to"), [Optional()])
    who = RadioField(_l("Third parties"), choices=WHO, default=AudienceMode.ALL.value)
    groups = CheckboxesField(_l("Customer groups"), coerce=int)
    # Found by typing; whose they are is checked where they are used.
    customers = SelectMultipleField(
        _l("Third parties"), coerce=int, choices=[], validate_choice=False
    )
    customer_numbers = TextAreaField(_l("Customer numbers"), [Optional(), Length(max=20_000)])
    contacts = RadioField(_l("Contacts"), choices=CONTACTS, default=AudienceMode.ALL.value)
    roles = CheckboxesField(
        _l("Roles"), choices=[(role.value, label) for role, label in ContactRole.labels().items()]
    )
    one_mail_per = SelectField(
        _l("If a customer has several invoices"),
        choices=[
            (kind.value, OneMailPer.labels()[kind])
            for kind in (OneMailPer.CUSTOMER, OneMailPer.DOCUMENT)
        ],
    )
    template = SelectField(_l("Saved text"), [Optional()], coerce=str)
    account = SelectField(
        _l("Send from"), [InputRequired(_l("Choose a mail account."))], coerce=str
    )
    subject = StringField(
        _l("Subject"), [InputRequired(_l("A subject is needed.")), Length(max=500)]
    )
    body = TextAreaField(
        _l("Message"), [InputRequired(_l("A message is needed.")), Length(max=200_000)]
    )

    def validate_number_from(self, field: Any) -> None:
        self._check_number(field)

    def validate_number_to(self, field: Any) -> None:
        self._check_number(field)
        first, last = number_of(self.number_from.data), number_of(field.data)
        if first is not None and last is not None and first > last:
            raise ValidationError(_("The last number comes before the first one."))

    def validate_date_to(self, field: Any) -> None:
        if self.date_from.data and field.data and self.date_from.data > field.data:
            raise ValidationError(_("The last day comes before the first one."))

    def validate_groups(self, field: Any) -> None:
        if self.who.data == AudienceMode.GROUPS and not field.data:
            raise ValidationError(_("Choose at least one group."))

    def validate_customers(self, field: Any) -> None:
        if self.who.data != AudienceMode.CUSTOMERS:
            return
        if not field.data and not (self.customer_numbers.data or "").strip():
            raise ValidationError(_("Choose at least one customer, or paste their numbers."))

    def validate_roles(self, field: Any) -> None:
        if self.contacts.data == AudienceMode.ROLES and not field.data:
            raise ValidationError(_("Choose at least one role."))

    def validate_series(self, field: Any) -> None:
        if not self.has_limit:
            raise ValidationError(_("Say which invoices: a series, numbers or dates."))

    @property
    def document_ids(self) -> list[int]:
        """The documents chosen in the list, if one came from there."""
        keys = re.findall(r"\d{1,18}", self.documents.data or "")
        return [int(key) for key in keys[:MOST_DOCUMENTS]]

    @property
    def has_limit(self) -> bool:
        """Whether anything says which documents are meant: all of them never are by accident."""
        limits = (self.series, self.number_from, self.number_to, self.date_from, self.date_to)
        return bool(self.document_ids or any(field.data for field in limits))

    @property
    def first_day(self) -> date | None:
        return self.date_from.data if not self.date_from.errors else None

    @property
    def last_day(self) -> date | None:
        return self.date_to.data if not self.date_to.errors else None

    def _check_number(self, field: Any) -> None:
        if field.data and number_of(field.data) is None:
            raise ValidationError(_("Write a number, such as 10101 or FV-10101."))


def number_of(text: str | None) -> int | None:
    """`FV-10101` and `10101` are both number 10101."""
    found = NUMBER.fullmatch((text or "").strip())
    return int(found["number"]) if found else None


def series_in(text: str | None) -> str | None:
    """The series that was typed together with a number."""
    found = NUMBER.fullmatch((text or "").strip())
    return found["series"] if found else None


def range_of(form: MailingForm) -> MailingRange:
    """All limits hold together."""
    typed = series_in(form.number_from.data) or series_in(form.number_to.data)
    return MailingRange(
        kind=DocumentKind.INVOICE,
        series=form.series.data or typed or None,
        number_from=number_of(form.number_from.data),
        number_to=number_of(form.number_to.data),
        date_from=form.first_day,
        date_to=form.last_day,
        document_ids=form.document_ids or None,
    )


def audience_of(form: MailingForm, customers: Sequence[int]) -> list[MailingAudience]:
    """Which customers, and who of each; `customers` are those chosen, by key."""
    audience = []
    if form.who.data == AudienceMode.GROUPS:
        audience.append(MailingAudience(mode=AudienceMode.GROUPS, ref_ids=form.groups.data))
    elif form.who.data == AudienceMode.CUSTOMERS:
        audience.append(MailingAudience(mode=AudienceMode.CUSTOMERS, ref_ids=list(customers)))
    if form.contacts.data == AudienceMode.PRIMARY:
        audience.append(MailingAudience(mode=AudienceMode.PRIMARY))
    elif form.contacts.data == AudienceMode.ROLES:
        audience.append(MailingAudience(mode=AudienceMode.ROLES, roles=form.roles.data))
    return audience or [MailingAudience(mode=AudienceMode.ALL)]


def choice_of(form: MailingForm, customers: Sequence[int]) -> Choice:
    """What the form means, for the summary at its side."""
    return Choice(
        ranges=[range_of(form)],
        audience=audience_of(form, customers),
        one_mail_per=OneMailPer(form.one_mail_per.data or OneMailPer.CUSTOMER),
    )
