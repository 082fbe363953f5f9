"""Passwords of staff."""

import pytest
from argon2 import PasswordHasher

from models.people.user import User
from services.people import passwords
from services.people.passwords import hasher, password_fits, set_password

RECOMMENDED = "$argon2id$v=19$m=65536,t=3,p=4$"
pytestmark = pytest.mark.usefixtures("costly_hashes")


def test_an_unknown_user_costs_what_a_known_one_costs() -> None:
    assert not hasher.check_needs_rehash(passwords.NOBODYS_HASH)
    assert not password_fits(None, "a password that nobody has")


def test_a_new_password_is_hashed_as_it_is_recommended() -> None:
    """And it fits, as no other does."""
    user = User(email="lucia@example.com", name="Lucía")
    set_password(user, "una frase bastante larga")

    assert (user.password_hash or "").startswith(RECOMMENDED)
    assert password_fits(user, "una frase bastante larga")
    assert not password_fits(user, "otra frase bastante larga")


def test_a_hash_of_less_cost_is_replaced_when_its_password_is_known() -> None:
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("una frase larga")
    user = User(email="lucia@example.com", name="Lucía", password_hash=cheap)

    assert not password_fits(user, "otra frase larga") and user.password_hash == cheap
    assert password_fits(user, "una frase larga")
    assert (user.password_hash or "").startswith(RECOMMENDED)
    assert password_fits(user, "una frase larga")
