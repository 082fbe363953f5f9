"""Who besides its owner uses a mail account: lines of the account's form, by the rules of `/admin/mail-rights/` (X4-08)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_admin.form import BaseForm
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField

from admin_views.fields import EnumField
from admin_views.lines import LinesField
from admin_views.lookup_field import LookupField
from admin_views.lookups import ScopedLoader
from admin_views.scoping import scoped
from errors import Conflict
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.people.user import User
from services.mailbox.account_grants import Use, allow, people_of

PEOPLE = "people.user"  # what the form asks for when one types a name


@dataclass(frozen=True)
class PersonLine:
    """One person as the form shows them; the key says what stood there, so that nobody overwrites another's decision."""

    user: User
    use: Use

    @property
    def id(self) -> str:
        return f"{self.user.id}-{self.use.value}"


@dataclass(frozen=True)
class Change:
    """Whom somebody lets use the account from now on, and what the form had shown."""

    user: User
    use: Use
    seen: Use


def person_lines(account: MailAccount) -> list[PersonLine]:
    """Everybody who is named for the account, by name."""
    return [PersonLine(grant.user, Use.of(grant)) for grant in people_of(account)]


class PeopleKind:
    """What `LinesField` asks of a kind of line; how a line is written is not its matter here."""

    def __init__(self, loader: ScopedLoader) -> None:
        self.loader = loader

    def form_class(self) -> type[BaseForm]:
        fields = {
            "widths": {"user": "w"},
            "id": HiddenField(),
            "user": LookupField(self.loader, label=_l("Person")),
            "use": EnumField(_l("Allowed to"), kind=Use, default=Use.SEND),
        }
        return type("PersonForm", (BaseForm,), fields)


class PeopleField(LinesField):
    """The people of one account; written once the account has its key (`write_people`)."""

    add_label = _l("Add person")

    def __init__(self, label: Any = None, *, loader: ScopedLoader, **kw: Any) -> None:
        super().__init__(label, line=PeopleKind(loader), **kw)  # type: ignore[arg-type]  # it is asked for its form only

    def populate_obj(self, obj: Any, name: str) -> None:
        """A new account has no key yet: `write_people` follows when it has."""
        obj.people_field = self

    def changes(self) -> list[Change]:
        """Those who are taken out first, so that nobody's place is taken twice."""
        changes = [each for each in self._wanted() if each.use is not each.seen]
        return sorted(changes, key=lambda each: each.use is not Use.NOTHING)

    def _wanted(self) -> Iterator[Change]:
        for entry in self.entries:
            key, is_gone = entry.form.id.data, getattr(entry, "_should_delete", False)
            was = _stood_there(key) if key else None
            if entry not in self.kept and not (was and is_gone):
                continue
            user = entry.form.user.data
            is_same = was is not None and user is not None and user.id == was[0].id
            if was is not None and (is_gone or not is_same):
                yield Change(was[0], Use.NOTHING, was[1])
            if not is_gone and user is not None:
                yield Change(user, entry.form.use.data, was[1] if was and is_same else Use.NOTHING)


def write_people(account: MailAccount) -> None:
    """What the form said about people, once the account has its key; raises Conflict or Invalid."""
    field: PeopleField | None = account.__dict__.pop("people_field", None)
    for change in field.changes() if field is not None else ():
        allow(account, change.user, change.use, seen=change.seen)


def _stood_there(key: str) -> tuple[User, Use]:
    """Whom the line named when it was shown, and for what."""
    number, _dash, word = key.partition("-")
    is_a_key = number.isdecimal() and len(number) < 19
    user = db.session.scalar(scoped(User).where(User.id == int(number))) if is_a_key else None
    if user is None or word not in list(Use):
        raise Conflict(_("A line was removed by somebody else in the meantime."))
    return user, Use(word)
