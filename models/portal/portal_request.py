"""What somebody asked for at the portal's door, until a worker has answered."""

from enum import StrEnum

from sqlalchemy.orm import Mapped, mapped_column

from models.base import OrganizationRecord
from models.column_types import LowerCaseEmail, Secret


class PortalRequestKind(StrEnum):
    """What is wanted by e-mail."""

    MAGIC_LINK = "magic_link"
    USER_NAMES = "user_names"
    PASSWORD_RESET = "password_reset"  # names a kind


class PortalRequest(OrganizationRecord):
    """An address or a user name as it was written at the door.

    Known and unknown ones are written down alike: the answer at the door takes the same time for both. `browser_hash`
    is of the browser that asked.
    """

    __tablename__ = "portal_request"
    __audited__ = False

    kind: Mapped[PortalRequestKind] = mapped_column()
    written: Mapped[str] = mapped_column(LowerCaseEmail)
    browser_hash: Mapped[str | None] = mapped_column(Secret, info={"secret": True})
