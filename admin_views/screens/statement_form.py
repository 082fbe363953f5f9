"""The form for issuing statements of account: a period, and for whom; shape only."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import DateField, RadioField, ValidationError
from wtforms.validators import InputRequired

from admin_views.screens.mailing_fields import CheckboxesField, CustomerNumbersField, FoundField
from models.base import db
from models.mailings.mailing import AudienceMode
from models.people.customer_group import CustomerGroup
from services.mailings.customer_choice import ChosenCustomers, chosen_customers

WHO = (
    (AudienceMode.ALL.value, _l("All customers")),
    (AudienceMode.GROUPS.value, _l("Customer groups")),
    (AudienceMode.CUSTOMERS.value, _l("Chosen customers")),
)


class StatementForm(FlaskForm):
    """What it means is checked by `services/sales`."""

    first = DateField(_l("First day"), [InputRequired(_l("Choose a day."))])
    last = DateField(_l("Last day"), [InputRequired(_l("Choose a day."))])
    who = RadioField(_l("Third parties"), choices=WHO, default=AudienceMode.ALL.value)
    groups = CheckboxesField(_l("Customer groups"), coerce=int)
    customers = FoundField(_l("Third parties"))
    customer_numbers = CustomerNumbersField(_l("Customer numbers"))

    def validate_groups(self, field: Any) -> None:
        if self.who.data == AudienceMode.GROUPS and not field.data:
            raise ValidationError(_("Choose at least one group."))

    def validate_customers(self, field: Any) -> None:
        if self.who.data != AudienceMode.CUSTOMERS:
            return
        if not field.data and not (self.customer_numbers.data or "").strip():
            raise ValidationError(_("Choose at least one customer, or paste their numbers."))


def statement_form() -> StatementForm:
    """The form with the groups of this organization; filled from the request."""
    form = StatementForm()
    form.groups.choices = [
        (group.id, group.name)
        for group in db.session.scalars(select(CustomerGroup).order_by(CustomerGroup.name))
    ]
    return form


def chosen_in(form: StatementForm) -> ChosenCustomers:
    """The chosen customers; those found by number become choices of the look-up."""
    chosen = chosen_customers(form.customers.data or [], form.customer_numbers.numbers)
    form.customers.choices = [(str(key), name) for key, name in chosen.names.items()]
    form.customers.data = chosen.keys
    form.customer_numbers.keep(chosen.unknown)
    return chosen
