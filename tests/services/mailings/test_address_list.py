"""Addresses as people paste them."""

import random
import re
import time

import pytest

from services.mailings.address_list import LONGEST_LIST, _cells, addresses_in

# How lines were told apart at first: the same cells, in time by the square of the length.
CELL = re.compile(r'(?:"(?:[^"\\]|\\.)*"|<[^<>]*>|[^\t;,"<]|["<])+')


@pytest.mark.parametrize(
    ("pasted", "found"),
    [
        ("a@a.test", ["a@a.test"]),
        ("a@a.test, b@b.test;c@c.test", ["a@a.test", "b@b.test", "c@c.test"]),
        ("a@a.test b@b.test", ["a@a.test", "b@b.test"]),
        ("Ana Peña\ta@a.test\t300 123\r\nLuis\tb@b.test\t", ["a@a.test", "b@b.test"]),
        ('"Peñalba, S. A." <a@a.test>; Luis <b@b.test>', ["a@a.test", "b@b.test"]),
        ("A@A.test\na@a.TEST", ["A@a.test"]),
        ("archivo@peñalba.test", ["archivo@xn--pealba-xwa.test"]),
        ("mailto:a@a.test", ["a@a.test"]),
        ("", []),
        (" ;\t, \n", []),
    ],
)
def test_a_list_from_a_sheet_or_a_mail_is_read(pasted: str, found: list[str]) -> None:
    """X1-07: tabs, semicolons, names in angle brackets; each address once."""
    read = addresses_in(pasted)

    assert list(read.addresses) == found
    assert not read.wrong


@pytest.mark.parametrize(
    ("pasted", "wrong"),
    [
        ("a@a.test; nobody", []),
        ("a@a.test\nnobody", ["nobody"]),
        ("a@@a.test, b@b.test", ["a@@a.test"]),
        ("Ana <a@a>", ["a@a"]),
        ("a@a.test\x00", ["a@a.test\x00"]),
    ],
)
def test_what_is_none_is_named(pasted: str, wrong: list[str]) -> None:
    """X1-07: the bad one is named, and only that one."""
    assert list(addresses_in(pasted).wrong) == wrong


@pytest.mark.parametrize("seed", range(20))
def test_any_line_has_the_same_cells_as_by_its_definition(seed: int) -> None:
    """X1-07: quotes, brackets and backslashes, closed or not."""
    chance = random.Random(seed)
    lines = [
        "".join(chance.choices('""\\\\<>;,\t a@.', k=chance.randrange(30))) for _n in range(500)
    ]

    found = [[cell for cell in _cells(line) if cell] for line in lines]

    assert found == [CELL.findall(line) for line in lines]


@pytest.mark.parametrize("hostile", ['\\"', '"\\', "<", '<"', "@.", "a@", "a@a-", "<>  ", "a@b "])
def test_the_longest_list_is_read_in_no_time(hostile: str) -> None:
    """X1-07: by the square of its length it would take half a minute."""
    text = ('"' + hostile * LONGEST_LIST)[:LONGEST_LIST]

    began = time.monotonic()
    addresses_in(text)

    assert time.monotonic() - began < 5
