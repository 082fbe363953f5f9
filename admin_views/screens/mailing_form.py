"""The form of a mailing: which documents, to whom, with which words, and when; shape only."""

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, Optional

from admin_views.screens.mailing_fields import (
    AddressesField,
    AddressField,
    CheckboxesField,
    CustomerNumbersField,
    FoundField,
    NumberField,
    SenderField,
)
from admin_views.screens.mailing_range_checks import (
    check_chosen,
    check_days,
    check_order,
    check_series,
    keys_in,
)
from models.mailings.mailing import AttachMode, AudienceMode, OneMailPer, SentFilter
from models.people.contact import ContactRole
from models.sales.document_file import DocumentFileKind

FILE_KINDS = (
    (DocumentFileKind.XML.value, _l("Tax XML")),
    (DocumentFileKind.ANNEX.value, _l("Annexes")),
)
WHO = (
    (AudienceMode.ALL.value, _l("All customers of these invoices")),
    (AudienceMode.GROUPS.value, _l("Customer groups")),
    (AudienceMode.CUSTOMERS.value, _l("Chosen customers")),
)
CONTACTS = (
    (AudienceMode.ALL.value, _l("Contacts for billing")),
    (AudienceMode.PRIMARY.value, _l("Primary contact")),
    (AudienceMode.ROLES.value, _l("Contacts with a role")),
    (AudienceMode.CONTACTS.value, _l("Individual contacts")),
    (AudienceMode.EVERYBODY.value, _l("Every contact")),
)
WHEN = (("by_hand", _l("I start it myself, after a review")), ("schedule", _l("Schedule")))
SENT_FILTERS = [(each.value, label) for each, label in SentFilter.labels().items()]
ROLES = [(role.value, label) for role, label in ContactRole.labels().items()]


