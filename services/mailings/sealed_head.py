"""Messages that carry a key, such as a one-time link: their stored text is encrypted, like every other secret."""

from models.column_types import SealedIfMarked
from models.sealing import keyring

MARK = SealedIfMarked.MARK


def seal_head(head: bytes, recipient: str) -> bytes:
    """What is stored instead of the head of such a message, bound to its recipient."""
    sealed = keyring.seal(head.decode("latin-1"), bound_to=_place(recipient))
    return MARK + sealed.encode()


def open_head(stored: bytes, recipient: str) -> bytes:
    """The head as it goes over the wire; raises Unavailable if no key fits, or it was made for somebody else."""
    if not stored.startswith(MARK):
        return stored
    sealed = stored.removeprefix(MARK).decode()
    return keyring.open(sealed, bound_to=_place(recipient)).encode("latin-1")


def _place(recipient: str) -> str:
    return f"delivery:{recipient}"
