"""Cells: one formatter a column, chosen once a page, so that a row costs little more than its text."""

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup, escape

from admin_views import reader_formats as reader
from admin_views.code_words import language_name
from admin_views.columns import Described
from admin_views.file_field import shown_file, url_of
from admin_views.hours_field import hours_in_words
from admin_views.state_badges import LOOKS, icon, state_badge
from models.states import state_word
from services.people.tax_ids import plain_name, shown_tax_id

Formatter = Callable[[Any], Any]
NOTHING = Markup('<span class="dim">—</span>')
LONG = 40


def formatter_of(column: Described) -> Formatter:
    """Turns a record into what a person reads in this column; text is escaped by whoever prints it."""
    name = column.name
    show = _shower(column)

    def cell(record: Any) -> Any:
        value = getattr(record, name)
        return NOTHING if value is None or value == "" else show(value, record)

    return cell


def _shower(column: Described) -> Callable[[Any, Any], Any]:
    """Chooses by widget first, then by kind; who reads is asked once, not in every cell."""
    lang, this_year = reader.language(), reader.today().year
    by_widget: dict[str | None, Callable[[Any, Any], Any]] = {
        "language": lambda value, _record: language_name(value),
        "tax_id_type": lambda value, _record: plain_name(value),
        "url": lambda value, _record: link(value, value),
        "email": lambda value, _record: clipped(value),
        "hours": lambda value, _record: hours_in_words(value),
    }
    if column.widget in by_widget:
        return by_widget[column.widget]
    if column.name == "tax_id":
        return lambda value, record: tax_id_cell(value, getattr(record, "tax_id_type", None))
    by_kind: dict[str, Callable[[Any, Any], Any]] = {
        "enum": lambda value, _record: (
            state_badge(value, lang) if value in LOOKS else state_word(value)
        ),
        "yes_no": lambda value, _record: yes_no(value),
        "date": lambda value, _record: day_cell(value, lang, this_year),
        "moment": lambda value, _record: moment_cell(value),
        "number": lambda value, _record: reader.number(value, lang=lang),
        "whole": lambda value, _record: str(value),
        "json": lambda value, _record: json_cell(value),
        "list": lambda value, _record: words_of(value, column),
        "relation": lambda value, _record: clipped(str(value)),
        "file": lambda value, record: shown_file(record, value, url_of(record, column.name)),
        "text": lambda value, _record: clipped(value),
    }
    if column.kind == "money":
        currency = column.info["money"]
        return lambda value, record: money_cell(value, getattr(record, currency), lang=lang)
    return by_kind[column.kind]


def money_cell(
    value: Any, currency: str | None, *, code: bool = True, lang: str | None = None
) -> Markup:
    """An amount with its currency as a small grey code, unless that stands beside it already."""
    after = f'<span class="cur">{escape(currency)}</span>' if currency and code else ""
    text = reader.amount(value, currency, lang)
    return Markup(f'<span class="num">{text}{after}</span>')  # nosec B704


def tax_id_cell(value: str, kind: str | None) -> Markup:
    """A tax id as its country writes it, in one piece."""
    return Markup('<span class="num">{}</span>').format(shown_tax_id(value, kind))


def day_cell(value: Any, lang: str | None = None, this_year: int | None = None) -> Markup:
    text = reader.day(value, lang, this_year)
    return Markup(f'<time class="num" datetime="{value.isoformat()}">{text}</time>')  # nosec B704


def moment_cell(value: Any) -> Markup:
    return Markup('<time class="num" datetime="{}" title="{}">{}</time>').format(
        value.isoformat(), reader.full_moment(value), reader.moment(value)
    )


def yes_no(value: bool) -> Markup:
    """A check or a dash, with the word for those who cannot see it."""
    word = _("Yes") if value else _("No")
    sign = icon("check") if value else Markup('<span class="dim" aria-hidden="true">–</span>')
    return Markup('{}<span class="visually-hidden">{}</span>').format(sign, word)


def clipped(text: str) -> Any:
    """A long text in one line, whole in its title."""
    return text if len(text) <= LONG else clip(text)


def clip(text: str) -> Markup:
    """One line, cut where there is no room, whole in its title."""
    safe = escape(text)
    return Markup(f'<span class="v-clip" title="{safe}">{safe}</span>')  # nosec B704


def link(text: str, url: str) -> Any:
    """A link, if it is one that a browser may follow."""
    if not url.startswith(("http://", "https://")):
        return text
    return Markup('<a href="{}" rel="noopener noreferrer">{}</a>').format(url, text)


def json_cell(value: Any) -> Markup:
    """An object as pairs, one a line."""
    if not isinstance(value, dict):
        return Markup("<code>{}</code>").format(value)
    pairs = [
        Markup("{}: {}").format(key, "—" if part is None else part) for key, part in value.items()
    ]
    return Markup("<br>").join(pairs)


def words_of(values: list[Any], column: Described) -> str:
    """What was chosen of several, in words."""
    choices = column.info.get("choices")
    if choices is None:
        return ", ".join(str(value) for value in values)
    return ", ".join(str(state_word(choices(value))) for value in values)


def css_of(columns: list[Described], title: str) -> list[str]:
    """The classes of a list's columns: on a phone a row folds to what matters."""
    taken: set[str] = set()
    css = []
    for position, column in enumerate(columns):
        kind = column.kind
        if position == 0:
            wanted = "c-id"
        elif kind in ("relation", "text") and "c-who" not in taken:
            wanted = "c-who"
        elif kind == "money":
            wanted = "c-amt r" if "c-amt r" not in taken else "c-x r"
        elif kind == "number":
            wanted = "c-x r num"
        elif column.enum is not None and "c-st" not in taken:
            wanted = "c-st"
        elif column.enum is not None and "c-st2" not in taken:
            wanted = "c-st2"
        else:
            wanted = "c-x"
        taken.add(wanted)
        css.append(wanted)
    return css
