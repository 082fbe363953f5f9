"""Numbers as the readers of a language write them."""

from decimal import Decimal

from babel.numbers import format_currency, format_decimal
from hypothesis import given
from hypothesis import strategies as st

from services.sales.formats import shown_amount, shown_money, shown_quantity

NUMBERS = st.decimals(
    min_value=Decimal("-1e12"), max_value=Decimal("1e12"), allow_nan=False, places=8
)
LANGS = st.sampled_from(["es", "en", "de"])


@given(amount=NUMBERS, currency=st.sampled_from(["EUR", "CLP", "KWD", "USD"]), lang=LANGS)
def test_amounts_are_written_as_the_locale_data_say(
    amount: Decimal, currency: str, lang: str
) -> None:
    expected = format_currency(amount, currency, "#,##0.00", locale=lang)
    assert shown_amount(amount, currency, lang) == expected.strip()
    assert shown_money(amount, currency, lang) == format_currency(amount, currency, locale=lang)


@given(quantity=NUMBERS, lang=LANGS)
def test_quantities_are_written_as_the_locale_data_say(quantity: Decimal, lang: str) -> None:
    expected = format_decimal(quantity.normalize(), "#,##0.####", locale=lang)
    assert shown_quantity(quantity, lang) == expected
