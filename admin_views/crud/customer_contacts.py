"""The contacts of a customer: lines of the customer's form, and a table on the customer's page."""

from typing import Any

from flask import url_for
from flask_admin.form import BaseForm
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from wtforms import HiddenField
from wtforms.fields import BooleanField
from wtforms.utils import unset_value
from wtforms.validators import DataRequired, Length
from wtforms.widgets import html_params

from admin_views.converter import LONGEST_LINE, trimmed, trimmed_or_none
from admin_views.field_checks import is_email
from admin_views.fields import EmailField, EnumField, RolesField, StringField
from admin_views.formatters import NOTHING, yes_no
from admin_views.identity import current_staff
from admin_views.lines import LinesField
from admin_views.state_badges import LOOKS, state_badge
from models.base import utc_now
from models.people.contact import AddressState, ContactRole, CopyMode
from models.people.customer import Customer
from models.states import state_word
from services.people.customer_contacts import ContactLine, contact_lines, write_contacts

NO_KEY = 0  # of no contact


class PrimaryWidget:
    """A radio button: the lines of one customer share it."""

    input_type = "radio"

    def __call__(self, field: "PrimaryField", **kw: Any) -> Markup:
        kw.pop("required", None)
        about = {"type": "radio", "id": field.id, "name": field.group, "value": field.index, **kw}
        if field.data:
            about["checked"] = True
        params = Markup(html_params(**about))  # nosec B704  # escapes by itself
        return Markup("<input {}>").format(params)


class PrimaryField(BooleanField):
    """Whether this line is the one that was chosen."""

    widget = PrimaryWidget()

    @property
    def index(self) -> str:
        return str(self.name).rsplit("-", 2)[1]

    @property
    def group(self) -> str:
        return f"{self.name.rsplit('-', 2)[0]}-primary"

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        super().process(None, data)
        if formdata:
            self.data = formdata.get(self.group) == self.index


class ContactForm(BaseForm):
    """One line."""

    widths = {"name": "w", "email": "w"}

    id = HiddenField()
    name = StringField(
        _l("Name"),
        [DataRequired(_l("Fill this in.")), Length(max=LONGEST_LINE)],
        filters=[trimmed],
    )
    email = EmailField(
        _l("E-mail"), [Length(max=LONGEST_LINE), is_email], filters=[trimmed_or_none]
    )
    roles = RolesField(_l("Roles"), kind=ContactRole)
    cc_mode = EnumField(_l("Gets mailings"), kind=CopyMode, default=CopyMode.TO)
    is_primary = PrimaryField(_l("Primary"))


class ContactKind:
    """What `LinesField` asks of a kind of line; how a line is written is not its matter here."""

    model = ContactLine

    def form_class(self) -> type[ContactForm]:
        return ContactForm


class ContactsField(LinesField):
    """The contacts of one customer, written by `services/people/customer_contacts.py`."""

    add_label = _l("Add contact")

    def __init__(self, label: Any = None, **kw: Any) -> None:
        super().__init__(label, line=ContactKind(), **kw)  # type: ignore[arg-type]  # it is asked for its form only

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        links = [] if data is unset_value or not data else data
        customer = links[0].customer if links else None
        super().process(formdata, contact_lines(customer) if customer else [])
        for entry in self.entries:
            known = entry.object_data
            if isinstance(known, ContactLine) and known.contact_id:
                entry.more_url = url_for("contact.details_view", id=known.contact_id)

    def populate_obj(self, obj: Any, name: str) -> None:
        kept = [entry.form for entry in self.kept]
        removed = {
            int(entry.form.id.data)
            for entry in self.entries
            if getattr(entry, "_should_delete", False) and entry.form.id.data.isdecimal()
        }
        is_new = obj.id is None
        if write_contacts(obj, [_line(form) for form in kept], removed=removed) and not is_new:
            obj.updated_at = utc_now()  # a change of the contacts is a change of the customer


def _line(form: Any) -> ContactLine:
    key = form.id.data or ""
    is_a_key = key.isdecimal() and len(key) < 19
    return ContactLine(
        id=(int(key) if is_a_key else NO_KEY) if key else None,
        name=form.name.data,
        email=form.email.data,
        roles=tuple(form.roles.data or ()),
        is_primary=form.is_primary.data,
        cc_mode=form.cc_mode.data,
    )


def may_write_contacts() -> bool:
    """Whoever changes contacts here changes people too."""
    rights = current_staff().rights
    return rights.allows("contact", "edit") and rights.allows("customer_contact", "edit")


def contacts_table(customer: Customer) -> dict[str, Any] | None:
    """The contacts to read; none for who may not see people."""
    if not current_staff().rights.allows("contact", "view"):
        return None
    return {
        "title": _("Contacts"),
        "columns": [
            *((_("Name"), "w"), (_("E-mail"), "w"), (_("Roles"), "m")),
            *((_("Gets mailings"), "m"), (_("Primary"), "n")),
        ],
        "rows": [
            [
                *(_name_of(line), _address_of(line), _roles_of(line)),
                *(str(state_word(line.cc_mode)), yes_no(line.is_primary)),
            ]
            for line in contact_lines(customer)
        ],
    }


def _name_of(line: ContactLine) -> Markup:
    url = url_for("contact.details_view", id=line.contact_id)
    return Markup('<a href="{}">{}</a>').format(url, line.name)


def _address_of(line: ContactLine) -> Any:
    if not line.email:
        return NOTHING
    if line.address_state in (None, AddressState.OK) or line.address_state not in LOOKS:
        return line.email
    return Markup("{} {}").format(line.email, state_badge(line.address_state))


def _roles_of(line: ContactLine) -> Any:
    return ", ".join(str(state_word(ContactRole(role))) for role in line.roles) or NOTHING
