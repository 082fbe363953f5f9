"""Finding whom somebody asks about: customers and documents by a few words, whether the mailing has them or not."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from models.base import db
from models.mailings.mailing import Mailing
from models.people.customer import Customer
from models.sales.document import Document

MOST = 8


@dataclass(frozen=True)
class Candidate:
    """A customer, or one of their documents; `key` names the case."""

    key: str
    customer: str
    customer_number: str
    document: str | None


def candidates_for(mailing: Mailing, words: str) -> Sequence[Candidate]:
    """Documents of the mailing's kinds first, then customers; a few of each."""
    words = words.strip()
    if not words:
        return ()
    escaped = words.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    pattern = func.fold(f"%{escaped}%")
    kinds = {range_.kind for range_ in mailing.ranges}
    documents = db.session.execute(
        select(Document.id, Document.label, Customer.id, Customer.name, Customer.number)
        .join(Customer, Customer.id == Document.customer_id)
        .where(Document.kind.in_(kinds), Document.search_text.like(pattern))
        .where(Document.number.is_not(None))
        .order_by(Document.id.desc())
        .limit(MOST)
    )
    customers = db.session.execute(
        select(Customer.id, Customer.name, Customer.number)
        .where(Customer.search_text.like(pattern))
        .order_by(Customer.sort_name, Customer.id)
        .limit(MOST)
    )
    return [
        *(
            Candidate(f"c{customer}-{key}", name, number, label)
            for key, label, customer, name, number in documents
        ),
        *(Candidate(f"c{key}-0", name, number, None) for key, name, number in customers),
    ]
