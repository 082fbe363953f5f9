"""Who says what for the portal of a customer: their group, those above it, the organization, else what is built in (X0-12)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.people.customer_group import CustomerGroup
from models.portal.group_portal import GroupPortal
from services.mailbox.default_senders import account_for_notices, can_send

BUILT_IN: Mapping[str, Any] = {
    "access_requests_to": None,
    "sender_account_id": None,
    "invites_at_once": False,
    "tells_new_primary": False,
    "tells_previous_primary": False,
    "reminder_days": [3, 10],
}
MOST_REMINDERS = 3


class LevelKind(StrEnum):
    """What kind of level says something."""

    GROUP = "group"
    ORGANIZATION = "organization"
    BUILT_IN = "built_in"


@dataclass(frozen=True, slots=True)
class Level:
    """A place where something is said; `id` and `name` are those of a group."""

    kind: LevelKind
    id: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A value, and which level it comes from."""

    value: Any
    level: Level


ORGANIZATION = Level(LevelKind.ORGANIZATION)
PRODUCT = Level(LevelKind.BUILT_IN)


def level_of(group: CustomerGroup | None) -> Level:
    """The level of a group; without one, the organization's."""
    return ORGANIZATION if group is None else Level(LevelKind.GROUP, group.id, group.name)


def levels_of(group: CustomerGroup | None) -> list[int | None]:
    """The group, those above it, and the organization (None)."""
    return [level.id for level in way_up(group)]


def way_up(group: CustomerGroup | None) -> list[Level]:
    """The levels from the group to the organization."""
    levels: list[Level] = []
    while group is not None and group.id not in {level.id for level in levels}:
        levels.append(level_of(group))
        group = group.parent
    return [*levels, ORGANIZATION]


class GroupSettings:
    """What holds for a group, with the level that says it; read once."""

    def __init__(self, group: CustomerGroup | None) -> None:
        self.here = level_of(group)
        self.levels = way_up(group)
        rows = db.session.scalars(select(GroupPortal)).all()
        self._rows = {row.customer_group_id: row for row in rows}

    @property
    def own(self) -> GroupPortal | None:
        """The row of this very level."""
        return self._rows.get(self.here.id)

    def said(self, name: str, *, above: bool = False) -> Said:
        """One value; with `above`, as it were if this level said nothing."""
        for level in self.levels[1:] if above else self.levels:
            row = self._rows.get(level.id)
            value = getattr(row, name) if row is not None else None
            if value is not None and value != "":
                return Said(value, level)
        return Said(BUILT_IN[name], PRODUCT)

    def sender(self) -> MailAccount | None:
        """The account that writes for this group; the one for notices where it cannot send, or nobody says one."""
        account_id = self.said("sender_account_id").value
        account = db.session.get(MailAccount, account_id) if account_id else None
        return account if account is not None and can_send(account) else account_for_notices()

    def reminder_days(self) -> list[int]:
        """After how many days an invitation that was not used is sent again, in their order."""
        days: list[int] = self.said("reminder_days").value
        return sorted(days)[:MOST_REMINDERS]
