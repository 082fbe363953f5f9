"""Numbers, dates and times as the reader writes them; quick enough for every cell of a list."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.dates import format_date, format_datetime, format_skeleton
from babel.numbers import get_currency_precision, get_decimal_symbol, get_group_symbol
from flask_babel import get_locale
from flask_babel import gettext as _

from admin_views.identity import current_staff
from models.base import utc_now


def language() -> str:
    """The reader's language, `es` or `en`."""
    return str(get_locale() or "es")


@cache
def _marks(lang: str) -> dict[int, str]:
    # Spanish groups from 1.000 on here: amounts stand below one another.
    return str.maketrans({",": get_group_symbol(lang), ".": get_decimal_symbol(lang)})


@cache
def _digits(currency: str) -> int:
    return get_currency_precision(currency)


def number(value: Decimal | int | float, places: int | None = None, lang: str | None = None) -> str:
    """A number in the reader's notation; without `places`, as many decimals as it needs."""
    if places is None:
        text = f"{Decimal(value).normalize():,f}"
    else:
        text = f"{value:,.{places}f}"
    return text.translate(_marks(lang or language()))


def amount(value: Decimal, currency: str | None, lang: str | None = None) -> str:
    """An amount with the digits of its currency, without the currency; `lang` saves asking who reads."""
    return number(value, _digits(currency) if currency else 2, lang)


def price(value: Decimal, currency: str) -> str:
    """The price of one: the digits of its currency, and more only if it has more."""
    exponent = value.normalize().as_tuple().exponent
    assert isinstance(exponent, int)  # a price is a finite number
    return number(value, max(_digits(currency), -exponent))


@cache
def _day(value: date, lang: str, this_year: int) -> str:
    pattern = "d MMM" if value.year == this_year else "d MMM y"
    if lang == "en":
        pattern = "MMM d" if value.year == this_year else "MMM d, y"
    return format_date(value, pattern, locale=lang)


def day(value: date, lang: str | None = None, this_year: int | None = None) -> str:
    """31 jul this year, 31 jul 2025 otherwise; `lang` and `this_year` save asking."""
    return _day(value, lang or language(), this_year or today().year)


def month(value: date) -> str:
    """Julio de 2026."""
    said = format_skeleton("yMMMM", value, locale=language())
    return said[:1].upper() + said[1:]


@cache
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def zone() -> ZoneInfo:
    """The time zone of the organization one works in."""
    organization = current_staff().organization
    return _zone(organization.timezone if organization is not None else "UTC")


def today() -> date:
    """The day that it is where the organization works; lists ask once, not for every cell."""
    return utc_now().astimezone(zone()).date()


def moment(value: datetime) -> str:
    """Date and time of day in the organization's time zone."""
    local = value.astimezone(zone())
    return f"{day(local.date())}, {local:%H:%M}"


@lru_cache(maxsize=8192)
def _full(value: datetime, lang: str, place: ZoneInfo) -> str:
    return str(format_datetime(value.astimezone(place), "long", locale=lang))


def full_moment(value: datetime, lang: str | None = None, place: ZoneInfo | None = None) -> str:
    """The exact time, for a title; `lang` and `place` save asking. Lists say the same ones again and again."""
    return _full(value, lang or language(), place or zone())


def ago(value: datetime) -> str:
    """Within a day how long ago, else the moment."""
    passed = utc_now() - value
    if passed < timedelta(minutes=1):
        return _("a moment ago")
    if passed < timedelta(hours=1):
        return _("%(minutes)d min ago", minutes=passed.seconds // 60)
    if passed < timedelta(days=1):
        return _("%(hours)d h ago", hours=passed.seconds // 3600)
    return moment(value)
