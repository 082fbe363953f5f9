"""The filter that fits a column."""

from admin_views.code_words import WORDS
from admin_views.columns import Described
from admin_views.filter_ranges import DateBetween, MomentBetween, NumberBetween
from admin_views.filters import (
    CodeIs,
    EnumIs,
    Filter,
    HasAnyOf,
    IsThere,
    RelationIs,
    TextContains,
    YesNo,
)
from admin_views.lookups import ScopedLoader


def filter_for(column: Described, loaders: dict[str, ScopedLoader]) -> Filter | None:
    """The filter that fits a column; texts only get one when their model asks for it."""
    asked = column.info.get("filter")
    if asked is False or column.is_secret:
        return None
    if column.kind == "relation":
        key = next(iter(column.relation.local_columns)).key
        loader = loaders.get(column.name)
        return RelationIs(column.name, column.label, loader, key) if loader else None
    if column.enum is not None:
        return EnumIs(column.name, column.label, column.enum)
    if column.is_formula and not asked:
        return None  # without an index it would be worked out for every row
    if column.kind == "list" and "choices" in column.info:
        return HasAnyOf(column.name, column.label, column.info["choices"])
    if column.widget in WORDS and asked:
        return CodeIs(column.name, column.label, WORDS[column.widget])
    kinds: dict[str, type[Filter]] = {
        "yes_no": YesNo,
        "date": DateBetween,
        "moment": MomentBetween,
        "money": NumberBetween,
        "number": NumberBetween,
        "file": IsThere,
    }
    if asked:
        kinds |= {"text": TextContains, "whole": NumberBetween}
    made = kinds.get(column.kind)
    return made(column.name, column.label) if made else None
