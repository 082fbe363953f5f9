"""The screen of contacts: the people of customers, who get what is sent to them."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin_views.base import ModelScreen
from admin_views.columns import Described
from admin_views.customer_mails import contact_mails_url, page_of_contact
from admin_views.customer_messages import (
    contact_messages_page,
    contact_messages_url,
    writing_to_contact,
)
from admin_views.identity import current_staff
from admin_views.portal_column import PORTAL, portal_cell, portal_words
from admin_views.registry import screen_for
from admin_views.shell import initials
from admin_views.verbs import Verb
from models.people.contact import Contact
from services.portal.members import portal_states_of


def _activate(contact: Contact) -> None:
    contact.is_active = True


def _deactivate(contact: Contact) -> None:
    contact.is_active = False


ACTIVATE = Verb(
    name="activate",
    label=_l("Activate"),
    icon="bell",
    run=_activate,
    right="edit",
    field="is_active",
    fits=lambda contact: not contact.is_active,
    done=_l("“%(name)s” is active."),
    opposite="deactivate",
)
DEACTIVATE = Verb(
    name="deactivate",
    label=_l("Deactivate"),
    icon="bell-off",
    run=_deactivate,
    right="edit",
    field="is_active",
    fits=lambda contact: contact.is_active,
    done=_l("“%(name)s” is not active any more."),
    opposite="activate",
)


@screen_for(Contact)
class ContactScreen(ModelScreen):
    """The people there."""

    search_words = _l("Name")
    verbs = (ACTIVATE, DEACTIVATE)
    instead_of_deleting = _l("Deactivate the contact instead: then no new mailing goes to them.")

    def initials_of(self, record: Any) -> str | None:
        return initials(record.name)

    list_columns = ("name", "job_title", "phone", "lang", "portal", "is_active")

    def main_action(self, record: Any) -> dict[str, Any] | None:
        """Writing to them."""
        return writing_to_contact(record)

    def sections_of(self, record: Any) -> list[dict[str, Any]]:
        pages = [(_("Data"), self.record_url(record), True)]
        if current_staff().rights.allows("message", "view"):
            pages.append((_("E-mails"), contact_messages_url(record), False))
        if current_staff().rights.allows("delivery", "view"):
            pages.append((_("Sent e-mails"), contact_mails_url(record), False))
        return [{"label": label, "url": url, "is_current": now} for label, url, now in pages]

    @expose("/mails/")
    def mails_view(self) -> ResponseReturnValue:
        """What this person has got from us (X0-13)."""
        current_staff().rights.require("delivery", "view")
        contact = self.find(request.args.get("id"))
        context = self.record_context(contact)
        for tab in context["sections"]:
            tab["is_current"] = tab["url"] == contact_mails_url(contact)
        more = page_of_contact(contact)
        return str(self.render("admin/people/customer_mails.html", **context, **more))

    @expose("/messages/")
    def messages_view(self) -> ResponseReturnValue:
        """What was written with this person."""
        current_staff().rights.require("message", "view")
        contact = self.find(request.args.get("id"))
        context = self.record_context(contact)
        for tab in context["sections"]:
            tab["is_current"] = tab["url"] == contact_messages_url(contact)
        more = contact_messages_page(contact)
        return str(self.render("admin/people/customer_messages.html", **context, **more))

    def extra_columns(self) -> dict[str, Described]:
        allows = current_staff().rights.allows("portal_membership", "view")
        return {"portal": PORTAL} if allows else {}

    def complete_rows(self, rows: list[Any]) -> None:
        """How far the contacts of a page have got with the portal."""
        states = portal_states_of([contact.id for contact in rows])
        for contact in rows:
            contact.portal_states = states[contact.id]

    def record_context(self, record: Any) -> dict[str, Any]:
        self.complete_rows([record])
        return super().record_context(record)

    def cell_of(self, column: Described) -> Any:
        if column.name == PORTAL.name:
            return lambda contact: portal_cell(contact.portal_states)
        return super().cell_of(column)

    def export_value(self, column: Described) -> Any:
        if column.name == PORTAL.name:
            return lambda contact: portal_words(contact.portal_states)
        return super().export_value(column)

    def before_save(self, record: Any, form: Any, is_new: bool) -> None:
        for email in record.emails:
            email.address_norm = email.address
