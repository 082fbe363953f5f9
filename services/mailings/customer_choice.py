"""Customers chosen one by one: found in the list, or their numbers pasted from a sheet."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from models.any_of import is_any_of
from models.base import db
from models.people.customer import Customer
from services.mailings.address_book import customers_among

MOST_NUMBERS = 20_000  # more are better taken as a group
BETWEEN_NUMBERS = re.compile(r"[\s,;|]+")


@dataclass(frozen=True)
class ChosenCustomers:
    """Those who exist, by key with their names, and what was written and is nobody's number."""

    names: dict[int, str]
    unknown: Sequence[str]

    @property
    def keys(self) -> list[int]:
        return list(self.names)


def numbers_in(text: str) -> list[str]:
    """Each number once, however they are set apart."""
    return list(dict.fromkeys(filter(None, BETWEEN_NUMBERS.split(text))))


def chosen_customers(keys: Sequence[int], numbers: Sequence[str]) -> ChosenCustomers:
    """Keys and numbers together; of this organization only."""
    names = {key: facts.name for key, facts in customers_among(keys).items()}
    found = db.session.execute(
        select(Customer.number, Customer.id, Customer.name).where(
            is_any_of(Customer.number, numbers)
        )
    ).all()
    names |= {row.id: row.name for row in found}
    known = {row.number for row in found}
    return ChosenCustomers(names, [number for number in numbers if number not in known])
