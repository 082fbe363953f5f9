"""Passwords in tests are hashed by Argon2id as everywhere, but at its least cost: a sign-in shall not take most of a test.

What the product's own cost is good for is proved by the tests that ask for `costly_hashes`.
"""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from services.people import passwords

COSTS = ("time_cost", "memory_cost", "parallelism", "hash_len", "salt_len")
OWN_COST = {name: getattr(passwords.hasher, name) for name in COSTS}
OWN_NOBODY = passwords.NOBODYS_HASH
LEAST = {**OWN_COST, "time_cost": 1, "memory_cost": 8, "parallelism": 1}


def hash_cheaply() -> None:
    """From now on, in this process; the hasher stays the one that others have imported."""
    PasswordHasher.__init__(passwords.hasher, **LEAST)
    passwords.NOBODYS_HASH = passwords.hasher.hash("a password that nobody has")


@pytest.fixture
def costly_hashes() -> Iterator[None]:
    """The product's own cost, as in real life."""
    PasswordHasher.__init__(passwords.hasher, **OWN_COST)
    passwords.NOBODYS_HASH = OWN_NOBODY
    yield
    hash_cheaply()
