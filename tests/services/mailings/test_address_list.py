"""Addresses as people paste them."""

import pytest

from services.mailings.address_list import addresses_in


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
