"""`ModelScreen`: a model's list, form, details and actions from what the model says about itself.

Flask-Admin gives the routing, the forms' scaffolding and the blueprint; what people see and what guards is ours.
Deny by default: everything asks the role matrix per model, action and field, and works on `scoped()` records only.
"""

from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_admin.contrib.sqla import ModelView
from flask_admin.contrib.sqla.form import get_form
from flask_admin.form import BaseForm
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import Select, inspect
from sqlalchemy.orm import joinedload
from wtforms import HiddenField

from admin_views.batch import BatchRoutes
from admin_views.bulk_edit import BulkEditRoutes
from admin_views.cell_editing import CellRoutes
from admin_views.column_filters import filter_for
from admin_views.columns import Described, described, lines_of, visible
from admin_views.converter import Converter
from admin_views.deleting import DeleteRoutes
from admin_views.exporting import ExportRoutes
from admin_views.fields import SecretField
from admin_views.file_routes import FileRoutes
from admin_views.filters import Filter
from admin_views.identity import current_staff
from admin_views.lines import LinesField, line_forms
from admin_views.list_page import ListRoutes
from admin_views.lookups import ScopedLoader
from admin_views.menu import trail_of
from admin_views.record_pages import RecordRoutes
from admin_views.scoping import may_write_shared, scoped
from admin_views.shell import lead_to
from admin_views.verbs import Verb
from errors import Forbidden
from models.base import AdminInfo, db
from services.people.access import Rights

ADDED_BY_US = ("id", "created_at", "updated_at")


