"""Export of the present view: the same rows, columns and order, streamed, safe against formulas."""

import json
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, BinaryIO

from flask import Response, abort, request, stream_with_context
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy.orm import joinedload

from admin_views import reader_formats as reader
from admin_views.columns import Described
from admin_views.formatters import words_of
from admin_views.list_arguments import ListArguments
from admin_views.stored_files import file_of, look_up
from files.sheet_writing import csv_chunks, write_xlsx
from models.base import db
from models.states import state_word
from models.tenancy import Scope, current_scope, enter

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
ROWS_AT_ONCE = 1_000
CHUNK = 64 * 1024


class ExportRoutes:
    """`/export/<kind>/` with the arguments of the list."""

    def export_links(self: Any, asked: ListArguments) -> list[dict[str, str]]:
        """The kinds of file, for those who may export."""
        if not self.allows("export"):
            return []
        query = asked.url().partition("?")[2]
        end = f"?{query}" if query else ""
        return [{"label": kind.upper(), "url": f"{self.url}/export/{kind}/{end}"} for kind in KINDS]

    @expose("/export/<export_type>/")
    def export(self: Any, export_type: str) -> ResponseReturnValue:
        """The rows of the list as a file."""
        self.require("export")
        if export_type not in KINDS:
            abort(404)
        asked = ListArguments(self, request.args)
        columns = [column for column in asked.columns if self.may_see(column)]
        header = [str(column.label) for column in columns]
        rows = self._values(asked, columns, current_scope())
        mark = "," if reader.language() == "es" else "."
        if export_type == "csv":
            body: Any = csv_chunks(header, rows, decimal_mark=mark)
        elif export_type == "json":
            body = _json_chunks([column.name for column in columns], rows)
        else:
            body = _xlsx_chunks(header, rows, str(self.info.plural))
        response = Response(stream_with_context(body), mimetype=None)
        response.headers["Content-Type"] = KINDS[export_type]
        name = f"{self.endpoint}.{export_type}"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def _values(
        self: Any, asked: ListArguments, columns: list[Described], scope: Scope
    ) -> Iterator[list[Any]]:
        """The rows one by one from a server-side cursor; memory stays flat."""
        enter(scope)  # the request's session ended when its answer began
        order = asked.order
        column, key = getattr(self.model, order.name), self.model.id
        by = [one.desc() if order.is_descending else one.asc() for one in (column, key)]
        loading = [
            joinedload(getattr(self.model, c.name)) for c in columns if c.relation is not None
        ]
        query = asked.query.options(*loading).order_by(*by)
        readers = [self.export_value(column) for column in columns]
        result = db.session.execute(query.execution_options(yield_per=ROWS_AT_ONCE))
        for part in result.partitions():
            records = [row[0] for row in part]
            self.complete_rows(records)
            look_up(records, columns)
            for record in records:
                yield [read(record) for read in readers]
            for record in records:
                db.session.expunge(record)

    def export_value(self, column: Described) -> Any:
        """What a column gives to a file: numbers and dates as such, states as words."""
        name = column.name
        if column.kind == "file":
            return lambda record: file_name(record, getattr(record, name))
        if column.kind == "list":
            return lambda record: words_of(getattr(record, name) or [], column)
        return lambda record: plain_value(getattr(record, name))


def file_name(record: Any, sha256: str | None) -> str | None:
    """A file is told by its name."""
    file = file_of(record, sha256) if sha256 else None
    return file.name if file else sha256


def plain_value(value: Any) -> Any:
    """A value that a sheet can hold."""
    if value is None or (
        isinstance(value, bool | int | Decimal | str) and not isinstance(value, StrEnum)
    ):
        return value
    if isinstance(value, StrEnum):
        return str(state_word(value))
    if isinstance(value, datetime):
        return value.astimezone(reader.zone()).replace(tzinfo=None, microsecond=0)
    if isinstance(value, date):
        return value
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _json_chunks(names: list[str], rows: Iterator[list[Any]]) -> Iterator[bytes]:
    def plain(value: Any) -> Any:
        return value.isoformat() if isinstance(value, date | datetime) else str(value)

    yield b"["
    first = True
    for row in rows:
        line = json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False, default=plain)
        yield (b"\n" if first else b",\n") + line.encode()
        first = False
    yield b"\n]\n"


def _xlsx_chunks(header: list[str], rows: Iterator[list[Any]], title: str) -> Iterator[bytes]:
    with tempfile.TemporaryFile() as file:
        stream: BinaryIO = file
        write_xlsx(header, rows, stream, sheet_name=title)
        file.seek(0)
        while chunk := file.read(CHUNK):
            yield chunk
