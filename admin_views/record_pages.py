"""A record's pages: to read, to make, to change."""

from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from markupsafe import Markup

from admin_views.columns import Described, described, lines_of, visible
from admin_views.conflict import arm, conflict_of
from admin_views.file_field import sent_form, tell_record
from admin_views.formatters import NOTHING
from admin_views.history import history_of
from admin_views.identity import current_staff
from admin_views.lines import LinesField
from admin_views.lines_table import read_lines
from admin_views.next_page import is_inside
from admin_views.record_links import linked
from admin_views.saving import NotSaved, save
from admin_views.state_badges import LOOKS, state_badge
from errors import Conflict

HIDDEN = ("row_version", "row_base", "row_asked")


class RecordRoutes:
    """Details, form of a new record, form of a record."""

    @expose("/details/")
    def details_view(self: Any) -> ResponseReturnValue:
        """A record to read."""
        return self.details_of(self.find(request.args.get("id")))

    def details_of(self: Any, record: Any, **more: Any) -> str:
        """The page of a record, with `more` for its template."""
        context = self.record_context(record)
        context["groups"] = self.groups_of(record)
        context["lines"] = [self.lines_table(record, name) for name in lines_of(self.model)]
        return str(self.render(self.details_template_name, **{**context, **more}))

    details_template_name = "admin/model/details.html"
    edit_template_name = "admin/model/edit.html"
    create_template_name = "admin/model/create.html"

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self: Any) -> ResponseReturnValue:
        """A form for a new record."""
        self.require("create")
        form = self._create_form_class(sent_form() if request.method == "POST" else None)
        self._without_forbidden(form, "create")
        if request.method != "POST":
            self.prefill(form)
        problems: list[str] = []
        if request.method == "POST":
            problems, record = self._try_to_create(form)
            if record is not None:
                return self.created(record)
        context = {
            "title": self.create_label(),
            "page": self.create_label(),
            "return_url": self.return_url(),
            "history": None,
            **self._form_context(form, problems),
        }
        refused = request.method == "POST"
        return self.render(self.create_template_name, **context), 422 if refused else 200

    def prefill(self, form: Any) -> None:
        """Values that a new record most likely has: those of the company."""
        company = current_staff().organization
        for name, usual in (("currency", "base_currency"), ("lang", "default_lang")):
            if company is not None and name in form and not form[name].flags.optional:
                form[name].data = getattr(company, usual)

    def created(self: Any, record: Any) -> ResponseReturnValue:
        """What follows a new record: its page."""
        flash(_("“%(name)s” was created.", name=str(record)))
        return redirect(self.record_url(record))

    def _try_to_create(self: Any, form: Any) -> tuple[list[str], Any]:
        if not form.validate():
            return [], None
        record = self.model()
        try:
            save(form, record, self, is_new=True)
        except NotSaved as refusal:
            return refusal.sentences, None
        return [], record

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self: Any) -> ResponseReturnValue:
        """The form of a record."""
        self.require("edit")
        record = self.find(request.args.get("id"))
        if self.is_frozen(record):
            return self._frozen(record)
        posted = request.method == "POST"
        form = self._edit_form_class(sent_form() if posted else None, obj=record)
        tell_record(form, record)
        self._without_forbidden(form, "edit")
        problems: list[str] = []
        conflict = None
        if posted:
            if self.has_version:
                fresh = self._edit_form_class(None, obj=record)
                tell_record(fresh, record)
                conflict = conflict_of(form, fresh, record)
            if conflict is None and form.validate():
                try:
                    save(form, record, self, is_new=False)
                except NotSaved as refusal:
                    problems = refusal.sentences
                    record = self.find(request.args.get("id"))
                else:
                    flash(_("“%(name)s” was saved.", name=str(record)))
                    return redirect(self.record_url(record))
        elif self.has_version:
            arm(form, record)
        context = {
            **self.record_context(record),
            **self._form_context(form, problems),
            "conflict": conflict,
        }
        status = (409 if conflict else 422) if posted else 200
        return self.render(self.edit_template_name, **context), status

    def _frozen(self: Any, record: Any) -> ResponseReturnValue:
        """What does not change any more is shown, not edited."""
        if request.method == "POST":
            raise Conflict(_("This record does not change any more."))
        return redirect(self.record_url(record))

    # -- what the templates need ---------------------------------------------------------------

    def _without_forbidden(self: Any, form: Any, action: str) -> None:
        """Fields that the role may not write are not there, whatever is posted."""
        for name in list(form._fields):
            if name not in HIDDEN and not self.allows(action, name):
                del form._fields[name]

    def _form_context(self: Any, form: Any, problems: list[str]) -> dict[str, Any]:
        return {
            "form": form,
            "form_blocks": self.form_blocks(form),
            "wide": {n for n, one in described(self.model).items() if one.info.get("wide")},
            "form_errors": problems,
            "refused": request.method == "POST",
            "conflict": None,
        }

    def form_blocks(self: Any, form: Any) -> list[dict[str, Any]]:
        """The fields in sections: as the screen declares them, else by the group of their columns."""
        plain = {
            name: field
            for name, field in form._fields.items()
            if name not in HIDDEN and not isinstance(field, LinesField)
        }
        blocks: list[dict[str, Any]] = []
        for title, text, names in self.form_groups:
            fields = [plain.pop(name) for name in names if name in plain]
            if fields:
                blocks.append({"title": title, "help": text, "fields": fields})
        rest: dict[Any, list[Any]] = {}
        for name, field in plain.items():
            rest.setdefault(str(self._group_of(name) or ""), []).append(field)
        for title, fields in rest.items():
            heading = title or (_("Further data") if blocks else "")
            blocks.append({"title": heading, "help": "", "fields": fields})
        return blocks

    def _group_of(self: Any, name: str) -> Any:
        for column in described(self.model).values():
            if name in (column.name, column.info.get("write_as")):
                return column.group
        return None

    def record_context(self: Any, record: Any) -> dict[str, Any]:
        """The head of a record's page, its menu and its history."""
        may_edit = self.allows("edit") and not self.is_frozen(record)
        return {
            "title": str(record) or str(self.info.label),
            "subtitle": self.subtitle_of(record),
            "initials": self.initials_of(record),
            "sections": self.sections_of(record),
            "record": record,
            "return_url": self.return_url(),
            "edit_url": self.record_url(record, "edit") if may_edit else None,
            "main_action": self.main_action(record),
            "menu_actions": self.record_menu(record),
            "history": history_of(record, self.may_see),
            "history_url": self.history_url(record),
            "page": str(record),
        }

    def initials_of(self, record: Any) -> str | None:
        """For the circle beside the name of people and companies."""
        return None

    def sections_of(self, record: Any) -> list[dict[str, Any]]:
        """The pages of a record, as tabs below its name."""
        return []

    def main_action(self, record: Any) -> dict[str, Any] | None:
        """The one button that stands out on a record's page."""
        return None

    def history_url(self: Any, record: Any) -> str | None:
        """All of the audit of this record, for those who may read the audit."""
        return None

    def subtitle_of(self: Any, record: Any) -> Any:
        """State and the facts that tell this record from others."""
        parts = [
            state_badge(getattr(record, name))
            for name, column in visible(self.model).items()
            if column.enum is not None and getattr(record, name) in LOOKS and self.may_see(column)
        ]
        return Markup(" ").join(parts) if parts else str(self.info.label)

    def groups_of(self: Any, record: Any) -> list[tuple[Any, list[tuple[Any, Any]]]]:
        """Everything that this reader may see, in the sections of the form; what the system keeps comes last."""
        shown: dict[str, Described] = {
            name: column
            for name, column in self.shown_columns().items()
            if name not in self.said_elsewhere
        }
        groups: list[tuple[Any, list[tuple[Any, Any]]]] = []
        left = dict(shown)
        for title, _text, names in self.form_groups:
            items = [left.pop(name) for name in names if name in left]
            if items:
                groups.append((title, self._facts(record, items)))
        left.pop("id", None)  # the address has it; nobody reads it
        system = [left.pop(n) for n in ("created_at", "updated_at") if n in left]
        rest: dict[str, list[Described]] = {}
        for column in left.values():
            rest.setdefault(str(column.group or _("Data")), []).append(column)
        groups += [(title, self._facts(record, items)) for title, items in rest.items()]
        groups.append((_("Record"), self._facts(record, system)))
        return [
            (title, facts)
            for title, facts in groups
            if any(fact is not NOTHING for _label, fact in facts)
        ]

    def _facts(self: Any, record: Any, columns: list[Described]) -> list[tuple[Any, Any]]:
        return [(column.label, self._fact(record, column)) for column in columns]

    def _fact(self: Any, record: Any, column: Described) -> Any:
        """A value with room around it: whole words, and a link to the record that it names."""
        if column.kind == "yes_no":
            return _("Yes") if getattr(record, column.name) else _("No")
        shown = self.cell_of(column)(record)
        return linked(getattr(record, column.name), shown) if column.relation is not None else shown

    def lines_table(self: Any, record: Any, name: str) -> dict[str, Any]:
        """The lines of a record, to read."""
        totals = self.totals_of(record) if name == "lines" else []
        return {**read_lines(self.model, record, name), "totals": totals}

    def totals_of(self, record: Any) -> list[tuple[Any, Any]]:
        """What stands below the lines."""
        return []

    # -- addresses -----------------------------------------------------------------------------

    def record_url(self: Any, record: Any, page: str = "details") -> str:
        return f"{self.url}/{page}/?id={record.id}"

    def return_url(self: Any) -> str:
        """Where one came from, if it is a page of ours."""
        target: str = request.values.get("url", "")
        return target if is_inside(target) else str(self.list_url)
