"""Who may do what: the role matrix, asked per resource, action and field; nothing is allowed by default."""

from dataclasses import dataclass, field

from flask_babel import gettext as _
from sqlalchemy import select

from errors import Forbidden
from models.base import db
from models.people.role import Permission

ANY = "*"


@dataclass(frozen=True)
class Rights:
    """The permissions of one role; a denial beats every grant."""

    granted: frozenset[tuple[str, str, str | None]] = field(default_factory=frozenset)
    denied: frozenset[tuple[str, str, str | None]] = field(default_factory=frozenset)

    def allows(self, resource: str, action: str, field_name: str | None = None) -> bool:
        """Whether `action` on `resource` (a table's name) is allowed, for one field if it is named."""
        fields = (field_name, None) if field_name else (None,)
        asked = [(r, a, f) for r in (resource, ANY) for a in (action, ANY) for f in fields]
        return self.denied.isdisjoint(asked) and not self.granted.isdisjoint(asked)

    def require(self, resource: str, action: str, field_name: str | None = None) -> None:
        """Raise Forbidden unless it is allowed."""
        if not self.allows(resource, action, field_name):
            raise Forbidden(_("Your role does not allow this."))


NO_RIGHTS = Rights()
ALL_RIGHTS = Rights(granted=frozenset({(ANY, ANY, None)}))


def rights_of_role(role_id: int) -> Rights:
    """The role's row of the matrix."""
    rows = db.session.execute(
        select(Permission.denied, Permission.resource, Permission.action, Permission.field).where(
            Permission.role_id == role_id
        )
    )
    rights = {True: set(), False: set()}  # type: dict[bool, set[tuple[str, str, str | None]]]
    for is_denied, resource, action, field_name in rows:
        rights[is_denied].add((resource, action, field_name))
    return Rights(granted=frozenset(rights[False]), denied=frozenset(rights[True]))
