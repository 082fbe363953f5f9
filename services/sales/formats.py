"""Amounts, quantities and dates as the readers of one language write them."""

from datetime import date
from decimal import Decimal
from functools import cache, lru_cache

from babel import Locale
from babel.dates import format_date
from babel.numbers import (
    format_currency,
    get_currency_precision,
    get_decimal_symbol,
    get_group_symbol,
    get_minus_sign_symbol,
)

locale_of = cache(Locale.parse)
LANGUAGES = ("es", "en", "pt")


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
    before, after = _around(currency, lang)
    sign = get_minus_sign_symbol(locale_of(lang)) if amount < 0 else ""
    return f"{sign}{before}{shown_amount(abs(amount), currency, lang)}{after}"


def shown_amount(amount: Decimal, currency: str, lang: str) -> str:
    """Without its currency, but with as many digits as it has: 2.315,94."""
    return f"{amount:,.{_digits_of(currency)}f}".translate(_signs_of(lang))


@lru_cache(maxsize=2_000)
def shown_quantity(quantity: Decimal, lang: str) -> str:
    """Without superfluous zeros, with four decimals at most: 1,5."""
    return f"{quantity:,.4f}".rstrip("0").rstrip(".").translate(_signs_of(lang))


# A page of twelve lines has a hundred numbers: Babel is asked once for what a language and a currency do with all of them.
_digits_of = cache(get_currency_precision)


@cache
def _around(currency: str, lang: str) -> tuple[str, str]:
    """What stands before and after an amount in this currency."""
    one = Decimal(1)
    before, _amount, after = format_currency(one, currency, locale=locale_of(lang)).partition(
        shown_amount(one, currency, lang)
    )
    return before, after


@cache
def _signs_of(lang: str) -> dict[int, str]:
    """The signs of this language for those that Python writes."""
    locale = locale_of(lang)
    return str.maketrans(
        {
            ",": get_group_symbol(locale),
            ".": get_decimal_symbol(locale),
            "-": get_minus_sign_symbol(locale),
        }
    )


def shown_percent(percent: Decimal, lang: str) -> str:
    """A rate that is stored in percent: 19 %."""
    return f"{shown_quantity(percent, lang)}\u00a0%"


@lru_cache(maxsize=2_000)
def shown_date(day: date, lang: str) -> str:
    """Short, with the month in letters: 3 jul 2026."""
    return str(format_date(day, "medium", locale=locale_of(lang)))
