"""Secrets: bound to their row, opened by old keys, unreadable elsewhere."""

import pytest
from cryptography.fernet import Fernet

from errors import Unavailable
from models.sealing import Keyring


def ring(*keys: str) -> Keyring:
    keyring = Keyring()
    keyring.use(keys)
    return keyring


def test_a_swapped_secret_is_refused() -> None:
    keyring = ring(Fernet.generate_key().decode())
    sealed = keyring.seal("s3cret", bound_to="mail_account:1:password")

    with pytest.raises(Unavailable):
        keyring.open(sealed, bound_to="mail_account:2:password")


def test_an_old_key_still_opens_and_renewing_moves_to_the_new_one() -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    sealed = ring(old).seal("s3cret", bound_to="x")

    renewed = ring(new, old).renewed(sealed)

    assert ring(new).open(renewed, bound_to="x") == "s3cret"


def test_without_its_key_nothing_opens() -> None:
    sealed = ring(Fernet.generate_key().decode()).seal("s3cret", bound_to="x")

    with pytest.raises(Unavailable):
        ring(Fernet.generate_key().decode()).open(sealed, bound_to="x")
