"""Who keeps the cards of our customers: packages with an entry point of the group `ventanilla.payment_providers`.

The card's number never comes here. The provider has a page of its own for it, gives a reference back, and for the
reference a token with what a person knows the card by (S2-16).
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import Any, Protocol, runtime_checkable
from urllib.parse import urlencode

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from errors import Invalid

logger = logging.getLogger(__name__)
GROUP = "ventanilla.payment_providers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Whose card it is, as far as a provider has to know."""

    organization_id: int
    customer_number: str
    customer_name: str
    lang: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCard:
    """What a provider says about a card or account that it keeps."""

    token: str
    brand: str
    last4: str
    expires_year: int | None = None
    expires_month: int | None = None


@runtime_checkable
class PaymentProvider(Protocol):
    """What a package brings along; raises AppError with a sentence for the customer."""

    name: str
    label: Any

    def page_for(self, payer: Payer, *, back: str) -> str:
        """The address where the card is entered; it leads to `back` afterwards, with a `reference` added."""

    def kept(self, payer: Payer, reference: str) -> KeptCard:
        """What was kept under this reference. Raises Invalid for one that is not this payer's."""

    def forget(self, token: str) -> None:
        """Keep the card no longer; one that is gone already is forgotten."""


class PracticeProvider:
    """The demo's: it asks for nothing, keeps nothing, and answers with a card that nobody has."""

    name = "practice"
    label = _l("Practice card")

    def page_for(self, payer: Payer, *, back: str) -> str:
        sign = "&" if "?" in back else "?"
        return back + sign + urlencode({"reference": f"practice-{payer.customer_number}"})

    def kept(self, payer: Payer, reference: str) -> KeptCard:
        if reference != f"practice-{payer.customer_number}":
            raise Invalid(_("This card was not entered here. Begin again, please."))
        return KeptCard(
            token=reference, brand="Visa", last4="4242", expires_year=2030, expires_month=11
        )

    def forget(self, token: str) -> None:
        """Nothing was kept."""


def payment_providers(*, is_demo: bool = False) -> Mapping[str, PaymentProvider]:
    """The providers that can be used, by name; the demo has one to practise with."""
    found = dict(_installed())
    if is_demo:
        practice = PracticeProvider()
        found.setdefault(practice.name, practice)
    return found


@cache
def _installed() -> Mapping[str, PaymentProvider]:
    """Asked once: who installs a package starts again."""
    found: dict[str, PaymentProvider] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda one: one.name):
        try:
            made = point.load()()
        except Exception:
            logger.exception("payment provider %s cannot be loaded", point.name)
            continue
        if not isinstance(made, PaymentProvider) or made.name != point.name:
            logger.error("payment provider %s is none, or has another name", point.name)
            continue
        found[made.name] = made
    return found
