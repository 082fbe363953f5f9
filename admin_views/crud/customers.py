"""The screen of customers."""

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from admin_views.base import ModelScreen
from admin_views.crud.customer_contacts import ContactsField, contacts_table, may_write_contacts
from admin_views.customer_look import CustomerLookRoutes
from admin_views.customer_mails import mails_url, page_of
from admin_views.customer_messages import messages_page, messages_url, writing_to
from admin_views.customer_timeline import CustomerTimelineRoutes, timeline_url
from admin_views.formatters import money_cell
from admin_views.identity import current_staff
from admin_views.portal_members import members_page, members_url
from admin_views.reader_formats import number
from admin_views.registry import screen_for
from admin_views.shell import initials
from admin_views.state_badges import Look, badge
from jobs.mailings import deliver_due
from models.people.customer import Customer
from models.sales.document_state import DocumentKind
from services.mailbox.customer_messages import count_with_customer
from services.people.tax_ids import check_tax_id, plain_name, shown_tax_id
from services.sales.balances import balances_of
from services.sales.customer_figures import MOST_COUNTED, documents_counted

ON_HOLD = Look("warn", "player-pause")


@screen_for(Customer)
class CustomerScreen(CustomerLookRoutes, CustomerTimelineRoutes, ModelScreen):
    """Whom we invoice."""

    import_subject = "customers"
    instead_of_deleting = _l("Put the customer on hold instead: then nothing is sent to them.")
    search_words = _l("Name, number or tax id")
    list_columns = (
        "name",
        "number",
        "tax_id",
        "customer_group",
        "currency",
        "on_hold",
    )
    form_groups = (
        (
            _l("Identification"),
            _l("Appears on their documents."),
            ("name", "legal_name", "tax_id_type", "tax_id", "number", "customer_group"),
        ),
        (
            _l("Billing"),
            _l("Posted documents keep what they had."),
            ("currency", "payment_terms_days", "credit_limit", "lang", "on_hold"),
        ),
        (_l("Contact data"), "", ("phone", "website", "notes")),
    )

    def initials_of(self, record: Any) -> str | None:
        return initials(record.name)

    def sections_of(self, record: Any) -> list[dict[str, Any]]:
        pages = [
            (_("Data"), self.record_url(record), True),
            (_("Timeline"), timeline_url(record), False),
            (_("Invoices"), url_for("invoice.index_view", flt_customer=record.id), False),
            (
                _("Statements of account"),
                url_for("statement.index_view", flt_customer=record.id),
                False,
            ),
            (_("Payments"), url_for("payment.index_view", flt_customer=record.id), False),
            (_("Quotes"), url_for("quote.index_view", flt_customer=record.id), False),
        ]
        if current_staff().rights.allows("message", "view"):
            pages.append((_("E-mails"), messages_url(record), False))
        if current_staff().rights.allows("delivery", "view"):
            pages.append((_("Sent e-mails"), mails_url(record), False))
        if current_staff().rights.allows("portal_membership", "view"):
            pages.append((_("Portal"), members_url(record), False))
        counted = _counts(record)
        return [
            {"label": label, "url": url, "is_current": now, "count": counted.get(str(label))}
            for label, url, now in pages
        ]

    @expose("/mails/")
    def mails_view(self) -> ResponseReturnValue:
        """Everything that the customer was ever sent."""
        current_staff().rights.require("delivery", "view")
        customer = self.find(request.args.get("id"))
        context = self._tab(customer, mails_url(customer))
        return str(self.render("admin/people/customer_mails.html", **context, **page_of(customer)))

    @expose("/messages/")
    def messages_view(self) -> ResponseReturnValue:
        """What was written with them, over all mailboxes that the reader may read (S3-25)."""
        current_staff().rights.require("message", "view")
        customer = self.find(request.args.get("id"))
        context = self._tab(customer, messages_url(customer))
        more = messages_page(customer)
        return str(self.render("admin/people/customer_messages.html", **context, **more))

    @expose("/portal/")
    def portal_view(self) -> ResponseReturnValue:
        """Who of them may enter the portal."""
        current_staff().rights.require("portal_membership", "view")
        customer = self.find(request.args.get("id"))
        context = self._tab(customer, members_url(customer))
        more = members_page(customer)
        return str(self.render("admin/people/customer_portal.html", **context, **more))

    def _tab(self, customer: Any, url: str) -> dict[str, Any]:
        context = self.record_context(customer)
        for tab in context["sections"]:
            tab["is_current"] = tab["url"] == url
        return context

    def main_action(self, record: Any) -> dict[str, Any] | None:
        """Writing to them."""
        return writing_to(record)

    def subtitle_of(self, record: Any) -> Any:
        """Who they are for us, and what they owe."""
        facts: list[Any] = [badge(_("On hold"), ON_HOLD) if record.on_hold else None]
        if record.tax_id:
            kind = plain_name(record.tax_id_type) if record.tax_id_type else _("Tax id")
            facts.append(f"{kind} {shown_tax_id(record.tax_id, record.tax_id_type)}")
        facts.append(str(record.customer_group) if record.customer_group else None)
        for currency, balance in balances_of(record.id):
            facts.append(Markup("{} {}").format(_("Balance"), money_cell(balance, currency)))
        shown = [fact for fact in facts if fact]
        return Markup(" <span aria-hidden='true'>·</span> ").join(shown) or str(self.info.label)

    def scaffold_form(self) -> type[Any]:
        form = super().scaffold_form()
        about = _l(
            "Name and address belong to the person: a change holds for all of their customers."
        )
        form.contacts = ContactsField(_l("Contacts"), description=about)
        return form

    def _without_forbidden(self, form: Any, action: str) -> None:
        super()._without_forbidden(form, action)
        if "contacts" in form._fields and not may_write_contacts():
            del form._fields["contacts"]

    def details_of(self, record: Any, **more: Any) -> str:
        lines = [self.lines_table(record, "addresses"), contacts_table(record)]
        return super().details_of(record, **{"lines": [t for t in lines if t], **more})

    def before_save(self, record: Any, form: Any, is_new: bool) -> None:
        if record.tax_id:
            kind, number = check_tax_id(record.tax_id, record.tax_id_type)
            record.tax_id_type, record.tax_id = kind, number

    def once_saved(self, record: Any, is_new: bool) -> None:
        deliver_due.enqueue()  # another primary contact is written to, and so is the one before


def _counts(customer: Customer) -> dict[str, str]:
    """How many records lie behind a tab; from a thousand on, that there are so many."""
    staff, found = current_staff(), {}
    if staff.rights.allows("document", "view"):
        documents = documents_counted(customer)
        found[_("Invoices")] = documents[DocumentKind.INVOICE]
        found[_("Quotes")] = documents[DocumentKind.QUOTE]
    if staff.rights.allows("message", "view"):
        found[_("E-mails")] = count_with_customer(customer, staff.user, most=MOST_COUNTED)
    return {
        word: f"{number(MOST_COUNTED - 1)}+" if count >= MOST_COUNTED else number(count)
        for word, count in found.items()
        if count
    }
