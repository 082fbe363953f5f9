"""Organizations: what stands in them is used on every page."""

import re
from typing import Any
from zoneinfo import available_timezones

from flask_babel import gettext as _
from sqlalchemy import inspect

from admin_views.base import ModelScreen
from admin_views.registry import screen_for
from admin_views.stored_files import store
from errors import Invalid
from models.people.organization import Organization
from services.people.logos import check_logo


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
        if record.logo_sha256 and inspect(record).attrs.logo_sha256.history.has_changes():
            check_logo(record.logo_sha256, store())
