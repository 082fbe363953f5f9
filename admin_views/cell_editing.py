"""One cell of a list, edited in its place: rights, scope and lock are the same as in the form."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import Response, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_admin.form import BaseForm
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from admin_views.bulk_start import can_be_undone, run_url
from admin_views.bulk_values import held
from admin_views.columns import Described, visible
from admin_views.list_arguments import ListArguments
from admin_views.reader_formats import language
from admin_views.saving import NotSaved, save
from models.base import db
from services.system.bulk.begin import keep_cell


class CellRoutes:
    """`/cell/` gives the field and takes its value."""

    def is_cell_editable(self: Any, column: Described) -> bool:
        return bool(
            column.info.get("inline_edit")
            and column.kind != "file"  # it is chosen in the form
            and not column.is_readonly
            and self.allows("edit")
            and self.allows("edit", column.name)
        )

    @expose("/cell/", methods=("GET", "POST"))
    def cell_view(self: Any) -> ResponseReturnValue:
        """GET shows the field in the cell; POST saves and answers with the row, or with the field and its error."""
        name = request.values.get("f", "")
        column = visible(self.model).get(name)
        self.require("edit", name)
        if column is None or not self.is_cell_editable(column):
            abort(404)
        record = self.find(request.values.get("id"))
        if self.is_frozen(record):
            abort(409)
        field = getattr(self._edit_form_class, name)
        posted = request.method == "POST" and not request.form.get("cancel")
        form = type("Cell", (BaseForm,), {name: field})(
            request.form if posted else None, obj=record
        )
        before = {name: held(record, column)}
        error = self._save_cell(form, record, name) if posted else None
        if request.method == "POST" and error is None:
            answer = self._whole_row(record)
            if posted and before != (after := {name: held(record, column)}):
                self._offer_undo(answer, record, before, after)
            return answer
        return render_template(
            "admin/model/_cell.html",
            field=form[name],
            row_id=record.id,
            version=getattr(record, "version", ""),
            name=name,
            cell_url=f"{self.url}/cell/",
            error=error,
        )

    def _save_cell(self: Any, form: Any, record: Any, name: str) -> str | None:
        """None if it was saved, else the reason."""
        if self.has_version and request.form.get("v") != str(record.version):
            return _("Somebody else changed this record. Load the list again.")
        if not form.validate():
            return " ".join(map(str, form[name].errors))
        try:
            save(form, record, self, is_new=False)
        except NotSaved as refusal:
            return " ".join([*refusal.sentences, *map(str, form[name].errors)])
        return None

    def _offer_undo(
        self: Any, answer: Response, record: Any, before: dict[str, Any], after: dict[str, Any]
    ) -> None:
        """Keep what was there, and have the page show a toast with a way back."""
        run = keep_cell(
            screen=self.endpoint,
            target_id=record.id,
            before=before,
            after=after,
            lang=language(),
        )
        db.session.commit()
        toast = {"text": _("“%(name)s” was saved.", name=str(record))}
        if can_be_undone(run):
            toast["undo"] = run_url(run, "undo")
        answer.headers["HX-Trigger"] = json.dumps({"toast": toast})

    def _whole_row(self: Any, record: Any) -> Response:
        """The version changed too, so the whole row is drawn again."""
        here = urlsplit(request.headers.get("HX-Current-URL", ""))
        asked = ListArguments(self, MultiDict(parse_qsl(here.query)))
        self.complete_rows([record])
        html = render_template(
            "admin/model/_rows.html",
            rows=self.rows_of([record], asked.columns),
            actions=self.batch_actions(),
            door=f"{self.url}/",
            ret="",
        )
        answer = make_response(html)
        answer.headers["HX-Retarget"] = f"#r{record.id}"
        answer.headers["HX-Reswap"] = "outerHTML"
        return answer

    def editable_cell(self: Any, column: Described, cell: Any) -> Any:
        """The same cell as a link that opens the field; without script it leads to the form."""
        url = self.url

        def linked(record: Any) -> Any:
            if self.is_frozen(record):
                return cell(record)
            address = f"{url}/cell/?id={record.id}&f={column.name}"
            return Markup(
                '<a class="v-edit" href="{}/edit/?id={}" hx-get="{}" hx-target="closest td"'
                ' hx-swap="innerHTML" hx-push-url="false" title="{}">{}</a>'
            ).format(url, record.id, address, _("Change"), cell(record))

        return linked
