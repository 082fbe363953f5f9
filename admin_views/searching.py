"""Search in the columns that their model marks with `search`, whatever case and accents."""

from typing import Any

from sqlalchemy import Select, Text, func, inspect, or_

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


def searched(query: Select[Any], model: type[Any], text: str) -> Select[Any]:
    """The rows in which every word of `text` occurs; columns that are stored folded use their trigram index."""
    columns = inspect(model).columns
    for word in text.split()[:MOST_WORDS]:
        literal = word.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
        pattern = func.fold(f"%{literal}%")
        hits = []
        for name in searched_names(model):
            computed = columns[name].computed
            is_folded = computed is not None and "fold(" in str(computed.sqltext)
            value = getattr(model, name)
            hits.append((value if is_folded else func.fold(value)).like(pattern))
        if hits:
            query = query.where(or_(*hits))
    return query
