"""Lists of documents that mailings bring: how one begins with some of them (S1-05)."""

from typing import Any

from flask import current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, inspect, select

from admin_views.crud.documents import DocumentScreen
from admin_views.filters import CodeIs, Filter, RelationIs
from admin_views.identity import current_staff
from admin_views.list_arguments import ListArguments
from admin_views.lookups import ScopedLoader
from models.any_of import is_any_of
from models.people.customer import Customer
from models.people.customer_group import CustomerGroup
from models.sales.document_state import DocumentKind, DocumentState
from services.mailings.address_book import groups_below
from services.sales.series import series_of

SENT_BY_EMAIL = "mailing_console.console"
SEND_CHOSEN = "send_by_email"
GROUP = "customer_group"
CAN_GO = frozenset({DocumentState.POSTED, DocumentState.PARTIALLY_PAID})


class GroupOfCustomer(RelationIs):
    """The group that the customer is in, with all below it: as a mailing to the group takes it."""

    def apply(self, query: Select[Any], model: type[Any], value: str) -> Select[Any]:
        groups = is_any_of(Customer.customer_group_id, list(groups_below([int(value)])))
        return query.where(model.customer_id.in_(select(Customer.id).where(groups)))


class MailedDocumentScreen(DocumentScreen):
    """With sending as what one does most."""

    def _process_ajax_references(self) -> dict[str, ScopedLoader]:
        found: dict[str, ScopedLoader] = super()._process_ajax_references()
        return {**found, GROUP: ScopedLoader(GROUP, CustomerGroup)}

    def filters(self) -> dict[str, Filter]:
        own: dict[str, Filter] = {"series": CodeIs("series", _l("Series"), self._series)}
        if current_staff().rights.allows(CustomerGroup.__tablename__, "view"):
            loader = self._form_ajax_refs[GROUP]
            own[GROUP] = GroupOfCustomer(GROUP, _l("Customer group"), loader, "customer_id")
        return {**super().filters(), **own}

    def _series(self) -> list[tuple[str, str]]:
        kind = DocumentKind(inspect(self.model).polymorphic_identity)
        return [(name, name) for name in series_of(kind)]

    def further_entries(self, key: str) -> list[dict[str, Any]]:
        return [*super().further_entries(key), *self._sending(key)]

    def refused_entries(self, record: Any) -> str:
        refused = super().refused_entries(record)
        return refused if record.state in CAN_GO else f"{refused} {SEND_CHOSEN}".strip()

    def main_action(self, record: Any) -> dict[str, Any] | None:
        """Sending it, where it can be sent and the reader may; else what all documents offer."""
        sending = self._sending(str(record.id)) if record.state in CAN_GO else []
        return sending[0] if sending else super().main_action(record)

    def _sending(self, key: str) -> list[dict[str, Any]]:
        """The entry that begins a mailing with this document, for who may."""
        if not current_staff().rights.allows("mailing", "create"):
            return []
        url = _new_mailing({"documents": key, "from": self.list_url})
        return [{"name": SEND_CHOSEN, "label": _("Send by e-mail"), "icon": "send", "url": url}]

    def batch_actions(self) -> list[dict[str, Any]]:
        """Sending first: it is what one chooses documents for."""
        send = {"name": SEND_CHOSEN, "label": _("Send by e-mail"), "icon": "send"}
        may_send = current_staff().rights.allows("mailing", "create")
        return [*([send] if may_send else []), *super().batch_actions()]

    @expose("/action/", methods=("POST",))
    def action_view(self) -> ResponseReturnValue:
        """What was chosen goes to the form of a mailing; everything else is a verb."""
        if request.form.get("action") != SEND_CHOSEN:
            return super().action_view()
        asked = ListArguments(self, request.args)
        if request.form.get("all") == "1":
            return redirect(_new_mailing({"from": asked.url()}))
        keys = ",".join(key for key in request.form.getlist("rowid") if key.isdecimal())
        return redirect(_new_mailing({"documents": keys, "from": asked.url()}))

    def render(self, template: str, **kwargs: Any) -> str:
        kwargs.setdefault("send_url", send_url())
        kwargs.setdefault("send_name", SEND_CHOSEN)
        return str(super().render(template, **kwargs))


def send_url() -> str | None:
    """The console of mailings; it begins with the present view, and leads back to it."""
    if SENT_BY_EMAIL not in current_app.view_functions:
        return None
    back: dict[str, Any] = {"from": request.full_path.rstrip("?")}
    return url_for(SENT_BY_EMAIL, **back)


def _new_mailing(proposal: dict[str, Any]) -> str:
    """The form of a mailing that begins with this proposal."""
    return url_for("mailing_console.new", **proposal)
