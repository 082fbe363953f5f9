"""The files in a record's columns, for who may see the record and the column."""

from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_admin import expose

from admin_views.columns import visible
from admin_views.stored_files import download, file_of


class FileRoutes:
    """`/file/?id=…&f=…`."""

    @expose("/file/")
    def file_view(self: Any) -> ResponseReturnValue:
        """The file in a column of a record, to be kept."""
        column = visible(self.model).get(request.args.get("f", ""))
        record = self.find(request.args.get("id"))
        if column is None or column.kind != "file" or not self.may_see(column):
            abort(404)
        sha256 = getattr(record, column.name) or abort(404)
        file = file_of(record, sha256)
        return download(
            sha256,
            name=file.name if file else column.name,
            media_type=file.media_type if file else "application/octet-stream",
        )
