"""Passwords of staff and of portal users: Argon2id, and the least that a new one must be."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from flask_babel import gettext as _

from errors import Invalid
from services.people.password_holder import PasswordHolder

SHORTEST = 12
hasher = PasswordHasher()  # Argon2id with the library's current recommendation
# Checked when there is no user, so that an unknown address takes as long as a wrong password. Written out, since
# making it takes a tenth of a second of every start; a test says when the parameters have moved on.
NOBODYS_HASH = (
    "$argon2id$v=19$m=65536,t=3,p=4$+NHChLJaJCNxh0cpwvf63w$"
    "jGFFdM1/Ql2bd63O5xWsPlKFU64gzDzrsK6x0xsZUXc"
)


def set_password(user: PasswordHolder, password: str) -> None:
    """Give the user a password; raises Invalid if it is too short or too easy to guess."""
    if len(password) < SHORTEST:
        raise Invalid(
            _("The password needs at least %(least)d characters.", least=SHORTEST), field="password"
        )
    if len(set(password)) < 5 or _is_part_of_name(password, user):
        raise Invalid(_("This password is too easy to guess."), field="password")
    user.password_hash = hasher.hash(password)


def password_fits(user: PasswordHolder | None, password: str) -> bool:
    """Whether the password is the user's; an unknown user costs the same time."""
    stored = user.password_hash if user is not None and user.password_hash else NOBODYS_HASH
    try:
        hasher.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    if user is None or user.password_hash is None:
        return False
    if hasher.check_needs_rehash(stored):
        user.password_hash = hasher.hash(password)
    return True


def _is_part_of_name(password: str, user: PasswordHolder) -> bool:
    """Whether it stands in the address, or in the name that somebody signs in with."""
    names = (user.email, getattr(user, "login", ""))
    return any(password.lower() in name.lower() for name in names)
