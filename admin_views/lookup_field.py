"""The field for a record that another one belongs to; it trusts nobody's ids."""

from typing import Any

from flask import url_for
from flask_admin.model.fields import AjaxSelectField
from flask_babel import gettext as _
from markupsafe import Markup
from wtforms.validators import ValidationError
from wtforms.widgets import html_params

BLANK = "__None"


class LookupWidget:
    """A real `<select>` with the current option; script adds the search."""

    def __call__(self, field: Any, **kw: Any) -> Markup:
        kw.setdefault("id", field.id)
        kw.setdefault("data-lookup", url_for(".ajax_lookup", name=field.loader.name))
        kw.setdefault("data-placeholder", _("Type to search…"))
        kw.setdefault("data-nothing", _("Nothing found"))
        kw.setdefault("aria-label", str(field.label.text))
        current = field.loader.format(field.data)
        options = []
        if field.allow_blank or not current:
            blank = BLANK if field.allow_blank else ""
            options.append(Markup('<option value="%s">%s</option>') % (blank, "—"))
        if current:
            options.append(Markup('<option value="%s" selected>%s</option>') % current)
        kw["class"] = kw.get("class", "").replace("form-control", "form-select")
        params = Markup(html_params(name=field.name, **kw))  # nosec B704  # escapes by itself
        return Markup("<select {}>{}</select>").format(params, Markup("").join(options))


class LookupField(AjaxSelectField):
    """One record, searched for while typing. An unknown or foreign id is refused, never silently emptied."""

    widget = LookupWidget()
    asked = False

    def process_formdata(self, values: Any) -> None:
        super().process_formdata(values)
        self.asked = bool(values and values[0] and values[0] != BLANK)
        if not self.asked:
            self.data = None

    def pre_validate(self, form: Any) -> None:
        if self.asked and self.data is None:
            raise ValidationError(_("It does not exist, or you have no access to it."))
        if not self.allow_blank and self.data is None:
            raise ValidationError(_("Choose one."))
