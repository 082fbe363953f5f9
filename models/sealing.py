"""Secrets at rest: encrypted by rotating keys and bound to the row they were written for."""

import json
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from errors import Unavailable
from settings import read_keys


class Keyring:
    """The encryption keys of this installation, newest first.

    Keys of a file are read again as soon as it changes: keys are renewed while the product works.
    """

    def __init__(self) -> None:
        self._keys: MultiFernet | None = None
        self._newest: Fernet | None = None
        self._file: Path | None = None
        self._seen: tuple[int, int] | None = None

    def use(self, keys: Sequence[str], *, file: Path | None = None) -> None:
        """Take these Fernet keys (44 characters of URL-safe base64 each), newest first; `file` has them too."""
        self._file = file
        self._seen = _state_of(file) if file is not None else None
        self._take(keys)

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
        """The same secret under the newest key; raises Unavailable if no key fits."""
        try:
            return self._ring.rotate(sealed.encode()).decode()
        except InvalidToken:
            raise Unavailable("A stored secret cannot be opened with the present keys.") from None

    def is_newest(self, sealed: str) -> bool:
        """Whether the newest key alone opens it."""
        if not self._ring or self._newest is None:
            return False
        try:
            self._newest.decrypt(sealed.encode())
        except InvalidToken:
            return False
        return True

    @property
    def _ring(self) -> MultiFernet:
        self._look_again()
        if self._keys is None:
            raise Unavailable("No encryption key is set.")
        return self._keys

    def _look_again(self) -> None:
        """A file that is away, as while it is moved, takes no keys from who has them."""
        if self._file is None or not self._file.exists():
            return
        if (state := _state_of(self._file)) != self._seen:
            self._take(read_keys(self._file)[0])
            self._seen = state

    def _take(self, keys: Sequence[str]) -> None:
        fernets = [Fernet(key) for key in keys]
        self._keys, self._newest = MultiFernet(fernets), fernets[0]


def _state_of(file: Path) -> tuple[int, int]:
    """Changes whenever the file is replaced."""
    try:
        state = file.stat()
    except OSError:
        raise Unavailable(f"The key file {file} cannot be read.") from None
    return state.st_ino, state.st_mtime_ns


keyring = Keyring()
