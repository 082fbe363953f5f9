"""Letting an address be written to again."""

from sqlalchemy import select

from models.base import db
from models.mailings.suppression import Suppression
from models.people.contact import AddressState, ContactEmail

DEAD = {AddressState.BOUNCED, AddressState.INVALID, AddressState.COMPLAINED}


def free_address(address_norm: str) -> int:
    """Take the address off the suppression list and believe in it again; returns how many entries went."""
    entries = db.session.scalars(
        select(Suppression).where(Suppression.address_norm == address_norm)
    ).all()
    for entry in entries:
        db.session.delete(entry)
    for email in db.session.scalars(ContactEmail.at(address_norm)):
        if email.state in DEAD:
            email.state, email.last_failure_at, email.last_failure_code = (
                AddressState.OK,
                None,
                None,
            )
    db.session.flush()
    return len(entries)
