"""Secrets at rest: encrypted by rotating keys and bound to the row they were written for."""

import json
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from errors import Unavailable


class Keyring:
    """The encryption keys of this installation, newest first."""

    def __init__(self) -> None:
        self._keys: MultiFernet | None = None

    def use(self, keys: Sequence[str]) -> None:
        """Take these Fernet keys (44 characters of URL-safe base64 each), newest first."""
        self._keys = MultiFernet([Fernet(key) for key in keys])

    def seal(self, plaintext: str, *, bound_to: str) -> str:
        """Encrypt `plaintext` for one place, such as `mail_account:<public id>:password`."""
        return self._ring.encrypt(json.dumps([bound_to, plaintext]).encode()).decode()

    def open(self, sealed: str, *, bound_to: str) -> str:
        """The plaintext; raises Unavailable if no key fits or it was sealed for another place."""
        try:
            place, plaintext = json.loads(self._ring.decrypt(sealed.encode()))
        except InvalidToken:
            raise Unavailable("A stored secret cannot be opened with the present keys.") from None
        if place != bound_to:
            raise Unavailable("A stored secret stands in a place that it was not made for.")
        return str(plaintext)

    def renewed(self, sealed: str) -> str:
        """The same secret under the newest key."""
        return self._ring.rotate(sealed.encode()).decode()

    @property
    def _ring(self) -> MultiFernet:
        if self._keys is None:
            raise Unavailable("No encryption key is set.")
        return self._keys


keyring = Keyring()
