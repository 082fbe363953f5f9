"""What the grid of accounts sends: rows as typed, and whose they are. `r-17-smtp_host` is a cell of person 17."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from flask import request
from werkzeug.datastructures import MultiDict

from admin_views.identity import current_staff
from admin_views.screens.account_tabs import RESOURCE
from services.mailbox.account_cells import INCOMING, OUTGOING, PASSWORD, TypedRow
from services.mailbox.account_rows import Choice

FIELD = re.compile(r"r-([0-9]{1,18})-([a-z_]+)")
SIDES = {"outgoing": OUTGOING, "incoming": INCOMING}
KEPT_AS = {PASSWORD: "password_sealed"}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which part of the grid is asked for."""

    choice: Choice
    side: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The cells of this side that the role may edit."""
        rights = current_staff().rights
        return tuple(
            name
            for name in SIDES[self.side]
            if rights.allows(RESOURCE, "edit", KEPT_AS.get(name, name))
        )

    def arguments(self) -> dict[str, str]:
        """The address of this part."""
        choice = self.choice
        named = {
            "department": str(choice.department_id) if choice.department_id else "",
            "below": "" if choice.with_below else "0",
            "without": "1" if choice.only_without else "",
            "side": self.side if self.side != "outgoing" else "",
        }
        return {name: value for name, value in named.items() if value}


def asked() -> Asked:
    """What the address asks for; whatever makes no sense is left out."""
    department = request.args.get("department", "")
    side = request.args.get("side", "")
    return Asked(
        choice=Choice(
            department_id=_key(department),
            with_below=(request.args.getlist("below") or ["1"])[-1] != "0",
            only_without=request.args.get("without") == "1",
        ),
        side=side if side in SIDES else "outgoing",
    )


def typed_rows(columns: Sequence[str]) -> list[TypedRow]:
    """The rows of the form, in its order; cells that this role may not edit are not read."""
    cells: dict[int, dict[str, str]] = defaultdict(dict)
    form: MultiDict[str, str] = request.form
    for name, value in form.items():
        found = FIELD.fullmatch(name)
        if found:
            cells[int(found[1])][found[2]] = value
    return [
        TypedRow(
            user_id=key,
            made_from=row.get("from", ""),
            cells={name: row[name] for name in columns if name in row},
            prints=dict(zip(columns, row.get("prints", "").split("."), strict=False)),
            forgets=PASSWORD in columns and row.get("forget") == "1",
        )
        for key, row in cells.items()
    ]


def chosen_people() -> set[int]:
    """The people whose boxes are ticked."""
    return {key for text in request.form.getlist("rowid") if (key := _key(text)) is not None}


def _key(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
