"""What the database refuses, said in sentences: constraint names and trigger messages, never SQL."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError

from admin_views.columns import described

OF_TRIGGERS: dict[str, Any] = {
    "document_is_posted": _l("This document is posted and does not change any more."),
    "more_than_is_due": _l("This is more than the document still owes."),
    "more_than_was_paid": _l("The parts add up to more than was paid."),
    "not_this_customers_document": _l(
        "This document belongs to another customer or has another currency."
    ),
    "document_takes_no_payment": _l("Only posted invoices and credit notes take payments."),
    "customer_needs_primary_contact": _l(
        "A customer with contacts needs a primary contact. Choose another one first."
    ),
    "row_is_frozen": _l("What was registered for sending does not change any more."),
}
OF_CONSTRAINTS: dict[str, Any] = {
    "uq_customer_contact_one_primary": _l("A customer has only one primary contact."),
    "uq_contact_email_one_default": _l("A contact has only one default address."),
    "uq_document_number": _l("There is already a document with this series and number."),
    "ck_mail_account_port_is_possible": _l("A port is a number from 1 to 65535."),
    "ck_mail_account_connections_are_few": _l("From 1 to 32 connections are possible."),
    "ck_mail_account_limits_are_positive": _l("A limit is a number above zero."),
    "ck_payment_amount_is_positive": _l("An amount above zero is needed."),
    "ck_payment_allocation_amount_is_positive": _l("An amount above zero is needed."),
    "ck_document_line_discount_is_a_percentage": _l("A discount is between 0 and 100."),
    "ck_customer_terms_are_days": _l("Payment terms are 0 to 3650 days."),
    "ck_customer_group_not_its_own_parent": _l("A group cannot stand under itself."),
    "ck_department_not_its_own_parent": _l("A department cannot stand under itself."),
    "ck_number_series_numbers_are_positive": _l("Numbers begin at 1."),
    "ck_number_series_padding_is_short": _l("At most 12 digits are possible."),
    "ck_organization_code_is_short": _l("A code has letters, digits, - and _ only, 40 at most."),
}
UNIQUE, FOREIGN_KEY, NOT_NULL, CHECK, OUT_OF_RANGE, NO_RIGHT, TOO_SLOW = (
    "23505",
    "23503",
    "23502",
    "23514",
    "22003",
    "42501",
    "57014",
)


def sentence_of(problem: DBAPIError, model: type[Any]) -> str:
    """Why the database said no, in the reader's language."""
    diagnosis = getattr(problem.orig, "diag", None)
    state = getattr(problem.orig, "sqlstate", None)
    message = str(getattr(diagnosis, "message_primary", "") or "")
    constraint = str(getattr(diagnosis, "constraint_name", "") or "")
    if message in OF_TRIGGERS:
        return str(OF_TRIGGERS[message])
    if constraint in OF_CONSTRAINTS:
        return str(OF_CONSTRAINTS[constraint])
    if state == UNIQUE:
        return _unique_sentence(constraint, model)
    if state == FOREIGN_KEY:
        if "is still referenced" in message or "update or delete" in message:
            return _("Other records still depend on this one.")
        return _("It refers to a record that does not exist any more.")
    return {
        NOT_NULL: _("Something that is needed is missing."),
        CHECK: _("A value is outside of what is possible."),
        OUT_OF_RANGE: _("A number is too large."),
        TOO_SLOW: _("This takes too long at the moment. Nothing was changed; try again later."),
        NO_RIGHT: _("The database refused a change outside of your organization."),
    }.get(str(state), _("The database refused this change."))


def _unique_sentence(constraint: str, model: type[Any]) -> str:
    """Names the columns of a unique constraint whose name follows our convention."""
    table = inspect(model).local_table.name
    names = constraint.removeprefix(f"uq_{table}_").removeprefix("organization_id_")
    about = described(model).get(names) or described(model).get(names.removesuffix("_norm"))
    if about is None:
        return _("There is already a record with these values.")
    return _("There is already a record with this value in “%(field)s”.", field=str(about.label))
