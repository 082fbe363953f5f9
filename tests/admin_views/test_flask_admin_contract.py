"""What we use of Flask-Admin beyond its documentation: an upgrade that moves one of these fails here first."""

import inspect

from flask_admin import Admin, AdminIndexView, BaseView
from flask_admin.contrib.sqla import ModelView
from flask_admin.contrib.sqla.ajax import QueryAjaxModelLoader
from flask_admin.contrib.sqla.form import AdminModelConverter, get_form
from flask_admin.form import BaseForm
from flask_admin.model.fields import AjaxSelectField
from flask_admin.model.form import ModelConverterBase, converts
from flask_admin.theme import Theme

from admin_views.base import ModelScreen
from admin_views.converter import Converter


def test_the_private_names_are_there() -> None:
    for owner, names in {
        Admin: ["_add_view_to_menu", "_init_extension", "add_view"],
        BaseView: ["create_blueprint", "_handle_view", "render", "inaccessible_callback"],
        ModelView: [
            "_process_ajax_references",
            "_refresh_form_rules_cache",
            "_refresh_forms_cache",
            "scaffold_form",
            "ajax_lookup",
            "ajax_update",
            "action_view",
            "index_view",
        ],
        AdminModelConverter: [
            "_get_label",
            "_get_description",
            "_model_select_field",
            "_convert_relation",
            "conv_Text",
            "conv_String",
            "convert_enum",
            "handle_decimal_types",
            "handle_integer_types",
            "convert_date",
            "convert_datetime",
            "conv_Boolean",
            "conv_ARRAY",
            "convert_JSON",
        ],
        ModelConverterBase: ["get_converter"],
        AjaxSelectField: ["_get_data", "_set_data", "process_formdata", "pre_validate"],
        QueryAjaxModelLoader: ["format", "get_one", "get_list", "_process_fields"],
    }.items():
        for name in names:
            assert hasattr(owner, name), f"{owner.__name__}.{name}"
    assert {"model", "converter", "base_class", "only"} <= set(
        inspect.signature(get_form).parameters
    )
    assert callable(converts)
    assert issubclass(AdminIndexView, BaseView)
    assert Theme(folder="none", base_template="admin/base.html").folder == "none"
    assert issubclass(BaseForm, object)


def test_every_route_of_flask_admin_is_ours() -> None:
    """A route that Flask-Admin adds, or one that we forget, is not served by its own code."""
    ours = ("admin_views.",)
    for _url, name, _methods in ModelScreen._urls:
        assert getattr(ModelScreen, name).__module__.startswith(ours) or any(
            name in vars(base) for base in ModelScreen.__mro__ if base.__module__.startswith(ours)
        ), name


def test_our_converters_win_over_flask_admins() -> None:
    """By name a stock converter would win that stands earlier in the alphabet."""
    for name in ("Text", "Enum", "Numeric", "Integer", "Date", "DateTime", "Boolean", "JSON"):
        from models.base import db

        converter = Converter(db, None).converters[name]
        assert converter.__func__.__module__ == "admin_views.converter", name
