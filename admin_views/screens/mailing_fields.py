"""Fields that the form of a mailing has and no other one."""

import re
from collections.abc import Sequence
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
from wtforms.validators import Length, Optional

from admin_views.reader_formats import number
from mail.envelope import EmailAddress
from mail.errors import InvalidAddress
from services.mailings.address_list import (
    LONGEST_LIST,
    MOST_ADDRESSES,
    AddressList,
    addresses_in,
)
from services.mailings.customer_choice import MOST_NUMBERS, numbers_in

NUMBER = re.compile(r"(?:(?P<series>[^\s-][^\s]*?)\s*-\s*)?(?P<number>\d{1,9})")
MOST_NAMED = 5
LONGEST_NUMBERS = 200_000  # characters


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

    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(label, [Length(max=LONGEST_LIST)], **kwargs)

    @property
    def addresses(self) -> list[str]:
        """All of them; none of a list that cannot be taken, so that nothing is counted with it."""
        read = self._read()
        return [] if read.wrong or read.is_too_long else list(read.addresses)

    def pre_validate(self, form: Any) -> None:
        read = self._read()
        if read.wrong:
            words = ", ".join(_("“%(words)s”", words=word[:60]) for word in read.wrong[:MOST_NAMED])
            raise ValidationError(_("This is not an e-mail address: %(words)s.", words=words))
        if read.is_too_long:
            raise ValidationError(_("At most %(n)d addresses.", n=MOST_ADDRESSES))

    def _read(self) -> AddressList:
        """A text that is refused for its length is not read at all."""
        text = self.data or ""
        return addresses_in(text) if len(text) <= LONGEST_LIST else AddressList()


class CustomerNumbersField(TextAreaField):
    """Numbers of customers as they are typed or pasted."""

    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(label, [Optional(), Length(max=LONGEST_NUMBERS)], **kwargs)

    @property
    def numbers(self) -> list[str]:
        """Each one once; none of a list that cannot be taken."""
        found = self._read()
        return found if len(found) <= MOST_NUMBERS else []

    def keep(self, unknown: Sequence[str]) -> None:
        """Those that are found go to the look-up beside; a list that was not looked for stays as it is."""
        if self.numbers:
            self.data = "\n".join(unknown)

    def pre_validate(self, form: Any) -> None:
        if len(self._read()) > MOST_NUMBERS:
            most = number(MOST_NUMBERS)
            raise ValidationError(
                _("At most %(n)s customer numbers at once. Take a group for more.", n=most)
            )

    def _read(self) -> list[str]:
        """A text that is refused for its length is not read at all."""
        text = self.data or ""
        return numbers_in(text) if len(text) <= LONGEST_NUMBERS else []


class AddressField(StringField):
    """One address, or none."""

    def pre_validate(self, form: Any) -> None:
        if self.data and self.data.strip():
            try:
                EmailAddress.parse(self.data)
            except InvalidAddress:
                words = self.data.strip()[:60]
                raise ValidationError(
                    _(
                        "This is not an e-mail address: %(words)s.",
                        words=_("“%(words)s”", words=words),
                    )
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
