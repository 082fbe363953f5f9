"""X1-03: the windows of an account hold whatever is asked, and over restarts."""

from hypothesis import given, settings
from hypothesis import strategies as st

from services.mailings.limits import Limit, SendingLimits


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


steps = st.lists(
    st.tuples(st.floats(0, 3), st.floats(0, 2), st.booleans()), min_size=1, max_size=120
)


@settings(deadline=None, max_examples=150)
@given(steps=steps, per_second=st.integers(1, 5), per_ten=st.integers(1, 20))
def test_no_window_ever_has_more_than_its_limit(steps, per_second, per_ten):
    """X1-03: whenever in [asked, answered] the server counts a message, no window has more."""
    clock = Clock()
    limits = [Limit(1.0, per_second), Limit(10.0, per_ten)]
    windows = SendingLimits(limits, clock=clock)
    answered: list[float] = []

    for pause, answer_takes, restarts in steps:
        clock.now += pause
        if restarts:
            ages = [clock.now - moment for moment in answered]
            windows = SendingLimits(limits, clock=clock, ages=ages)
        if windows.take_place() == 0.0:
            began = clock.now
            clock.now += answer_takes
            windows.answered()
            answered.append(clock.now)
            for limit in limits:
                # from when the first byte left on, to the answer: the widest that a server may see
                inside = [moment for moment in answered if moment > began - limit.seconds]
                assert len(inside) <= limit.most


@settings(deadline=None, max_examples=100)
@given(ages=st.lists(st.floats(0, 70), max_size=200), most=st.integers(1, 120))
def test_after_the_wait_that_it_names_one_may_leave(ages, most):
    clock = Clock()
    windows = SendingLimits([Limit(60.0, most)], clock=clock, ages=ages)

    wait = windows.take_place()
    clock.now += wait + 0.001

    assert wait == 0.0 or windows.take_place() == 0.0


def test_messages_on_their_way_hold_their_places():
    clock = Clock()
    windows = SendingLimits([Limit(60.0, 2)], clock=clock)

    assert windows.take_place() == 0.0
    assert windows.take_place() == 0.0
    assert windows.take_place() > 0.0
    windows.give_back()
    assert windows.take_place() == 0.0


def test_without_limits_nobody_waits():
    windows = SendingLimits([])

    assert [windows.take_place() for _ in range(1000)] == [0.0] * 1000
