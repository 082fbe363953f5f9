"""What everybody who signs in has, staff and portal users alike: a second factor, and waits after wrong passwords."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Mapped

from models.base import utc_now
from models.sealing import keyring


class SecondFactor:
    """Reads and writes the columns of a table of people; its secrets are bound to table and row."""

    __tablename__: str
    public_id: Mapped[uuid.UUID]
    totp_sealed: Mapped[str | None]
    totp_confirmed_at: Mapped[datetime | None]
    locked_until: Mapped[datetime | None]

    @property
    def totp_secret(self) -> str | None:
        """The base32 secret of the second factor, if one was set up."""
        if self.totp_sealed is None:
            return None
        return keyring.open(self.totp_sealed, bound_to=self._totp_place)

    @totp_secret.setter
    def totp_secret(self, secret: str | None) -> None:
        self.totp_sealed = keyring.seal(secret, bound_to=self._totp_place) if secret else None

    @property
    def needs_totp(self) -> bool:
        return self.totp_confirmed_at is not None

    @property
    def is_locked(self) -> bool:
        return self.locked_until is not None and self.locked_until > utc_now()

    @property
    def _totp_place(self) -> str:
        return f"{self.__tablename__}:{self.public_id}:totp"
