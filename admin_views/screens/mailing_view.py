"""A list of documents as a mailing takes it over: its filters and its search, said again in words (S1-05)."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from admin_views.list_arguments import ListArguments
from models.base import db
from models.sales.document import Document, Invoice
from models.sales.statement import Statement

LISTED: tuple[type[Document], ...] = (Invoice, Statement)


@dataclass(frozen=True)
class ListView:
    """A narrowed list: of what, how it is written in an address, in words, and how many documents it shows."""

    model: type[Document]
    query: str
    words: list[tuple[str, str]]
    count: int


def view_in(url: str) -> ListView | None:
    """What a list's address narrows; None for the whole list: nobody means all invoices by accident."""
    path, query = urlsplit(url).path, urlsplit(url).query
    model = next((each for each in LISTED if _screen(each).list_url == path), Invoice)
    asked = _asked(query, model)
    if not asked.search and not asked.chosen:
        return None
    pairs = [(f"flt_{name}", value) for name, value in asked.chosen.items()]
    if asked.search:
        pairs.append(("search", asked.search))
    return view_called(urlencode(pairs), model)


def view_called(query: str, model: type[Document]) -> ListView:
    """The view behind what the form carries along."""
    asked = _asked(query, model)
    words = [
        (str(asked.available[name].label), str(asked.available[name].words(value)))
        for name, value in asked.chosen.items()
    ]
    if asked.search:
        words.append((_("Search"), _("“%(words)s”", words=asked.search)))
    count = select(func.count()).select_from(
        asked.query.with_only_columns(model.id).order_by(None).subquery()
    )
    return ListView(model, query, words, db.session.scalar(count) or 0)


def keys_in_view(query: str, model: type[Document]) -> list[int]:
    """The documents that the view shows now; none if it narrows nothing (any more)."""
    asked = _asked(query, model)
    if not asked.search and not asked.chosen:
        return []
    return list(db.session.scalars(asked.query.with_only_columns(model.id)))


def _asked(query: str, model: type[Document]) -> ListArguments:
    # Decoded a second time, so looked at a second time: no text of ours holds NUL.
    pairs = [(name, value.replace("\0", "")) for name, value in parse_qsl(query)]
    arguments: MultiDict[str, str] = MultiDict(pairs)
    return ListArguments(_screen(model), arguments)


def _screen(model: type[Document]) -> Any:
    """The list of these documents."""
    views = current_app.extensions["admin"][0].views
    return next(view for view in views if getattr(view, "model", None) is model)
