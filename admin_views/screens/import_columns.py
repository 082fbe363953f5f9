"""What the page of columns shows: what each column of the sheet is, and what it may be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from files.date_cells import DateOrder
from services.system.imports.fields import FIELD_LABELS, FIELDS, ImportSubject
from services.system.imports.runs import SheetColumn


@dataclass(frozen=True, kw_only=True)
class ColumnChoice:
    """A column of the sheet with the fields to choose from."""

    name: str
    heading: str
    samples: Sequence[str]
    choices: Sequence[tuple[str, str]]
    chosen: str
    tone: str
    icon: str
    word: str
    hint: str = ""


def column_guide() -> list[tuple[str, list[tuple[str, bool]]]]:
    """For each kind of sheet its columns, and whether they have to be there."""
    return [
        (str(label), [(field.name, field.required) for field in FIELDS[subject]])
        for subject, label in ImportSubject.labels().items()
    ]


def column_choices(
    columns: Sequence[SheetColumn], subject: ImportSubject, sent: Mapping[str, str]
) -> list[ColumnChoice]:
    """The columns with what was chosen for them, or is proposed."""
    choices = [(each.name, str(FIELD_LABELS[each.name])) for each in FIELDS[subject]]
    described = []
    for column in columns:
        name = f"column-{column.position}"
        chosen = sent.get(name, column.field or "")
        tone, icon, word = ("", "minus", _("Left out"))
        hint = ""
        if column.is_repeated:
            tone, icon, word = "warn", "alert-triangle", _("Decide")
            hint = _("Another column is read as this one, too.")
        elif chosen:
            tone, icon, word = "ok", "circle-check", _("Recognised")
        elif column.meant:
            tone, icon, word = "warn", "alert-triangle", _("Decide")
            hint = _("Did you mean “%(field)s”?", field=str(FIELD_LABELS[column.meant]))
        described.append(
            ColumnChoice(
                name=name,
                heading=column.heading,
                samples=column.samples or [_("(empty)")],
                choices=choices,
                chosen=chosen,
                tone=tone,
                icon=icon,
                word=word,
                hint=hint,
            )
        )
    return described


def date_orders() -> list[tuple[str, str, str]]:
    """How 03/04/2026 may be meant."""
    return [
        ("", _("As the file tells"), _("Day first, if it tells nothing")),
        (DateOrder.DAY_FIRST.value, _("Day/month/year"), _("03/04/2026 is 3 April")),
        (DateOrder.MONTH_FIRST.value, _("Month/day/year"), _("03/04/2026 is 4 March")),
    ]
