"""Organizations: what stands in them is used on every page."""

import re
from typing import Any
from zoneinfo import available_timezones

from flask_babel import gettext as _

from admin_views.base import ModelScreen
from admin_views.registry import screen_for
from errors import Invalid
from models.people.organization import Organization


@screen_for(Organization)
class OrganizationScreen(ModelScreen):
    """A zone that does not exist would break each page, a colour that is none each document."""

    bulk_columns = ("default_lang", "timezone")

    def before_save(self, record: Any, form: Any, is_new: bool) -> None:
        if record.timezone not in available_timezones():
            raise Invalid(
                _("There is no such time zone; write one like America/Bogota."), field="timezone"
            )
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", record.brand_color):
            raise Invalid(_("Write a colour like #0b5a73."), field="brand_color")
