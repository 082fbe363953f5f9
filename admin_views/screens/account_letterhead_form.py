"""What the page of header, signature and footer sends, and the level that it is about."""

import hashlib
from dataclasses import dataclass

from flask import abort, request
from flask_babel import gettext as _

from models.people.user import User
from services.mailbox.account_rows import AccountRow, AccountRows, Choice
from services.mailbox.default_domain import DefaultDomains
from services.mailbox.letterheads import (
    TEXTS,
    Around,
    Letterheads,
    Level,
    LevelKind,
    Said,
    Words,
    level_of_user,
)

REPLIES = {"": None, "1": True, "0": False}


@dataclass(frozen=True)
class Typed:
    """The texts as they stand in the form; `own` are those that are this level's own."""

    texts: dict[str, str]
    own: frozenset[str]
    replies: bool | None
    version: int


class Desk:
    """One request's view: the level that is asked for, what it says and what it inherits.

    `own_of`: somebody who writes their own texts, under *My account*; no other level is asked for then.
    """

    def __init__(self, own_of: User | None = None) -> None:
        self.letterheads = Letterheads()
        self.tree = self.letterheads.tree
        self.rows = AccountRows(self.tree, DefaultDomains(self.tree))
        self.own_of = own_of
        self.level = level_of_user(own_of) if own_of is not None else self._asked_level()
        self.record = self.letterheads.own(self.level)
        self.inherited = self.letterheads.over(self.level)
        self.stands = self.letterheads.at(self.level)

    def again(self) -> "Desk":
        """The same level, asked anew."""
        return Desk(self.own_of)

    @property
    def is_own(self) -> bool:
        return self.own_of is not None

    @property
    def title(self) -> str:
        return _("My header, signature and footer") if self.is_own else _("Set up mail accounts")

    @property
    def endpoint(self) -> str:
        """The blueprint whose pages this desk has."""
        return "own_letterhead" if self.is_own else "mail_accounts_letterhead"

    @property
    def asked_as(self) -> str | None:
        """The level as an address names it, if it has to."""
        return None if self.is_own or self.level.kind is LevelKind.ORGANIZATION else self.key

    @property
    def key(self) -> str:
        """The level in an address: `o`, `d12` or `u7`."""
        return key_of(self.level)

    def people(self) -> list[AccountRow]:
        """Who writes with the texts of this level."""
        if self.level.kind is LevelKind.USER:
            return list(self.rows.of([self.level.id or 0]).values())
        department = self.level.id if self.level.kind is LevelKind.DEPARTMENT else None
        return self.rows.chosen(Choice(department_id=department))

    def person(self) -> User | None:
        """Whose message is shown: who was chosen, else the first one of the level."""
        asked = request.values.get("as", "")
        people = self.people()
        chosen = next((row.user for row in people if str(row.user.id) == asked), None)
        return chosen or (people[0].user if people else None)

    def shown(self) -> Typed:
        """What stands in the form at first."""
        said = (self.stands.header, self.stands.signature, self.stands.footer)
        pairs = dict(zip(TEXTS, said, strict=True))
        return Typed(
            {name: each.text for name, each in pairs.items()},
            frozenset(name for name, each in pairs.items() if each.level == self.level),
            self.record.footer_in_replies if self.record else None,
            self.record.version if self.record else 0,
        )

    def typed(self) -> Typed:
        """What was sent. A text that is inherited stays so until somebody changes it."""
        texts = {name: request.form.get(name, "").replace("\r\n", "\n") for name in TEXTS}
        own = frozenset(
            name
            for name, text in texts.items()
            if request.form.get(f"own-{name}") == "1"
            or fingerprint(text) != request.form.get(f"from-{name}")
        )
        version = request.form.get("version", "")
        return Typed(
            texts,
            own,
            REPLIES.get(request.form.get("footer_in_replies", "")),
            int(version) if version.isdecimal() and len(version) < 10 else 0,
        )

    def words(self, typed: Typed) -> Words:
        """What the level says with what was typed."""
        said = {name: text if name in typed.own else None for name, text in typed.texts.items()}
        return Words(**said, footer_in_replies=typed.replies)

    def around(self, typed: Typed) -> Around:
        """What would stand around a message with what was typed."""
        over = dict(
            zip(
                TEXTS,
                (self.inherited.header, self.inherited.signature, self.inherited.footer),
                strict=True,
            )
        )
        said = {
            name: Said(text, self.level) if name in typed.own else over[name]
            for name, text in typed.texts.items()
        }
        replies = self.inherited.footer_in_replies if typed.replies is None else typed.replies
        header, signature, footer = (said[name] for name in TEXTS)
        return Around(header, signature, footer, replies)

    def _asked_level(self) -> Level:
        asked = request.args.get("level", "o")
        kind, key = asked[:1], asked[1:]
        number = int(key) if key.isdecimal() and len(key) < 19 else 0
        if asked == "o":
            return Level(LevelKind.ORGANIZATION)
        department = self.tree.find(number) if kind == "d" else None
        if department is not None:
            return Level(LevelKind.DEPARTMENT, department.id, department.name)
        row = self.rows.of([number]).get(number) if kind == "u" else None
        if row is None:
            abort(404)
        return level_of_user(row.user)


def key_of(level: Level) -> str:
    return "o" if level.kind is LevelKind.ORGANIZATION else f"{level.kind.value[0]}{level.id}"


def fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
