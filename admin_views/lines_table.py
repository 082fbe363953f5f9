"""The lines of any record as a table to read."""

from typing import Any

from admin_views.columns import Described, lines_of, visible
from admin_views.formatters import formatter_of
from admin_views.record_links import linked


def read_lines(model: type[Any], record: Any, name: str) -> dict[str, Any]:
    """Title, columns and rows; columns that are empty in every line are left out."""
    relation = lines_of(model)[name]
    lines = getattr(record, name)
    columns = [
        column
        for column in visible(relation.mapper.class_).values()
        if column.name not in ("id", "created_at", "updated_at")
        and not (column.relation is not None and column.relation.mapper is relation.parent)
        and column.kind != "file"
        and any(getattr(line, column.name) not in (None, "", []) for line in lines)
    ]
    css = [_place_of(column) for column in columns]
    return {
        "title": relation.info["label"],
        "columns": [(column.label, one) for column, one in zip(columns, css, strict=True)],
        "rows": [[_line_cell(line, column) for column in columns] for line in lines],
    }


def _line_cell(line: Any, column: Described) -> Any:
    shown = formatter_of(column)(line)
    return linked(getattr(line, column.name), shown) if column.relation is not None else shown


def _place_of(column: Described) -> str:
    """The classes of a column of lines: how wide it is, and that figures stand at the right."""
    if column.kind in ("money", "number"):
        return "f r num"
    return str(column.info.get("width", "m"))[0]