class MailingForm(FlaskForm):
    """What it means is checked by `services/mailings`."""

    draft = HiddenField()
    page = HiddenField()  # the name of this page, as long as it is open
    draft_version = HiddenField()  # that it has seen
    title = StringField(_l("Title"), [Optional(), Length(max=120)])

    documents = HiddenField()  # chosen in the list of invoices
    view = HiddenField()  # or its filter
    series = SelectField(_l("Series"), default="")
    number_from = NumberField(_l("From number"), [Length(max=40)])
    number_to = NumberField(_l("To number"), [Length(max=40)])
    date_from = DateField(_l("Issued from"), [Optional()])
    date_to = DateField(_l("Issued to"), [Optional()])
    sent_filter = SelectField(
        _l("Sending state"), choices=SENT_FILTERS, default=SentFilter.ANY.value
    )

    who = RadioField(_l("Third parties"), choices=WHO, default=AudienceMode.ALL.value)
    groups = CheckboxesField(_l("Customer groups"), coerce=int)
    customers = FoundField(_l("Third parties"))
    customer_numbers = CustomerNumbersField(_l("Customer numbers"))
    contacts = RadioField(_l("Contacts"), choices=CONTACTS, default=AudienceMode.ALL.value)
    roles = CheckboxesField(_l("Roles"), choices=ROLES)
    people = FoundField(_l("Contacts"))
    one_mail_per = SelectField(
        _l("If a customer has several invoices"),
        choices=[(kind.value, label) for kind, label in OneMailPer.labels().items()],
        default=OneMailPer.CUSTOMER.value,
    )
    reply_to = AddressField(_l("Reply to"), [Length(max=254)])
    cc = AddressesField(_l("Copy"))
    bcc = AddressesField(_l("Blind copy"))
    bcc_once = BooleanField(_l("Blind copy only the first time it is sent"), default=True)
    cc_roles = CheckboxesField(_l("Copy to contacts with a role"), choices=ROLES)
    bcc_roles = CheckboxesField(_l("Blind copy to contacts with a role"), choices=ROLES)

    files = CheckboxesField(_l("Files"), choices=FILE_KINDS)
    attach_mode = SelectField(
        _l("How they are sent"),
        choices=[(mode.value, label) for mode, label in AttachMode.labels().items()],
        default=AttachMode.ATTACH.value,
    )
    credit_notes = BooleanField(_l("Credit notes"))
    credit_series = SelectField(_l("Series"), default="")
    credit_from = NumberField(_l("From number"), [Length(max=40)])
    credit_to = NumberField(_l("To number"), [Length(max=40)])
    credit_date_from = DateField(_l("Issued from"), [Optional()])
    credit_date_to = DateField(_l("Issued to"), [Optional()])
    statements = BooleanField(_l("Statements of account"))
    statement_documents = HiddenField()  # chosen in the list of statements
    statement_view = HiddenField()  # or its filter
    statement_series = SelectField(_l("Series"), default="")
    statement_from = NumberField(_l("From number"), [Length(max=40)])
    statement_to = NumberField(_l("To number"), [Length(max=40)])
    statement_date_from = DateField(_l("Period ends from"), [Optional()])
    statement_date_to = DateField(_l("Period ends to"), [Optional()])
    statement_sent_filter = SelectField(
        _l("Sending state"), choices=SENT_FILTERS, default=SentFilter.ANY.value
    )

    template = SelectField(_l("Saved text"), [Optional()], coerce=str)
    template_name = StringField(_l("Name of the text"), [Optional(), Length(max=60)])
    account = SenderField(
        _l("Send from"), [InputRequired(_l("Choose a mail account."))], coerce=str
    )
    subject = StringField(
        _l("Subject"), [InputRequired(_l("A subject is needed.")), Length(max=500)]
    )
    body = TextAreaField(
        _l("Message"), [InputRequired(_l("A message is needed.")), Length(max=200_000)]
    )
    variant_subject = StringField(_l("Subject"), [Optional(), Length(max=500)])
    variant_body = TextAreaField(_l("Message"), [Optional(), Length(max=200_000)])
    needs_own_language = BooleanField(_l("Leave out those who read another language"))

    when = RadioField(_l("When"), choices=WHEN, default="by_hand")
    day = DateField(_l("Day"), [Optional()])
    time = TimeField(_l("Time"), [Optional()])
    zone = SelectField(_l("Time zone"))

    def validate_number_to(self, field: Any) -> None:
        check_order(self.number_from, field)

    def validate_credit_to(self, field: Any) -> None:
        check_order(self.credit_from, field)

    def validate_statement_to(self, field: Any) -> None:
        check_order(self.statement_from, field)

    def validate_date_to(self, field: Any) -> None:
        check_days(self.date_from, field)

    def validate_credit_date_to(self, field: Any) -> None:
        check_days(self.credit_date_from, field)

    def validate_statement_date_to(self, field: Any) -> None:
        check_days(self.statement_date_from, field)

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

    def validate_people(self, field: Any) -> None:
        if self.contacts.data == AudienceMode.CONTACTS and not field.data:
            raise ValidationError(_("Choose at least one contact."))

    def validate_series(self, field: Any) -> None:
        if not self.has_limit:
            raise ValidationError(_("Say which invoices: a series, numbers or dates."))
        check_chosen(self.document_ids)
        check_series(field, self.number_from, self.number_to)

    def validate_credit_series(self, field: Any) -> None:
        if self.credit_notes.data:
            if not self.has_credit_limit:
                raise ValidationError(_("Say which credit notes: a series, numbers or dates."))
            check_series(field, self.credit_from, self.credit_to)

    def validate_statement_series(self, field: Any) -> None:
        if self.statements.data:
            if not self.has_statement_limit:
                raise ValidationError(_("Say which statements: a series, numbers or dates."))
            check_chosen(self.statement_ids)
            check_series(field, self.statement_from, self.statement_to)

    def validate(self, extra_validators: Any = None) -> bool:
        """Beside each field for itself: what is needed because of another one."""
        is_good = super().validate(extra_validators)
        for name, sentence in self._missing():
            if not self[name].errors:
                self[name].errors = [sentence]
                is_good = False
        return is_good

    def _missing(self) -> Iterator[tuple[str, str]]:
        texts = (self.variant_subject.data, self.variant_body.data)
        if len({bool((text or "").strip()) for text in texts}) > 1:
            yield "variant_body", _("A second language needs both a subject and a message.")
        if self.when.data == "schedule":
            if not self.day.data:
                yield "day", _("Choose a day.")
            if not self.time.data:
                yield "time", _("Choose a time.")

    @property
    def document_ids(self) -> list[int]:
        """The invoices chosen in the list, if one came from there with a choice."""
        return keys_in(self.documents)

    @property
    def statement_ids(self) -> list[int]:
        """The statements chosen in theirs."""
        return keys_in(self.statement_documents)

    @property
    def has_invoices(self) -> bool:
        """Whether anything says which invoices are meant: all of them never are by accident."""
        limits = (self.series, self.number_from, self.number_to, self.date_from, self.date_to)
        return bool(self.document_ids or self.view.data or any(field.data for field in limits))

    @property
    def has_credit_limit(self) -> bool:
        limits = (self.credit_series, self.credit_from, self.credit_to)
        days = (self.credit_date_from, self.credit_date_to)
        return any(field.data for field in (*limits, *days))

    @property
    def has_statement_limit(self) -> bool:
        limits = (self.statement_series, self.statement_from, self.statement_to)
        days = (self.statement_date_from, self.statement_date_to)
        is_chosen = bool(self.statement_ids or self.statement_view.data)
        return is_chosen or any(field.data for field in (*limits, *days))

    @property
    def has_credit_notes(self) -> bool:
        return bool(self.credit_notes.data and self.has_credit_limit)

    @property
    def has_statements(self) -> bool:
        return bool(self.statements.data and self.has_statement_limit)

    @property
    def has_limit(self) -> bool:
        """Credit notes and statements may go alone."""
        return self.has_invoices or self.has_credit_notes or self.has_statements
