"""Form fields that speak the reader's notation."""

import enum
import json
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import NumberFormatError, format_decimal, parse_decimal
from flask_babel import get_locale
from flask_babel import gettext as _
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    EmailField,
    IntegerField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
    URLField,
)
from wtforms.fields import Field
from wtforms.validators import ValidationError
from wtforms.widgets import CheckboxInput, ListWidget, TextInput

from admin_views.reader_formats import zone
from models.states import state_word

__all__ = [
    "BooleanField",
    "ChoiceField",
    "DateField",
    "EmailField",
    "EnumField",
    "JSONField",
    "MomentField",
    "MoneyField",
    "RolesField",
    "SecretField",
    "StringField",
    "TelField",
    "TextAreaField",
    "URLField",
    "WholeNumberField",
]
MOST_DIGITS = 14  # before the decimal mark


class MoneyField(Field):
    """A decimal in the reader's notation: 1.234,50 in Spanish, 1,234.50 in English."""

    widget = TextInput()

    def __init__(
        self,
        label: Any = None,
        validators: Any = None,
        *,
        places: int = 4,
        digits: int = MOST_DIGITS,
        **kw: Any,
    ) -> None:
        kw.setdefault("render_kw", {"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(label, validators, **kw)
        self.places = places
        self.digits = digits

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        least = min(2, self.places)
        pattern = "#,##0." + "0" * least + "#" * (self.places - least)
        return str(format_decimal(self.data, format=pattern, locale=get_locale()))

    def process_formdata(self, values: list[str]) -> None:
        if not values or not values[0].strip():
            self.data = None
            return
        raw = values[0].strip()
        for space in ("\u00a0", "\u202f", " "):
            raw = raw.replace(space, "")
        try:
            number = parse_decimal(raw, locale=get_locale(), strict=True)
            if not number.is_finite():
                raise InvalidOperation
        except (NumberFormatError, InvalidOperation):
            self.data = None
            sample = format_decimal(Decimal("1234.5"), format="#,##0.00", locale=get_locale())
            raise ValueError(_("Write a number like %(sample)s.", sample=sample)) from None
        if abs(number) >= Decimal(10) ** self.digits:
            self.data = None
            raise ValueError(_("This number is too large."))
        self.data = number.quantize(Decimal(1).scaleb(-self.places))


class WholeNumberField(IntegerField):
    """A whole number; the error says what to write."""

    widget = TextInput()

    def process_formdata(self, values: list[str]) -> None:
        if not values or not values[0].strip():
            self.data = None
            return
        try:
            self.data = int(values[0].strip())
        except ValueError:
            self.data = None
            raise ValueError(_("Write a whole number, such as 30.")) from None
        if abs(self.data) >= 2**63:
            self.data = None
            raise ValueError(_("This number is too large."))


class EnumField(SelectField):
    """One member of an enum; an optional one may be empty."""

    def __init__(
        self,
        label: Any = None,
        validators: Any = None,
        *,
        kind: type[enum.StrEnum],
        is_optional: bool = False,
        **kw: Any,
    ) -> None:
        self.kind = kind
        choices = [(member.value, member) for member in kind]
        super().__init__(label, validators, coerce=self._coerced, choices=choices, **kw)
        self.is_optional = is_optional

    def _coerced(self, value: Any) -> enum.StrEnum | None:
        if value in (None, "", "None"):
            return None
        return self.kind(value)

    def iter_choices(self) -> Any:
        if self.is_optional:
            yield ("", "—", self.data is None, {})
        for member in self.kind:
            yield (member.value, str(state_word(member)), member == self.data, {})

    def pre_validate(self, form: Any) -> None:
        if self.data is None and not self.is_optional:
            raise ValidationError(_("Choose one."))


class ChoiceField(SelectField):
    """One of some codes whose words depend on the reader's language; a stored one stays possible."""

    def __init__(
        self, label: Any = None, validators: Any = None, *, words: Any, is_optional: bool, **kw: Any
    ) -> None:
        super().__init__(label, validators, choices=[], coerce=self._coerced, **kw)
        self.words = words
        self.is_optional = is_optional

    @staticmethod
    def _coerced(value: Any) -> str | None:
        return None if value in (None, "", "None") else str(value)

    def iter_choices(self) -> Any:
        known = self.words()
        if self.is_optional:
            yield ("", "—", self.data is None, {})
        for code, word in known:
            yield (code, word, code == self.data, {})
        kept = self.object_data
        if kept and kept not in dict(known):
            yield (kept, kept, kept == self.data, {})

    def pre_validate(self, form: Any) -> None:
        allowed = {code for code, _word, _on, _kw in self.iter_choices()}
        if (self.data or "") not in allowed:
            raise ValidationError(_("Choose one."))


class RolesField(SelectMultipleField):
    """Several members of an enum, stored as a list of their values."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(
        self, label: Any = None, validators: Any = None, *, kind: type[enum.StrEnum], **kw: Any
    ) -> None:
        super().__init__(label, validators, choices=[m.value for m in kind], coerce=str, **kw)
        self.kind = kind

    def iter_choices(self) -> Any:
        for member in self.kind:
            on = member.value in (self.data or ())
            yield (member.value, str(state_word(member)), on, {})


class MomentField(DateTimeLocalField):
    """A moment in the organization's time zone; stored in UTC."""

    def __init__(self, label: Any = None, validators: Any = None, **kw: Any) -> None:
        formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
        super().__init__(label, validators, format=formats, **kw)

    def _value(self) -> str:
        if self.raw_data:
            return " ".join(self.raw_data)
        return f"{self.data.astimezone(zone()):%Y-%m-%dT%H:%M}" if self.data else ""

    def process_formdata(self, values: list[str]) -> None:
        super().process_formdata(values)
        typed = getattr(self, "data", None)
        if isinstance(typed, datetime):
            self.data = typed.replace(tzinfo=zone()).astimezone(UTC)


class JSONField(TextAreaField):
    """An object as JSON text."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return json.dumps(self.data, ensure_ascii=False, indent=2) if self.data is not None else ""

    def process_formdata(self, values: list[str]) -> None:
        if not values or not values[0].strip():
            self.data = None
            return
        try:
            self.data = json.loads(values[0], parse_constant=_no_number)
        except (ValueError, RecursionError):
            raise ValueError(_("This is not valid JSON.")) from None
        if "\\u0000" in values[0]:
            raise ValueError(_("This is not valid JSON."))  # PostgreSQL takes no NUL in a text


def _no_number(name: str) -> None:
    """`NaN` and `Infinity` are Python's own: JSON does not know them."""
    raise ValueError(name)


class SecretField(PasswordField):
    """A secret that can be written but never read: an empty field keeps what is stored."""

    def __init__(self, label: Any = None, validators: Any = None, **kw: Any) -> None:
        kw.setdefault("render_kw", {"autocomplete": "new-password"})
        super().__init__(label, validators, **kw)

    def process_data(self, value: Any) -> None:
        self.data = None  # what is stored stays where it is

    def populate_obj(self, obj: Any, name: str) -> None:
        if self.data:
            setattr(obj, name, self.data)
