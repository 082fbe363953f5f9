"""When a mailing would end: the forecast keeps every limit, whatever the account has done before."""

from hypothesis import given
from hypothesis import strategies as st

from services.mailings.forecast import AccountLoad, departures, forecast
from services.mailings.limits import DAY, HOUR, MINUTE, SECOND, Limit

limits = st.lists(
    st.tuples(st.sampled_from([SECOND, MINUTE, HOUR, DAY]), st.integers(1, 50)), max_size=4
).map(lambda pairs: tuple(Limit(seconds, most) for seconds, most in dict(pairs).items()))
loads = st.builds(
    AccountLoad,
    limits=limits,
    ages=st.lists(st.floats(0, DAY), max_size=60).map(tuple),
    connections=st.integers(1, 4),
    seconds_each=st.floats(0.01, 3),
    waiting=st.integers(0, 20),
)


@given(load=loads, count=st.integers(0, 200))
def test_no_window_ever_holds_more_than_its_limit(load: AccountLoad, count: int) -> None:
    """X1-03 as a forecast: what has left before counts, too."""
    ours = departures(count, load)

    assert len(ours) == count
    assert ours == sorted(ours)
    earlier = sorted(-age for age in load.ages)
    for limit in load.limits:
        for place, at in enumerate(ours):
            inside = [t for t in ours[: place + 1] if t > at - limit.seconds + 1e-6]
            before = [t for t in earlier if t > at - limit.seconds + 1e-6]
            assert len(inside) + min(len(before), limit.most - 1) <= limit.most or (
                len(inside) + len(before) <= limit.most
            )


@given(load=loads, count=st.integers(1, 200))
def test_more_messages_never_end_earlier(load: AccountLoad, count: int) -> None:
    assert forecast(count + 1, load).ends_in >= forecast(count, load).ends_in


@given(load=loads, count=st.integers(1, 100), begins_in=st.floats(0, 2 * DAY))
def test_nothing_leaves_before_it_begins(load: AccountLoad, count: int, begins_in: float) -> None:
    assert min(departures(count, load, begins_in=begins_in)) >= begins_in


def test_what_fits_into_the_day_leaves_in_one_go() -> None:
    """298 of the 1,850 that the account takes today."""
    load = AccountLoad(limits=(Limit(DAY, 2000),), ages=(3600.0,) * 150, seconds_each=0.5)

    seen = forecast(298, load)

    assert (seen.allowed_today, seen.before_pause) == (1850, None)
    assert seen.lasts == 149


def test_what_does_not_fit_goes_on_when_the_window_opens() -> None:
    """The quota is a sliding window: the rest leaves a day after what left before it."""
    load = AccountLoad(limits=(Limit(DAY, 100),), ages=(DAY - 7200.0,) * 40, seconds_each=1.0)

    seen = forecast(90, load)

    assert (seen.allowed_today, seen.before_pause) == (60, 60)
    assert seen.goes_on_in == 7200.0


def test_a_limit_a_minute_sets_the_pace() -> None:
    """It is never said to be faster than the limit, although the first of them leave at once."""
    seen = forecast(300, AccountLoad(limits=(Limit(MINUTE, 120),), seconds_each=0.01))

    assert seen.per_minute == 120
    assert seen.before_pause is None


def test_connections_share_the_work() -> None:
    one, four = (
        forecast(100, AccountLoad(seconds_each=1.0, connections=lines)) for lines in (1, 4)
    )

    assert one.lasts == 100
    assert four.lasts < 27


def test_nobody_to_write_to_takes_no_time() -> None:
    assert forecast(0, AccountLoad()).lasts == 0
