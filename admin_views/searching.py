"""Search in the columns that their model marks with `search`, whatever case and accents."""

from typing import Any

from sqlalchemy import ColumnElement, Select, Text, func, inspect, or_

from admin_views.columns import search_columns

MOST_WORDS = 8


def searched_names(model: type[Any]) -> list[str]:
    """Where a search looks: the marked columns, or else the one that names a record."""
    marked = search_columns(model)
    if marked:
        return marked
    info = getattr(model, "__admin__", None)
    column = inspect(model).columns.get(info.title) if info is not None else None
    return [column.key] if column is not None and isinstance(column.type, Text) else []


def stored_folded(model: type[Any]) -> bool:
    """Whether the search runs on a column that is stored folded and has a trigram index."""
    columns = inspect(model).columns
    computed = [getattr(columns[name], "computed", None) for name in searched_names(model)]
    return bool(computed) and all(
        one is not None and "fold(" in str(one.sqltext) for one in computed
    )


def hits(model: type[Any], text: str) -> list[ColumnElement[bool]]:
    """That every word of `text` occurs."""
    is_folded = stored_folded(model)
    conditions = []
    for word in text.split()[:MOST_WORDS]:
        literal = word.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
        pattern = func.fold(f"%{literal}%")
        values = [getattr(model, name) for name in searched_names(model)]
        if not is_folded:
            values = [func.fold(value) for value in values]
        if values:
            conditions.append(or_(*(value.like(pattern) for value in values)))
    return conditions


def searched(query: Select[Any], model: type[Any], text: str) -> Select[Any]:
    """The rows in which every word of `text` occurs."""
    return query.where(*hits(model, text))
