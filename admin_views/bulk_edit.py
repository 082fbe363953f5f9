"""New values for some fields of many records: the form, with the very fields of the record's own form."""

from typing import Any
from urllib.parse import quote

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_admin.form import BaseForm
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Select, func, select

from admin_views.bulk_fields import bulk_fields, is_yes_or_no
from admin_views.bulk_start import set_going
from admin_views.bulk_values import as_json
from admin_views.columns import Described
from admin_views.list_arguments import ListArguments
from admin_views.listing import in_scope
from admin_views.next_page import leave_for
from admin_views.reader_formats import language, number
from errors import Conflict, Forbidden
from models.base import db
from models.system.bulk_run import BulkDeed
from services.system.bulk.begin import MOST_AT_ONCE, begin

BULK_EDIT = "bulk_edit"
PREFIX = "new-"  # a column may be called like an argument of ours
OF_THE_PAGE = ("csrf_token", "sure", "set")


class BulkEditRoutes:
    """`/bulk-edit/` asks which fields get which values, and begins the run."""

    def selection(self: Any, asked: ListArguments) -> Select[Any]:
        """The rows that were chosen, or all that the list's address means."""
        if request.form.get("all") == "1":
            return asked.query.order_by(self.model.id)
        keys = [int(k) for k in request.form.getlist("rowid") if k.isdecimal() and len(k) < 19]
        query: Select[Any] = self.scoped().where(self.model.id.in_(keys))
        return query.order_by(self.model.id)

    def how_many(self: Any, chosen: Select[Any]) -> int:
        """How many were chosen; raises Conflict if there are none, or too many."""
        keys = chosen.with_only_columns(self.model.id).order_by(None).limit(MOST_AT_ONCE + 1)
        count = db.session.scalar(select(func.count()).select_from(keys.subquery())) or 0
        if not count:
            raise Conflict(_("Nothing was chosen."))
        if count > MOST_AT_ONCE:
            raise Conflict(_("At most %(most)d at once. Set a filter.", most=MOST_AT_ONCE))
        return count

    def keys_of(self: Any, chosen: Select[Any]) -> Select[Any]:
        """Their keys, for a statement that says itself whose they are."""
        return in_scope(chosen.with_only_columns(self.model.id))

    @expose("/bulk-edit/", methods=("POST",))
    def bulk_edit_view(self) -> ResponseReturnValue:
        """What the form of `ask_for_changes` posts."""
        return self.ask_for_changes()

    def ask_for_changes(self: Any) -> ResponseReturnValue:
        """The form, until it is complete; then the run begins."""
        self.require("edit")
        fields = bulk_fields(self) or abort(404)
        asked = ListArguments(self, request.args)
        chosen = self.selection(asked)
        count = self.how_many(chosen)
        picked = list(dict.fromkeys(request.form.getlist("set")))
        if not set(picked) <= fields.keys():
            raise Forbidden(_("Your role does not allow this."))
        is_sent = "sure" in request.form
        form = self._form_of(picked, sent=is_sent)
        if is_sent and picked and form.validate():
            changes = {name: as_json(form[name].data) for name in picked}
            run = begin(
                self.keys_of(chosen),
                screen=self.endpoint,
                deed=BulkDeed.EDIT,
                changes=changes,
                lang=language(),
            )
            return leave_for(set_going(run, back=asked.url()))
        problem = _("Choose at least one field.") if is_sent and not picked else None
        page = self._page_of_changes(fields, picked, form, count, problem)
        return page, 422 if is_sent else 200

    def _form_of(self: Any, names: list[str], *, sent: bool) -> Any:
        """The fields of these names as the record's form has them, and nothing else."""
        fields = {name: getattr(self._edit_form_class, name) for name in names}
        return type("BulkForm", (BaseForm,), fields)(request.form if sent else None, prefix=PREFIX)

    def _page_of_changes(
        self: Any,
        fields: dict[str, Described],
        picked: list[str],
        form: Any,
        count: int,
        problem: str | None,
    ) -> str:
        others = self._form_of([name for name in fields if name not in picked], sent=False)
        shown = []
        for name in fields:
            field = form[name] if name in picked else others[name]
            shown.append((name, field, name in picked, is_yes_or_no(field)))
        query = request.query_string.decode("ascii", "ignore")
        back = ListArguments(self, request.args).url()
        words = number(count)
        return str(
            self.render(
                "admin/model/bulk_edit.html",
                dialog=request.headers.get("HX-Request") == "true",
                title=ngettext(
                    "Change a field of %(count)s record",
                    "Change a field of %(count)s records",
                    count,
                    count=words,
                ),
                page=_("Change a field"),
                fields=shown,
                prefix=PREFIX,
                problem=problem,
                action_url=f"{self.url}/bulk-edit/?{quote(query, safe='=&%+-._~,:')}",
                pairs=[
                    (key, value)
                    for key, value in request.form.items(multi=True)
                    if key not in OF_THE_PAGE and not key.startswith(PREFIX)
                ],
                return_url=back,
                button=ngettext(
                    "Change %(count)s record", "Change %(count)s records", count, count=words
                ),
            )
        )
