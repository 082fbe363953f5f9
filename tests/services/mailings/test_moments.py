"""A moment on a wall's clock, with the traps of summer time."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from errors import Invalid
from services.mailings.moments import check_future, local_moment


def test_the_same_wall_clock_is_another_moment_elsewhere() -> None:
    """S1-06."""
    day, nine = date(2026, 12, 1), time(9, 0)

    assert local_moment(day, nine, "America/Bogota").at == datetime(2026, 12, 1, 14, 0, tzinfo=UTC)
    assert local_moment(day, nine, "Europe/Madrid").at == datetime(2026, 12, 1, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "clock", "zone"),
    [
        (date(2027, 3, 28), time(2, 30), "Europe/Madrid"),
        (date(2027, 3, 14), time(2, 0), "America/New_York"),
        (date(2026, 9, 6), time(0, 15), "America/Santiago"),
    ],
)
def test_an_hour_that_the_clock_skips_is_refused(day: date, clock: time, zone: str) -> None:
    """S1-06: and the sentence says which one."""
    with pytest.raises(Invalid, match=f"{clock:%H:%M}") as refused:
        local_moment(day, clock, zone)

    assert refused.value.field == "time"
    assert "60" in refused.value.message


def test_an_hour_that_comes_twice_is_the_first_one_and_says_so() -> None:
    """S1-06."""
    found = local_moment(date(2026, 10, 25), time(2, 30), "Europe/Madrid")

    assert found.comes_twice
    assert found.at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert not local_moment(date(2026, 10, 25), time(3, 0), "Europe/Madrid").comes_twice


@pytest.mark.parametrize(
    ("day", "clock", "zone", "field"),
    [
        (date.max, time(23, 59), "America/Bogota", "day"),
        (date.max, time(0, 0), "Asia/Tokyo", "day"),
        (date.min, time(0, 0), "Asia/Tokyo", "time"),
        (date.min, time(23, 59), "America/Bogota", "time"),
    ],
)
def test_the_ends_of_the_calendar_are_refused(
    day: date, clock: time, zone: str, field: str
) -> None:
    """S1-06."""
    with pytest.raises(Invalid) as refused:
        local_moment(day, clock, zone)

    assert refused.value.field == field


def test_what_has_passed_and_what_is_a_slip_is_refused() -> None:
    now = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)

    check_future(now + timedelta(minutes=1), now)
    for wrong in (now, now - timedelta(days=1), now + timedelta(days=400)):
        with pytest.raises(Invalid):
            check_future(wrong, now)


def test_a_zone_that_is_none_is_refused() -> None:
    for name in ("Mars/Olympus", "../etc/passwd", ""):
        with pytest.raises(Invalid):
            local_moment(date(2026, 12, 1), time(9, 0), name)
