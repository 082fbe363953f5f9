"""What documents come to together. A statement of account repeats the others: it counts only where it goes alone."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Protocol, TypeVar

from models.sales.document_state import DocumentKind


class Counted(Protocol):
    """What is asked of a document."""

    @property
    def kind(self) -> DocumentKind: ...
    @property
    def currency(self) -> str: ...
    @property
    def total(self) -> Decimal: ...


Each = TypeVar("Each", bound=Counted)


def totals_of(documents: Iterable[Counted]) -> dict[str, Decimal]:
    """The totals, by currency: amounts of different currencies are not added up."""
    sums: dict[str, Decimal] = {}
    for document in counted(documents):
        sums[document.currency] = sums.get(document.currency, Decimal(0)) + document.total
    return dict(sorted(sums.items()))


def counted(documents: Iterable[Each]) -> list[Each]:
    """Those whose amounts are added up."""
    every = list(documents)
    own = [each for each in every if each.kind is not DocumentKind.STATEMENT]
    return own or every
