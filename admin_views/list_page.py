"""The list of a screen: what the address asks for, and everything that its template needs."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape
from sqlalchemy.orm import joinedload

from admin_views.columns import Described, sortable
from admin_views.formatters import clip, css_of, formatter_of
from admin_views.list_arguments import ListArguments
from admin_views.listing import Count, Order, count_of, page_of, remembered
from admin_views.pager import first_number, pager_of, said
from admin_views.search_plan import planned
from admin_views.searching import searched_names
from admin_views.stored_files import look_up
from admin_views.within_sentence import within


@dataclass(frozen=True)
class Tab:
    """A view of the list: a label and the arguments of its address."""

    label: Any
    arguments: dict[str, str]
    tone: str = ""


class ListRoutes:
    """The list and what its parts ask for."""

    @property
    def list_url(self: Any) -> str:
        return f"{self.url}/"

    @expose("/")
    def index_view(self: Any) -> ResponseReturnValue:
        """A page of the list; only the table when htmx asks for it."""
        asked = ListArguments(self, request.args)
        if "add" in request.args or "col" in request.args:
            return redirect(self._canonical(asked))
        context = self._list_context(asked)
        part = request.headers.get("HX-Target") == "list"
        template = "admin/model/_table.html" if part else self.list_template_name
        return make_response(self.render(template, **context))

    list_template_name = "admin/model/list.html"

    def _canonical(self: Any, asked: ListArguments) -> str:
        """Forms send `add` and `value`, or several `col`; addresses say `flt_<name>` and `cols`."""
        if request.args.getlist("col"):
            return asked.url(cols=",".join(request.args.getlist("col")))
        name = request.args.get("add", "")
        one = asked.available.get(name)
        value = one.value_of(request.args.getlist("value")) if one is not None else ""
        return asked.url(**{f"flt_{name}": value}) if value else asked.url()

    @expose("/filter-value/")
    def filter_value(self: Any) -> ResponseReturnValue:
        """The control for the value of a filter."""
        one = self.filters().get(request.args.get("add", ""))
        if one is None:
            return "", 404
        lookup = f"{self.url}/ajax/lookup/?name={one.name}"
        return render_template(
            "admin/model/_filter_value.html",
            filter={
                "label": one.label,
                "type": one.control,
                "options": one.options(),
                "lookup": lookup,
            },
        )

    def _list_context(self: Any, asked: ListArguments) -> dict[str, Any]:
        query, count = planned(asked)
        query = query.options(*self.list_loading(asked.columns))
        page = page_of(query, self.model, asked.order, asked.position, self.page_size)
        self.complete_rows(page.rows)
        number = first_number(asked, page)
        alone = number == 1 and not page.has_next and not page.has_previous
        if alone:
            count = Count(len(page.rows), "exact")
        count = count or remembered(asked.meaning, lambda: count_of(asked.query, self.model))
        columns = asked.columns
        back = "&url=" + quote(_here(asked), safe="")
        plural = str(self.info.plural)
        return {
            "title": plural,
            "list_url": self.list_url,
            "query": urlencode(asked.pairs()),
            "caption": _("%(what)s, by %(column)s", what=plural, column=_label(asked)),
            "tabs": self._tabs(asked, count),
            "search_value": asked.search,
            "search_placeholder": self._search_placeholder(),
            "keep": asked.pairs("search"),
            "chips": [
                {
                    "label": asked.available[name].label,
                    "value": asked.available[name].words(value),
                    "url": asked.url(f"flt_{name}"),
                }
                for name, value in asked.chosen.items()
            ],
            "filters": [
                (n, one.label) for n, one in asked.available.items() if n not in asked.chosen
            ],
            "filter_value_url": f"{self.url}/filter-value/",
            "column_choices": [
                (name, column.label, column in columns) for name, column in asked.shown.items()
            ],
            "columns": self._heads(asked, columns),
            "rows": self.rows_of(page.rows, columns, back),
            "door": f"{self.url}/",
            "ret": back,
            "actions": self.batch_actions(),
            "action_url": f"{self.url}/action/",
            "all_matching": said(count) if not alone and page.rows else None,
            "pager": pager_of(asked, page, count, number) if not alone or page.rows else None,
            "is_filtered": bool(asked.search or asked.chosen),
            "clear_url": self.list_url,
            "empty": self._empty(),
            "row_menu": self.row_menu(),
            "create_url": f"{self.url}/new/" if self.allows("create") else None,
            "create_label": self.create_label(),
            "import_url": self.import_url(),
            "exports": self.export_links(asked),
        }

    import_subject: str | None = None  # what a sheet of such records is called (`imports.new`)

    def import_url(self: Any) -> str | None:
        """Where an import of such records begins, for who may."""
        may = self.import_subject and self.allows("import")
        return url_for("imports.new", subject=self.import_subject) if may else None

    def list_loading(self: Any, columns: list[Described]) -> list[Any]:
        """What to load along with the rows: the relations that are shown; subclasses say it more narrowly."""
        shown = [column.name for column in columns if column.relation is not None]
        return [joinedload(getattr(self.model, name)) for name in shown]

    def complete_rows(self, rows: list[Any]) -> None:
        """Give the rows of a page what their extra columns show, in one query."""

    all_words: Any = _l("All of them")

    def tabs(self) -> tuple[Tab, ...]:
        """Views that one often needs."""
        return ()

    def _tabs(self: Any, asked: ListArguments, count: Count) -> list[dict[str, Any]]:
        declared = self.tabs()
        if not declared:
            return []
        now = dict(asked.pairs("cols"))
        tabs = []
        for tab in (Tab(self.all_words, {}), *declared):
            current = tab.arguments == now
            url = f"{self.list_url}?{urlencode(tab.arguments)}" if tab.arguments else self.list_url
            tabs.append(
                {
                    "label": tab.label,
                    "url": url,
                    "is_current": current,
                    "count": said(count) if current and tab.arguments else None,
                    "tone": tab.tone,
                }
            )
        return tabs

    def _search_placeholder(self: Any) -> str | None:
        if not searched_names(self.model):
            return None
        return str(self.search_words) if self.search_words else _("Search…")

    def _heads(self: Any, asked: ListArguments, columns: list[Described]) -> list[dict[str, Any]]:
        heads = []
        can_sort = sortable(self.model)
        for column, css in zip(columns, css_of(columns, self.info.title), strict=True):
            sorted_now = asked.order.name == column.sort_name
            head: dict[str, Any] = {"label": column.label, "css": css, "sorted": None}
            if column.sort_name in can_sort:
                down = asked.order.is_descending if sorted_now else True
                turned = Order(column.sort_name, not down)
                head["sort_url"] = asked.url("sort", sort=str(turned))
                if sorted_now:
                    head["sorted"] = "descending" if down else "ascending"
            heads.append(head)
        return heads

    def rows_of(
        self: Any, records: list[Any], columns: list[Described], back: str = ""
    ) -> list[tuple[Any, ...]]:
        """Rows as the template prints them, without escaping again: key, name, cells, refused entries, amount."""
        css = css_of(columns, self.info.title)
        # The first one is the link to the record, so it is not edited in its place.
        cells = [self.cell_of(columns[0]), *(self._list_cell(each) for each in columns[1:])]
        door = f"{self.url}/details/?id="
        look_up(records, columns)
        rows = []
        for record in records:
            shown = []
            for position, (klass, cell) in enumerate(zip(css, cells, strict=True)):
                value = cell(record)
                if type(value) is not Markup:
                    value = clip(str(value)) if klass == "c-who" else escape(value)
                if position == 0:
                    href = f"{door}{record.id}{back}"
                    value = Markup(f'<a class="id" href="{href}">{escape(value)}</a>')  # nosec B704
                shown.append((klass, value))
            name, refused = escape(str(record)), self.refused_entries(record)
            rows.append((record.id, name, shown, refused, self.amount_of(record)))
        return rows

    def amount_of(self, record: Any) -> tuple[str, str] | None:
        """What the selection bar adds up: an amount and its currency."""
        return None

    def _list_cell(self: Any, column: Described) -> Any:
        cell = self.cell_of(column)
        return self.editable_cell(column, cell) if self.is_cell_editable(column) else cell

    def cell_of(self, column: Described) -> Any:
        """What makes the cells of a column; subclasses say something different."""
        return formatter_of(column)

    def _empty(self: Any) -> dict[str, Any]:
        actions = []
        if self.allows("create"):
            actions.append(
                {"label": self.create_label(), "url": f"{self.url}/new/", "icon": "plus"}
            )
        return {
            "title": _("There is nothing here yet"),
            "text": _("What you create or import appears in this list."),
            "actions": actions,
        }

    def create_label(self: Any) -> str:
        return _("New %(what)s", what=within(self.info.label))


def _label(asked: ListArguments) -> str:
    for column in asked.shown.values():
        if column.sort_name == asked.order.name:
            return str(column.label)
    return _("key")


def _here(asked: ListArguments) -> str:
    pairs = list(asked.arguments.items(multi=True))
    return f"{asked.screen.list_url}?{urlencode(pairs)}" if pairs else asked.screen.list_url
