import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.brand_colour import _channels, _contrast, by_day, by_night, readable_on_white


@given(st.integers(0, 0xFFFFFF))
def test_any_colour_becomes_readable_on_white(number):
    colour = readable_on_white(f"#{number:06x}")

    assert _contrast(_channels(colour), (255, 255, 255)) >= 4.5


@given(st.integers(0, 0xFFFFFF), st.sampled_from([by_day, by_night]))
def test_S2_27_any_colour_is_readable_wherever_a_page_puts_it(number, time_of_day):
    """Links on the ground and on their own soft one, words on buttons, by day and by night."""
    found = time_of_day(f"#{number:06x}")
    brand, strong, words, soft = map(
        _channels, (found.brand, found.strong, found.words, found.soft)
    )
    grounds = [(255, 255, 255), (246, 247, 248)] if time_of_day is by_day else [(14, 19, 23)]

    assert min(_contrast(brand, ground) for ground in (*grounds, soft, words)) >= 4.5
    assert min(_contrast(strong, ground) for ground in (*grounds, words)) >= 4.5


def test_a_dark_colour_stays_as_it_is():
    assert readable_on_white("#0B5A73") == "#0b5a73"


@pytest.mark.parametrize("colour", ["", "red", "#12", '"); #read("/etc/passwd'])
def test_what_is_no_colour_becomes_ours(colour):
    assert readable_on_white(colour) == "#0b5a73"
