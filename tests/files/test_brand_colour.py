import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.brand_colour import _contrast_with_white, readable_on_white


@given(st.integers(0, 0xFFFFFF))
def test_any_colour_becomes_readable_on_white(number):
    colour = readable_on_white(f"#{number:06x}")

    assert _contrast_with_white([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) >= 4.5


def test_a_dark_colour_stays_as_it_is():
    assert readable_on_white("#0B5A73") == "#0b5a73"


@pytest.mark.parametrize("colour", ["", "red", "#12", '"); #read("/etc/passwd'])
def test_what_is_no_colour_becomes_ours(colour):
    assert readable_on_white(colour) == "#0b5a73"
