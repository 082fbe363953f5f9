"""The domains that one knows: of our own accounts and of the people at our customers."""

from collections.abc import Collection

from sqlalchemy import func, select, union

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.people.contact import ContactEmail


def known_domains() -> Collection[str]:
    """In lower case."""
    of_contacts = select(func.split_part(ContactEmail.address_norm, "@", 2))
    of_accounts = select(func.split_part(MailAccount.address_norm, "@", 2))
    return frozenset(db.session.scalars(union(of_contacts, of_accounts))) - {""}