class ModelScreen(
    ListRoutes,
    RecordRoutes,
    DeleteRoutes,
    BatchRoutes,
    BulkEditRoutes,
    CellRoutes,
    ExportRoutes,
    FileRoutes,
    ModelView,
):
    """The screens of one model. Subclasses in `admin_views/crud/` declare only what differs."""

    page_size = 50
    column_list = ("id",)
    column_editable_list = None
    column_display_pk = False
    can_view_details = True
    can_export = True
    action_disallowed_list = ("delete",)
    index_name = "index_view"

    # What a subclass may declare.
    list_columns: tuple[str, ...] | None = None
    form_groups: tuple[tuple[Any, Any, tuple[str, ...]], ...] = ()
    verbs: tuple[Verb, ...] = ()
    bulk_columns: tuple[str, ...] | None = None  # of what `bulk_fields.py` finds; None: all of it
    search_words: Any = None
    said_elsewhere: tuple[str, ...] = ()
    instead_of_deleting: Any = None  # what one does with a record that others depend on

    def __init__(self, model: type[Any], endpoint: str) -> None:
        info = getattr(model, "__admin__", None)
        assert isinstance(info, AdminInfo)
        self.info = info
        self.menu_path = info.menu
        self.menu_order = info.order
        self.menu_icon = info.icon
        self.resource = str(model.__tablename__)
        self.has_version = inspect(model).version_id_col is not None
        super().__init__(model, db, name=str(endpoint), endpoint=endpoint)

    # -- who may -------------------------------------------------------------------------------

    def allows(self, action: str, field: str | None = None) -> bool:
        """Whether the signed-in staff may do this here."""
        if self.info.read_only and action in ("create", "edit", "delete"):
            return False
        if action in ("create", "edit", "delete") and not may_write_shared(self.model):
            return False
        return bool(current_staff().rights.allows(self.resource, action, field))

    def require(self, action: str, field: str | None = None) -> None:
        """Raise Forbidden unless it is allowed."""
        if not self.allows(action, field):
            raise Forbidden(_("Your role does not allow this."))

    def is_open_to(self, rights: Rights) -> bool:
        """Whether these rights open the screen; the menu asks too."""
        return rights.allows(self.resource, "view")

    def is_accessible(self) -> bool:
        if not current_user.is_authenticated:
            return False
        staff = current_staff()
        return staff.has_place and self.is_open_to(staff.rights)

    def inaccessible_callback(self, name: str, **kwargs: Any) -> ResponseReturnValue:
        """Who is not in was turned away by `guard.py` already."""
        raise Forbidden(_("Your role does not allow this."))

    def render(self, template: str, **kwargs: Any) -> str:
        """Every page says where it stands."""
        lead_to(*trail_of(self, kwargs.get("page")))
        return str(super().render(template, **kwargs))

    # -- which records -------------------------------------------------------------------------

    def scoped(self) -> Select[Any]:
        """All that this screen may touch; every read and every write begins here."""
        return scoped(self.model)

    def find(self, key: str | None) -> Any:
        """The record with this key; 404 for one of another organization, as if it did not exist."""
        if not key or not key.isdecimal() or len(key) > 18:
            abort(404)
        query = self.scoped().where(self.model.id == int(key)).options(*self.loading())
        return db.session.scalars(query).unique().one_or_none() or abort(404)

    def loading(self) -> list[Any]:
        """The relations that lists and pages show, loaded with the record."""
        return [
            joinedload(getattr(self.model, column.name))
            for column in visible(self.model).values()
            if column.relation is not None
        ]

    def get_query(self) -> Any:
        raise NotImplementedError("scoped() is the way to the records")

    get_count_query = get_query

    def get_one(self, id: Any) -> Any:
        return self.find(str(id))

    def is_frozen(self, record: Any) -> bool:
        """Whether this record does not change any more."""
        return False

    def before_save(self, record: Any, form: Any, is_new: bool) -> None:
        """What has to be computed or checked before the record is written; raises an AppError."""

    def after_save(self, record: Any, is_new: bool) -> None:
        """What happens in the same transaction, once the record has its key; raises an AppError."""

    def once_saved(self, record: Any, is_new: bool) -> None:
        """What follows once it is committed, such as a bell for the workers."""

    def before_delete(self, record: Any) -> None:
        """What has to end in the same transaction, before the record goes; raises an AppError."""

    def after_delete(self, record: Any) -> None:
        """What else ends in the same transaction, once the record is gone."""

    # -- columns -------------------------------------------------------------------------------

    def may_see(self, column: Described) -> bool:
        return not column.is_secret and self.allows("view", column.name)

    def shown_columns(self) -> dict[str, Described]:
        """What this reader may see, in order; the identifying column first."""
        columns = visible(self.model) | self.extra_columns()
        title = self.info.title
        names = [title, *columns] if title in columns and title != "id" else list(columns)
        return {n: columns[n] for n in dict.fromkeys(names) if self.may_see(columns[n])}

    def extra_columns(self) -> dict[str, Described]:
        """Columns that are not stored in the model's table."""
        return {}

    def filters(self) -> dict[str, Filter]:
        """What this list can be narrowed by."""
        made = (
            filter_for(column, self._form_ajax_refs)
            for column in visible(self.model).values()
            if column.name not in ADDED_BY_US and self.may_see(column)
        )
        return {one.name: one for one in made if one is not None}

    # -- forms ---------------------------------------------------------------------------------

    def _process_ajax_references(self) -> dict[str, ScopedLoader]:
        """Flask-Admin asks once, at the start: a look-up for every relation, those of lines too."""
        self.lines = line_forms(self.model)
        loaders = {
            name: ScopedLoader(name, column.relation.mapper.class_)
            for name, column in described(self.model).items()
            if column.relation is not None
        }
        for line in self.lines.values():
            loaders |= line.loaders
        return loaders

    def scaffold_form(self) -> type[Any]:
        """The form of a record: fields from columns, tables for lines, a hidden version."""
        editable = {
            name: column
            for name, column in described(self.model).items()
            if not column.is_readonly and not column.is_secret and name not in ADDED_BY_US
        }
        self.form_columns = list(editable)
        form: Any = get_form(
            self.model, Converter(db, self), base_class=BaseForm, only=self.form_columns or ["id"]
        )
        for column in described(self.model).values():
            if column.is_secret and "write_as" in column.info:
                setattr(form, column.info["write_as"], SecretField(column.label))
        for name, line in self.lines.items():
            label = lines_of(self.model)[name].info["label"]
            setattr(form, name, LinesField(label, line=line))
        for name in ("row_version", "row_base", "row_asked"):
            setattr(form, name, HiddenField())
        return type(f"{self.model.__name__}Form", (form,), {})

    def _refresh_form_rules_cache(self) -> None:
        """Sections come from the columns' groups, not from rules."""
        self._form_create_rules = self._form_edit_rules = None

    @expose("/ajax/lookup/")
    def ajax_lookup(self) -> ResponseReturnValue:
        """The records that fit what was typed: `[[key, text], …]`."""
        loader = self._form_ajax_refs.get(request.args.get("name", ""))
        if loader is None:
            abort(404)
        if not current_staff().rights.allows(loader.model.__tablename__, "view"):
            raise Forbidden(_("Your role does not allow this."))
        offset = request.args.get("offset", "0")
        found = loader.get_list(
            request.args.get("query", "")[:200], int(offset) if offset.isdecimal() else 0
        )
        return [loader.format(record) for record in found]

    @expose("/ajax/update/", methods=("POST",))
    def ajax_update(self) -> ResponseReturnValue:
        """Flask-Admin's own inline edit knows neither rights nor lock: `cell_editing.py` is ours."""
        abort(404)
