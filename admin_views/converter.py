"""From a column to the field of a form. Flask-Admin finds a converter by the type's name, so the methods keep
Flask-Admin's names where they replace one."""

from typing import Any

from flask_admin.contrib.sqla.form import AdminModelConverter
from flask_admin.model.form import converts
from flask_babel import lazy_gettext as _l
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from admin_views import fields
from admin_views.code_words import WORDS
from admin_views.columns import Described, described
from admin_views.field_checks import is_email, is_phone, is_web_address, phone_as_dialled
from admin_views.file_field import StoredFileField
from admin_views.hours_field import HoursField
from admin_views.lookup_field import LookupField

LONGEST_TEXT = 100_000
LONGEST_LINE = 2_000


def trimmed(value: str | None) -> str | None:
    return value.strip() if isinstance(value, str) else value


def trimmed_or_none(value: str | None) -> str | None:
    return (trimmed(value) or None) if isinstance(value, str) else value


class Converter(AdminModelConverter):
    """Makes the fields that our columns describe; `view` needs `model`, `form_columns` and `_form_ajax_refs`."""

    def _described(self, name: str) -> Described | None:
        return described(self.view.model).get(name)

    def _get_label(self, name: str, field_args: Any) -> Any:
        about = self._described(name)
        return about.label if about is not None else name

    def _get_description(self, name: str, field_args: Any) -> Any:
        about = self._described(name)
        return about.help if about is not None else None

    def _model_select_field(
        self, prop: Any, multiple: Any, remote_model: Any, **kwargs: Any
    ) -> LookupField:
        loader = self.view._form_ajax_refs[prop.key]
        kwargs["validators"] = [Optional()] if kwargs["allow_blank"] else []
        return LookupField(loader, **kwargs)

    def _arguments(self, column: Any, field_args: dict[str, Any]) -> dict[str, Any]:
        """Required means: no empty value is possible and none stands for it."""
        keep = {k: v for k, v in field_args.items() if k in ("label", "description", "default")}
        if column.nullable:
            return {**keep, "validators": [Optional()]}
        required = any(isinstance(v, InputRequired) for v in field_args["validators"])
        return {**keep, "validators": [self._needed()] if required else []}

    @staticmethod
    def _needed() -> InputRequired:
        return InputRequired(_l("Fill this in."))

    @converts("Text", "String", "LowerCaseEmail", "LargeBinary")
    def conv_Text(self, column: Any, field_args: Any, **extra: Any) -> Any:
        arguments = self._arguments(column, field_args)
        widget = column.info.get("widget")
        if widget in WORDS:
            return fields.ChoiceField(words=WORDS[widget], is_optional=column.nullable, **arguments)
        kinds: dict[str | None, tuple[type[Any], list[Any]]] = {
            "email": (fields.EmailField, [is_email]),
            "url": (fields.URLField, [is_web_address]),
            "phone": (fields.TelField, [is_phone]),
            "long": (fields.TextAreaField, []),
        }
        field_class, checks = kinds.get(widget, (fields.StringField, []))
        if arguments["validators"] and not column.nullable:
            arguments["validators"] = [DataRequired(_l("Fill this in."))]  # spaces are not enough
        longest = LONGEST_TEXT if widget == "long" else LONGEST_LINE
        too_long = Length(max=longest, message=_l("At most %(max)d characters."))
        arguments["validators"] = [*arguments["validators"], too_long, *checks]
        arguments["filters"] = [trimmed_or_none if column.nullable else trimmed]
        if widget == "phone":
            arguments["filters"].append(phone_as_dialled)
        return field_class(**arguments)

    conv_String = conv_Text

    @converts("Enum", "sqlalchemy.sql.sqltypes.Enum")
    def convert_enum(self, column: Any, field_args: Any, **extra: Any) -> Any:
        arguments = self._arguments(column, field_args)
        arguments["validators"] = []
        return fields.EnumField(
            kind=column.type.enum_class, is_optional=column.nullable, **arguments
        )

    @converts("Numeric")
    def handle_decimal_types(self, column: Any, field_args: Any, **extra: Any) -> Any:
        arguments = self._arguments(column, field_args)
        if not column.nullable:
            arguments["validators"] = [self._needed()]
        precision, scale = column.type.precision, column.type.scale
        places = 2 if scale is None else scale
        digits = fields.MOST_DIGITS if precision is None else precision - places
        return fields.MoneyField(places=places, digits=digits, **arguments)

    @converts("Integer")
    def handle_integer_types(self, column: Any, field_args: Any, **extra: Any) -> Any:
        arguments = self._arguments(column, field_args)
        if not column.nullable:
            arguments["validators"] = [self._needed()]
        if column.info.get("widget") == "hours":
            return HoursField(**arguments)
        return fields.WholeNumberField(**arguments)

    @converts("Date")
    def convert_date(self, column: Any, field_args: Any, **extra: Any) -> Any:
        arguments = self._arguments(column, field_args)
        if not column.nullable:
            arguments["validators"] = [self._needed()]
        return fields.DateField(**arguments)

    @converts("DateTime")
    def convert_datetime(self, column: Any, field_args: Any, **extra: Any) -> Any:
        return fields.MomentField(**self._arguments(column, field_args))

    @converts("Boolean", "sqlalchemy.dialects.mssql.base.BIT")
    def conv_Boolean(self, column: Any, field_args: Any, **extra: Any) -> Any:
        arguments = self._arguments(column, field_args)
        arguments["validators"] = []
        return fields.BooleanField(**arguments)

    @converts("sqlalchemy.dialects.postgresql.base.ARRAY", "sqlalchemy.sql.sqltypes.ARRAY", "ARRAY")
    def conv_ARRAY(self, column: Any, field_args: Any, **extra: Any) -> Any:
        arguments = self._arguments(column, field_args)
        arguments["validators"] = []
        return fields.RolesField(kind=column.info["choices"], **arguments)

    @converts("FileHash")
    def convert_file(self, column: Any, field_args: Any, **extra: Any) -> Any:
        arguments = self._arguments(column, field_args)
        arguments["validators"] = []
        limits = {
            name: column.info[name] for name in ("kinds", "most_bytes") if name in column.info
        }
        return StoredFileField(can_be_empty=column.nullable, **limits, **arguments)

    @converts("JSON")
    def convert_JSON(self, column: Any, field_args: Any, **extra: Any) -> Any:
        return fields.JSONField(**self._arguments(column, field_args))
