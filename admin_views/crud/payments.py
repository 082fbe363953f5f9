"""Payments."""

from typing import Any

from flask_babel import lazy_gettext as _l

from admin_views import reader_formats as reader
from admin_views.base import ModelScreen
from admin_views.registry import screen_for
from models.sales.payment import Payment


@screen_for(Payment)
class PaymentScreen(ModelScreen):
    """Money that came in, and what it pays."""

    def prefill(self, form: Any) -> None:
        super().prefill(form)
        form.paid_on.data = reader.today()

    def amount_of(self, record: Any) -> tuple[str, str] | None:
        return f"{record.amount:.4f}", record.currency

    list_columns = ("paid_on", "customer", "reference", "method", "amount")
    form_groups = (
        (
            _l("Payment"),
            _l("What it pays stands in the table below."),
            ("customer", "paid_on", "amount", "currency", "method", "reference"),
        ),
    )
