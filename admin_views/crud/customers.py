"""Customers and contacts."""

from typing import Any

from flask_babel import lazy_gettext as _l

from admin_views.base import ModelScreen
from admin_views.registry import screen_for
from models.people.contact import Contact
from models.people.customer import Customer
from services.people.tax_ids import check_tax_id


@screen_for(Customer)
class CustomerScreen(ModelScreen):
    """Whom we invoice."""

    import_subject = "customers"
    search_words = _l("Name, number or tax id")
    list_columns = (
        "name",
        "number",
        "tax_id",
        "customer_group",
        "currency",
        "on_hold",
    )
    form_groups = (
        (
            _l("Identification"),
            _l("Appears on their documents."),
            ("name", "legal_name", "tax_id_type", "tax_id", "number", "customer_group"),
        ),
        (
            _l("Billing"),
            _l("Posted documents keep what they had."),
            ("currency", "payment_terms_days", "lang", "on_hold"),
        ),
        (_l("Contact data"), "", ("phone", "website", "notes")),
    )

    def before_save(self, record: Any, form: Any, is_new: bool) -> None:
        if record.tax_id:
            kind, number = check_tax_id(record.tax_id, record.tax_id_type)
            record.tax_id_type, record.tax_id = kind, number


@screen_for(Contact)
class ContactScreen(ModelScreen):
    """The people there."""

    search_words = _l("Name")
    list_columns = ("name", "job_title", "phone", "lang", "is_active")

    def before_save(self, record: Any, form: Any, is_new: bool) -> None:
        for email in record.emails:
            email.address_norm = email.address
