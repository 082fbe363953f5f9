"""Fields that the form of a mailing has and no other one."""

import re
from datetime import date
from typing import Any

from flask_babel import gettext as _
from wtforms import (
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
    widgets,
)

from mail.envelope import EmailAddress
from mail.errors import InvalidAddress
from services.mailings.address_list import MOST_ADDRESSES, addresses_in

NUMBER = re.compile(r"(?:(?P<series>[^\s-][^\s]*?)\s*-\s*)?(?P<number>\d{1,9})")
MOST_NAMED = 5


class CheckboxesField(SelectMultipleField):
    """Several of a few."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()


class FoundField(SelectMultipleField):
    """Several of many, found by typing; whose they are is checked where they are used."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(label, coerce=int, choices=[], validate_choice=False, **kwargs)


class SenderField(SelectField):
    """The mail account; `refusal` is why the one that was chosen is not offered."""

    refusal: str | None = None

    def pre_validate(self, form: Any) -> None:
        if self.refusal:
            raise ValidationError(self.refusal)
        super().pre_validate(form)


class AddressesField(TextAreaField):
    """Addresses as they are typed or pasted; what is none is named."""

    @property
    def addresses(self) -> list[str]:
        return list(addresses_in(self.data or "").addresses)

    def pre_validate(self, form: Any) -> None:
        read = addresses_in(self.data or "")
        if read.wrong:
            words = ", ".join(f"«{word[:60]}»" for word in read.wrong[:MOST_NAMED])
            raise ValidationError(_("This is not an e-mail address: %(words)s.", words=words))
        if read.is_too_long:
            raise ValidationError(_("At most %(n)d addresses.", n=MOST_ADDRESSES))


class AddressField(StringField):
    """One address, or none."""

    def pre_validate(self, form: Any) -> None:
        if self.data and self.data.strip():
            try:
                EmailAddress.parse(self.data)
            except InvalidAddress:
                words = self.data.strip()[:60]
                raise ValidationError(
                    _("This is not an e-mail address: %(words)s.", words=f"«{words}»")
                ) from None


def put_day(field: Any, day: date) -> None:
    """Put a day into a field, whatever was typed there."""
    field.data, field.raw_data = day, None


class NumberField(StringField):
    """The number of a document: `10101`, or `FV-10101` with its series."""

    @property
    def number(self) -> int | None:
        found = NUMBER.fullmatch((self.data or "").strip())
        return int(found["number"]) if found else None

    @property
    def series(self) -> str | None:
        found = NUMBER.fullmatch((self.data or "").strip())
        return found["series"] if found else None

    def pre_validate(self, form: Any) -> None:
        if self.data and self.data.strip() and self.number is None:
            raise ValidationError(_("Write a number, such as 10101 or FV-10101."))
