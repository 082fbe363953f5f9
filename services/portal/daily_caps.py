"""What a customer may do so many times a day: of two who do it at once, the second is counted after the first."""

from sqlalchemy import text

from models.base import db

CAPS_LOCK = 8_006  # first key of the advisory lock; the second is the customer


def hold_caps(customer_id: int) -> None:
    """Nobody else of this customer is counted until this transaction ends."""
    db.session.execute(
        text("SELECT pg_advisory_xact_lock(:kind, :customer)"),
        {"kind": CAPS_LOCK, "customer": customer_id},
    )
