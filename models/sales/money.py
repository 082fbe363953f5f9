"""Exact money: rounding to the digits of a currency."""

from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import get_currency_precision


def rounded(amount: Decimal, currency: str) -> Decimal:
    """The amount in whole smallest units of its currency (0 to 4 digits by CLDR), half up."""
    return amount.quantize(Decimal(1).scaleb(-get_currency_precision(currency)), ROUND_HALF_UP)
