"""Codes that some columns hold (`info={"widget": …}`), with the words for them."""

from collections.abc import Callable

from babel import Locale
from flask_babel import get_locale

from services.people.tax_ids import DROPDOWN

LANGUAGES = ("es", "en", "pt", "fr")
CURRENCIES = [
    "EUR",
    "USD",
    "COP",
    "MXN",
    "PEN",
    "CLP",
    "ARS",
    "BRL",
    "UYU",
    "BOB",
    "PYG",
    "CRC",
    "GTQ",
    "HNL",
    "NIO",
    "DOP",
    "PAB",
    "VES",
    "GBP",
    "CHF",
    "CAD",
]


def language_name(code: str) -> str:
    """A language in the reader's words."""
    try:
        return str(Locale.parse(code).get_display_name(get_locale()) or code).capitalize()
    except ValueError:
        return code


WORDS: dict[str | None, Callable[[], list[tuple[str, str]]]] = {
    "language": lambda: [(code, language_name(code)) for code in LANGUAGES],
    "currency": lambda: [(code, code) for code in CURRENCIES],
    "tax_id_type": lambda: [(full, plain) for plain, full in DROPDOWN],
}
