"""Passwords of staff."""

from services.people.passwords import NOBODYS_HASH, hasher, password_fits


def test_an_unknown_user_costs_what_a_known_one_costs() -> None:
    assert not hasher.check_needs_rehash(NOBODYS_HASH)
    assert not password_fits(None, "a password that nobody has")
