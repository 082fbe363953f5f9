"""Telephone numbers, as the whole world can dial them."""

import phonenumbers
from babel.core import get_global
from flask_babel import gettext as _
from phonenumbers import NumberParseException, PhoneNumberFormat

from errors import Invalid
from models.people.organization import Organization


def dialled(text: str, region: str | None) -> str:
    """The number in its international form, `+57 601 7452310`; raises Invalid.

    A number without its country's code is one of `region` (`CO`); without a region it has to begin with +.
    """
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise Invalid(_("Write a telephone number, such as +57 601 745 2310."))
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


def region_of(organization: Organization | None) -> str | None:
    """The country where an organization's local numbers are dialled: that of its tax id, else of its clock."""
    if organization is None:
        return None
    country = (organization.tax_id_type or "").partition(".")[0].upper()
    if country in phonenumbers.SUPPORTED_REGIONS:
        return country
    found: str | None = get_global("zone_territories").get(organization.timezone)
    return found
