"""What stands around the messages of an account: header, signature and footer, and which level says so (X4-10).

From the inside out: the account, its owner, the owner's department and those above it, the organization. An account
of nobody has only the first and the last. None means: as the level above; an empty text means: nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import select

from mail.letter import FOOTER, HEADER, SIGNATURE
from models.base import db
from models.mailbox.letterhead import Letterhead
from models.mailbox.mail_account import MailAccount
from models.people.membership import UserMembership
from models.people.user import User
from services.people.departments import DepartmentTree

TEXTS = (HEADER, SIGNATURE, FOOTER)


class LevelKind(StrEnum):
    """Which of the levels it is."""

    ACCOUNT = "account"
    USER = "user"
    DEPARTMENT = "department"
    ORGANIZATION = "organization"


@dataclass(frozen=True, slots=True)
class Level:
    """One level; `name` is that of the account, the person or the department."""

    kind: LevelKind
    id: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A text with the level that says it; without one, nobody says anything."""

    text: str = ""
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a message."""

    header: Said = field(default_factory=Said)
    signature: Said = field(default_factory=Said)
    footer: Said = field(default_factory=Said)
    footer_in_replies: bool = False

    @property
    def texts(self) -> tuple[str, str, str]:
        """Header, signature and footer."""
        return self.header.text, self.signature.text, self.footer.text


@dataclass(frozen=True, slots=True)
class Words:
    """What one level says itself."""

    header_html: str | None = None
    signature_html: str | None = None
    footer_html: str | None = None
    footer_in_replies: bool | None = None

    @classmethod
    def of(cls, said: Letterhead | None) -> "Words":
        if said is None:
            return cls()
        return cls(said.header_html, said.signature_html, said.footer_html, said.footer_in_replies)


class Letterheads:
    """All levels of the present organization, asked once."""

    def __init__(self, tree: DepartmentTree | None = None) -> None:
        self.tree = tree or DepartmentTree()
        self._said = {
            (each.department_id, each.user_id): each
            for each in db.session.scalars(select(Letterhead))
        }

    def own(self, level: Level) -> Letterhead | None:
        """The record of this level, if it has one."""
        department = level.id if level.kind is LevelKind.DEPARTMENT else None
        user = level.id if level.kind is LevelKind.USER else None
        return self._said.get((department, user))

    def above(self, level: Level) -> list[Level]:
        """The levels that this one inherits from, from the inside out."""
        if level.kind is LevelKind.ORGANIZATION:
            return []
        if level.kind is LevelKind.DEPARTMENT:
            return [*self._departments(level.id)[1:], Level(LevelKind.ORGANIZATION)]
        department = department_of(level.id) if level.kind is LevelKind.USER else None
        return [*self._departments(department), Level(LevelKind.ORGANIZATION)]

    def at(self, level: Level) -> Around:
        """What stands around the messages of this level."""
        return self._joined(
            [(each, Words.of(self.own(each))) for each in (level, *self.above(level))]
        )

    def over(self, level: Level) -> Around:
        """What this level inherits."""
        return self._joined([(each, Words.of(self.own(each))) for each in self.above(level)])

    def around(self, account: MailAccount) -> Around:
        """What stands around the messages of this account."""
        own = Words(account.header_html, account.signature_html, account.footer_html)
        inner = Level(LevelKind.ACCOUNT, account.id, account.address)
        levels = [Level(LevelKind.ORGANIZATION)]
        if account.owner is not None:
            person = Level(LevelKind.USER, account.owner.id, account.owner.name)
            levels = [person, *self.above(person)]
        return self._joined([(inner, own), *((each, Words.of(self.own(each))) for each in levels)])

    def _departments(self, key: int | None) -> list[Level]:
        named = [(one, self.tree.find(one)) for one in self.tree.above(key)]
        return [Level(LevelKind.DEPARTMENT, one, found.name) for one, found in named if found]

    @staticmethod
    def _joined(said: Sequence[tuple[Level, Words]]) -> Around:
        found = {}
        for name in TEXTS:
            named = ((level, getattr(words, name)) for level, words in said)
            found[name] = next(
                (Said(text, level) for level, text in named if text is not None), Said()
            )
        replies = (words.footer_in_replies for _level, words in said)
        return Around(
            found[HEADER],
            found[SIGNATURE],
            found[FOOTER],
            next((wanted for wanted in replies if wanted is not None), False),
        )


def around(account: MailAccount) -> Around:
    """What stands around the messages of this account; for many of them, ask once."""
    return Letterheads().around(account)


def department_of(user_id: int | None) -> int | None:
    """In which department of the present organization a person works: the first of their memberships with one."""
    return db.session.scalar(
        select(UserMembership.department_id)
        .where(UserMembership.user_id == user_id, UserMembership.department_id.is_not(None))
        .order_by(UserMembership.id)
        .limit(1)
    )


def level_of_user(user: User) -> Level:
    return Level(LevelKind.USER, user.id, user.name)
