"""The ways from a level of header, signature and footer to the others."""

from flask_babel import gettext as _

from admin_views.screens.account_letterhead_form import Desk, key_of
from services.mailbox.account_rows import Choice
from services.mailbox.letterheads import LevelKind


def levels_to(desk: Desk) -> list[tuple[str, str, str, bool]]:
    """The way from the company to the level and on to its first person, as (icon, label, key, is it this one)."""
    icons = {
        LevelKind.ORGANIZATION: "building",
        LevelKind.DEPARTMENT: "users",
        LevelKind.USER: "user",
    }
    words = {
        LevelKind.ORGANIZATION: _("Company"),
        LevelKind.DEPARTMENT: _("Department"),
        LevelKind.USER: _("User"),
    }
    way = [*reversed(desk.letterheads.above(desk.level)), desk.level]
    further = []
    if desk.level.kind is LevelKind.ORGANIZATION and (departments := desk.tree.entries()):
        first = departments[0].department
        further.append((LevelKind.DEPARTMENT, f"d{first.id}"))
    if desk.level.kind is not LevelKind.USER and (person := desk.person()):
        further.append((LevelKind.USER, f"u{person.id}"))
    steps = [
        (
            icons[each.kind],
            f"{words[each.kind]}: {each.name}" if each.name else str(words[each.kind]),
            key_of(each),
            each == desk.level,
        )
        for each in way
    ]
    return steps + [(icons[kind], str(words[kind]), key, False) for kind, key in further]


def choices_of(desk: Desk) -> list[tuple[str, list[tuple[str, str]]]]:
    """All levels in groups, for the list to choose from."""
    departments = [
        (f"d{each.department.id}", "\u2003" * each.depth + each.department.name)
        for each in desk.tree.entries()
    ]
    people = [(f"u{row.user.id}", row.user.name) for row in desk.rows.chosen(Choice())]
    return [
        (_("Company"), [("o", _("The whole company"))]),
        (_("Departments"), departments),
        (_("Users"), people),
    ]
