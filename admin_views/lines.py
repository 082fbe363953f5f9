"""Lines of a record as a table in its form: `lines-<i>-<field>`, `lines-<i>-id`, and `del-lines-<i>` to take one out.

The order of i and gaps between them do not matter. Rows that nobody touched are ignored; rows that a form does not
mention stay as they are.
"""

import re
from collections.abc import Iterator
from typing import Any

from flask_admin.contrib.sqla.form import get_form
from flask_admin.form import BaseForm
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect
from wtforms import HiddenField
from wtforms.fields import FieldList, FormField
from wtforms.utils import unset_value

from admin_views.columns import described, lines_of
from admin_views.converter import Converter
from admin_views.lookups import ScopedLoader
from errors import Conflict
from models.base import db

MOST_LINES = 2_000
LIKE_A_TEXT = (
    "BooleanField",
    "HiddenField",
    "EnumField",
    "ChoiceField",
    "LookupField",
    "RolesField",
    "PrimaryField",
)


class LineForm:
    """What Flask-Admin's converter asks of a view, for one kind of line."""

    form_overrides: dict[str, Any] = {}
    form_choices: dict[str, Any] = {}

    def __init__(self, relation: Any) -> None:
        self.relation = relation
        self.model = relation.mapper.class_
        parent = {column.key for column in relation.remote_side}
        self.form_columns = [
            name
            for name, about in described(self.model).items()
            if not about.is_readonly
            and about.kind != "file"  # a line has no page from which to load it
            and name not in ("id", *parent)
            and not (about.relation is not None and about.relation.mapper is relation.parent)
        ]
        self._form_ajax_refs = {
            name: ScopedLoader(
                f"{relation.key}.{name}", inspect(self.model).relationships[name].mapper.class_
            )
            for name in self.form_columns
            if described(self.model)[name].relation is not None
        }

    @property
    def loaders(self) -> dict[str, ScopedLoader]:
        """The look-ups in these lines, by the name that a form asks for."""
        return {loader.name: loader for loader in self._form_ajax_refs.values()}

    def form_class(self) -> type[Any]:
        """The form of one line, with the line's key hidden in it."""
        form = get_form(
            self.model, Converter(db, self), base_class=BaseForm, only=self.form_columns
        )
        form.id = HiddenField()
        asked = {name: described(self.model)[name].info.get("width") for name in self.form_columns}
        form.widths = {name: width[0] for name, width in asked.items() if width}
        return form


class LinesField(FieldList):
    """The lines of one record."""

    add_label = _l("Add line")

    def __init__(self, label: Any = None, *, line: LineForm, blank: int = 1, **kw: Any) -> None:
        super().__init__(FormField(line.form_class()), label, **kw)
        self.line = line
        self.blank = blank

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Pairs what was sent with the stored row of the same key, never by position."""
        self.process_errors: list[str] = []
        self.entries: list[Any] = []
        self.last_index = -1
        rows = list(data) if data is not unset_value and data is not None else []
        self.object_data = rows
        if not formdata:
            for row in rows:
                self._add_entry(None, row)
            return
        own = {str(row.id): row for row in rows}
        prefix = self.name
        for index in sorted(set(self._extract_indices(prefix, formdata)))[:MOST_LINES]:
            key = formdata.get(f"{prefix}-{index}-id", "")
            entry = self._add_entry(formdata, own.get(key, unset_value), index=index)
            entry._should_delete = f"del-{entry.id}" in formdata
            entry.is_untouched = not entry.form.id.data and self._is_untouched(entry, formdata)

    def _extract_indices(self, prefix: str, formdata: Any) -> Iterator[int]:
        """Plain numbers only: `²` and a number of 5,000 digits are names of nothing."""
        numbered = re.compile(rf"{re.escape(prefix)}-([0-9]{{1,9}})-")
        return (int(found[1]) for name in formdata if (found := numbered.match(name)))

    def _is_untouched(self, entry: Any, formdata: Any) -> bool:
        blank = {
            f.short_name: f._value() for f in self.template_row().form if f.type not in LIKE_A_TEXT
        }
        texts = [field for field in entry.form if field.short_name in blank]
        chosen = [field for field in entry.form if field.type == "LookupField" and field.asked]
        same = all(
            (formdata.get(field.name) or "").strip() in ("", blank[field.short_name])
            for field in texts
        )
        return same and not chosen

    @property
    def kept(self) -> list[Any]:
        """The entries that count."""
        return [
            entry
            for entry in self.entries
            if not getattr(entry, "_should_delete", False)
            and not getattr(entry, "is_untouched", False)
        ]

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        found = [entry.errors for entry in self.kept if not entry.validate(form)]
        self.errors = found
        return not found

    def template_row(self) -> Any:
        """A row that script copies; `__i__` stands for its number."""
        return self._unbound_row("__i__")

    def blank_rows(self) -> Iterator[Any]:
        """Rows that stand ready for those who work without script."""
        shown = [entry for entry in self.entries if getattr(entry, "is_untouched", False)]
        for number in range(self.blank if not shown else 0):
            yield self._unbound_row(str(self.last_index + 1 + number))

    def _unbound_row(self, index: str) -> Any:
        row = self.unbound_field.bind(form=None, name=f"{self.name}-{index}", _meta=self.meta)
        row.process(None)
        return row

    def populate_obj(self, obj: Any, name: str) -> None:
        """Change, add and take out; raises Conflict for a line that is not (or no longer) this record's."""
        rows = getattr(obj, name)
        own = {str(row.id): row for row in rows}
        for entry in self.entries:
            key = entry.form.id.data
            if key and key not in own:
                raise Conflict(_("A line was removed by somebody else in the meantime."))
            if key and getattr(entry, "_should_delete", False):
                rows.remove(own[key])
            elif entry in self.kept:
                row = own[key] if key else self.line.model()
                for field in entry.form:
                    if field.short_name != "id" and field.type != "CSRFTokenField":
                        field.populate_obj(row, field.short_name)
                if not key:
                    rows.append(row)


def line_forms(model: type[Any]) -> dict[str, LineForm]:
    """The kinds of lines of this model, by relation."""
    return {name: LineForm(relation) for name, relation in lines_of(model).items()}
