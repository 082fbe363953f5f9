"""Amounts, quantities and dates as the readers of one language write them."""

from datetime import date
from decimal import Decimal
from functools import cache, lru_cache

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, parse_pattern

# Read once: a page of twelve lines has a hundred numbers.
AMOUNT = parse_pattern("#,##0.00")
QUANTITY = parse_pattern("#,##0.####")
locale_of = cache(Locale.parse)
LANGUAGES = ("es", "en")


def shown_country(country: str, lang: str) -> str:
    """Its name, from its code or its name in a language of ours: CO and Colombia. Other words stay as they are."""
    code = _codes_of_countries().get(country.casefold(), country.upper())
    name: str | None = locale_of(lang).territories.get(code)
    return name if name and len(code) == len("CO") else country


@cache
def _codes_of_countries() -> dict[str, str]:
    return {
        name.casefold(): code
        for lang in LANGUAGES
        for code, name in locale_of(lang).territories.items()
        if len(code) == len("CO")
    }


def shown_money(amount: Decimal, currency: str, lang: str) -> str:
    """With its currency: 2.315,94 €."""
    return str(format_currency(amount, currency, locale=locale_of(lang)))


def shown_amount(amount: Decimal, currency: str, lang: str) -> str:
    """Without its currency, but with as many digits as it has: 2.315,94."""
    return str(format_currency(amount, currency, AMOUNT, locale=locale_of(lang))).strip()


def shown_quantity(quantity: Decimal, lang: str) -> str:
    """Without superfluous zeros: 1,5."""
    return str(format_decimal(quantity.normalize(), QUANTITY, locale=locale_of(lang)))


def shown_percent(percent: Decimal, lang: str) -> str:
    """A rate that is stored in percent: 19 %."""
    return f"{shown_quantity(percent, lang)}\u00a0%"


@lru_cache(maxsize=2_000)
def shown_date(day: date, lang: str) -> str:
    """Short, with the month in letters: 3 jul 2026."""
    return str(format_date(day, "medium", locale=locale_of(lang)))
