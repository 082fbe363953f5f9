"""The time zones that people choose from: one name for each, with its present distance from UTC (S1-06)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files

from errors import Invalid
from services.mailings.moments import zone_called

MINUTE = timedelta(minutes=1)


def zone_names(home: str) -> tuple[str, ...]:
    """Those of the country that `home` is in first; UTC last. Old names and other spellings are left out."""
    countries = _countries()
    here = countries.get(home)
    names = sorted(countries, key=lambda name: (here is None or countries[name] != here, name))
    return (*names, "UTC")


def present_name(name: str) -> str:
    """The name by which a zone is offered, for one that has got another since; unknown names stay as they are."""
    return _renamed().get(name, name)


def is_zone(name: str) -> bool:
    """Whether there is a time zone of this name, offered or not."""
    try:
        zone_called(name)
    except Invalid:
        return False
    return True


def zone_choices(names: Iterable[str], now: datetime) -> list[tuple[str, str]]:
    """`America/Bogota (UTC-5)`, each once."""
    return [
        (name, f"{name.replace('_', ' ')}{_offset(name, now)}") for name in dict.fromkeys(names)
    ]


def _offset(name: str, now: datetime) -> str:
    offset = now.astimezone(zone_called(name)).utcoffset() or timedelta()
    hours, minutes = divmod(abs(offset) // MINUTE, 60)
    if name == "UTC":
        return ""
    if not offset:
        return " (UTC)"
    sign = "-" if offset < timedelta() else "+"
    return f" (UTC{sign}{hours}{f':{minutes:02}' if minutes else ''})"


@cache
def _countries() -> dict[str, str]:
    """Each zone with the country that it is in, of the time zone database."""
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {name: country for country, _place, name, *_remarks in rows}


@cache
def _renamed() -> dict[str, str]:
    """Each old name of the time zone database with the present one; a link reads `L America/Bogota America/Old_Name`."""
    table = files("tzdata").joinpath("zoneinfo", "tzdata.zi").read_text("utf-8")
    links = (line.split() for line in table.splitlines() if line.startswith("L "))
    offered = _countries()
    return {old: name for _mark, name, old in links if old not in offered and name in offered}
