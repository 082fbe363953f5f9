"""What the address of a list asks for; list, export and batch read it the same way and so mean the same rows."""

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Select

from admin_views.columns import Described, sortable
from admin_views.filters import Filter
from admin_views.listing import Order, Position
from admin_views.searching import hits
from models.tenancy import current_scope

PLACE = {"after", "before", "last", "n"}
FROM_FORMS = {"add", "value", "col"}


class ListArguments:
    """What an address asks of a list; shared by list, export and batch, so that all three mean the same rows."""

    def __init__(self, screen: Any, arguments: Any) -> None:
        self.screen = screen
        self.arguments = arguments
        self.search = arguments.get("search", "").strip()[:200]
        self.order = self._order(arguments.get("sort", ""))
        self.position = Position(
            after=arguments.get("after"),
            before=arguments.get("before"),
            is_last=arguments.get("last") == "1",
        )

    @cached_property
    def available(self) -> dict[str, Filter]:
        return self.screen.filters()

    @cached_property
    def chosen(self) -> dict[str, str]:
        """The filters that are set and make sense, with their values."""
        found = {}
        for key, value in self.arguments.items():
            name = key.removeprefix("flt_")
            one = self.available.get(name) if key.startswith("flt_") else None
            if one is not None and len(value) <= 500 and one.is_valid(value):
                found[name] = value
        return found

    def _order(self, text: str) -> Order:
        order = Order.parse(text or self.screen.info.sort)
        if order.name not in sortable(self.screen.model):
            order = Order.parse(self.screen.info.sort)
        if order.name not in sortable(self.screen.model):
            order = Order("id", order.is_descending)
        return order

    @cached_property
    def narrowed(self) -> Select[Any]:
        """The rows that the filters leave over, in no order."""
        query: Select[Any] = self.screen.scoped()
        for name, value in self.chosen.items():
            query = self.available[name].apply(query, self.screen.model, value)
        return query

    @cached_property
    def query(self) -> Select[Any]:
        """The rows that filters and search leave over, in no order."""
        if not self.search:
            return self.narrowed
        return self.narrowed.where(*hits(self.screen.model, self.search))

    @property
    def meaning(self) -> tuple[Any, ...]:
        """Which rows these are, whatever their order, page and columns."""
        place = current_scope().organization_id
        return (self.screen.endpoint, place, self.search, *sorted(self.chosen.items()))

    @cached_property
    def shown(self) -> dict[str, Described]:
        """The columns that this reader may see."""
        return self.screen.shown_columns()

    @cached_property
    def columns(self) -> list[Described]:
        """The columns to show: those asked for, or those that the screen lists."""
        shown = self.shown
        asked = [name for name in self.arguments.get("cols", "").split(",") if name in shown]
        if asked:
            return [shown[name] for name in dict.fromkeys(asked)]
        names = self.screen.list_columns or [n for n, c in shown.items() if c.is_listed]
        return [shown[name] for name in names if name in shown]

    def pairs(self, *without: str) -> list[tuple[str, str]]:
        """The arguments that stay, as they stand in the address."""
        dropped = PLACE | FROM_FORMS | set(without)
        return [(k, v) for k, v in self.arguments.items(multi=True) if k not in dropped and v]

    def url(self, *without: str, **more: str) -> str:
        pairs = [(k, v) for k, v in self.pairs(*without) if k not in more]
        pairs += [(k, v) for k, v in more.items() if v]
        start: str = self.screen.list_url
        return f"{start}?{urlencode(pairs)}" if pairs else start
