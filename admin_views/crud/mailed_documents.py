"""Lists of documents that leave by e-mail: what became of them, and how a mailing begins with some of them (S1-05)."""

from functools import partial
from typing import Any

from flask import current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    and_,
    any_,
    exists,
    inspect,
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import distinct_on

from admin_views import reader_formats as reader
from admin_views.columns import Described
from admin_views.crud.documents import DocumentScreen
from admin_views.filters import CodeIs, Filter, RelationIs
from admin_views.identity import current_staff
from admin_views.list_arguments import ListArguments
from admin_views.lookups import ScopedLoader
from admin_views.state_badges import Look, badge, state_badge
from models.any_of import is_any_of
from models.base import db
from models.mailings.delivery import (
    Delivery,
    DeliveryDocument,
    DeliveryKind,
    DeliveryState,
    DeliveryStatus,
)
from models.people.customer import Customer
from models.people.customer_group import CustomerGroup
from models.sales.document_state import DocumentKind, DocumentState
from services.mailings.address_book import groups_below
from services.sales.series import series_of

SENT_BY_EMAIL = "mailing_console.console"
SEND_CHOSEN = "send_by_email"
GROUP = "customer_group"
CAN_GO = frozenset({DocumentState.POSTED, DocumentState.PARTIALLY_PAID})
DELIVERY = Described("delivery", _l("Delivery"), {}, DeliveryState.__table__.c.state)
WAYS: dict[str, tuple[DeliveryStatus, ...]] = {
    "waiting": (DeliveryStatus.PREPARED, DeliveryStatus.QUEUED, DeliveryStatus.SENDING),
    "sent": (DeliveryStatus.SENT,),
    "failed": (DeliveryStatus.FAILED,),
    "unconfirmed": (DeliveryStatus.UNCONFIRMED,),
}
CAME_BACK = DeliveryState.bounced_at.is_not(None)  # the server took it, and then it did not arrive


def _deliveries(model: type[Any], *conditions: Any) -> Any:
    """Whether a delivery of the document at hand fits."""
    return exists(
        select(1)
        .select_from(DeliveryDocument)
        .join(DeliveryState, DeliveryState.delivery_id == DeliveryDocument.delivery_id)
        .join(Delivery, Delivery.id == DeliveryDocument.delivery_id)
        .where(
            DeliveryDocument.document_id == model.id,
            Delivery.kind.not_in([DeliveryKind.TEST, DeliveryKind.REHEARSAL]),
            *conditions,
        )
    )


def _went(way: str) -> ColumnElement[bool]:
    """That it went this way, as the list says it: what came back is no longer sent."""
    ended = DeliveryState.state.in_(WAYS[way])
    if way == "failed":
        return or_(ended, CAME_BACK)
    return and_(ended, not_(CAME_BACK)) if way == "sent" else ended


class DeliveryIs(Filter):
    """What became of the mails with this document."""

    control = "select"

    def value_of(self, values: list[str]) -> str:
        return ",".join(value for value in values if value)

    def is_valid(self, value: str) -> bool:
        return all(part in ("none", *WAYS) for part in value.split(","))

    def apply(self, query: Select[Any], model: type[Any], value: str) -> Select[Any]:
        parts = value.split(",")
        ways = [_went(part) for part in parts if part in WAYS]
        conditions = [_deliveries(model, or_(*ways))] if ways else []
        if "none" in parts:
            conditions.append(not_(_deliveries(model)))
        return query.where(conditions[0] if len(conditions) == 1 else conditions[0] | conditions[1])

    def words(self, value: str) -> str:
        words = dict(self.options())
        return ", ".join(words[part].lower() for part in value.split(","))

    def options(self) -> list[tuple[str, str]]:
        return [
            ("none", _("Not sent")),
            ("waiting", _("Waiting")),
            ("sent", _("Sent")),
            ("failed", _("Failed")),
            ("unconfirmed", _("Unconfirmed")),
        ]


class GroupOfCustomer(RelationIs):
    """The group that the customer is in, with all below it: as a mailing to the group takes it."""

    def apply(self, query: Select[Any], model: type[Any], value: str) -> Select[Any]:
        groups = is_any_of(Customer.customer_group_id, list(groups_below([int(value)])))
        return query.where(model.customer_id.in_(select(Customer.id).where(groups)))


class MailedDocumentScreen(DocumentScreen):
    """With the state of the delivery beside the state of the document."""

    def _process_ajax_references(self) -> dict[str, ScopedLoader]:
        found: dict[str, ScopedLoader] = super()._process_ajax_references()
        return {**found, GROUP: ScopedLoader(GROUP, CustomerGroup)}

    def extra_columns(self) -> dict[str, Described]:
        return {"delivery": DELIVERY}

    def filters(self) -> dict[str, Filter]:
        own: dict[str, Filter] = {
            "series": CodeIs("series", _l("Series"), self._series),
            "delivery": DeliveryIs("delivery", _l("Delivery")),
        }
        if current_staff().rights.allows(CustomerGroup.__tablename__, "view"):
            loader = self._form_ajax_refs[GROUP]
            own[GROUP] = GroupOfCustomer(GROUP, _l("Customer group"), loader, "customer_id")
        return {**super().filters(), **own}

    def _series(self) -> list[tuple[str, str]]:
        kind = DocumentKind(inspect(self.model).polymorphic_identity)
        return [(name, name) for name in series_of(kind)]

    def complete_rows(self, rows: list[Any]) -> None:
        """The newest delivery of each document of the page."""
        shown = literal([row.id for row in rows], ARRAY(BigInteger))
        latest = (
            select(DeliveryDocument.document_id, DeliveryState.state, DeliveryState.bounced_at)
            .ext(distinct_on(DeliveryDocument.document_id))
            .join(DeliveryState, DeliveryState.delivery_id == DeliveryDocument.delivery_id)
            .where(DeliveryDocument.document_id == any_(shown))
            .order_by(DeliveryDocument.document_id, DeliveryDocument.delivery_id.desc())
        )
        found = {key: (state, bounced) for key, state, bounced in db.session.execute(latest)}
        for row in rows:
            row.latest_delivery = found.get(row.id)

    def cell_of(self, column: Described) -> Any:
        if column.name == "delivery":
            return partial(delivery_cell, lang=reader.language())
        return super().cell_of(column)

    def export_value(self, column: Described) -> Any:
        if column.name == "delivery":
            return lambda row: row.latest_delivery[0].value if row.latest_delivery else None
        return super().export_value(column)

    def record_context(self, record: Any) -> dict[str, Any]:
        self.complete_rows([record])
        return super().record_context(record)

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


def delivery_cell(document: Any, lang: str | None = None) -> Any:
    """What became of the newest mail with this document."""
    if document.latest_delivery is None:
        return state_badge(DeliveryStatus.PREPARED, lang)
    state, bounced_at = document.latest_delivery
    return badge(_("Bounced"), Look("bad", "mail-x")) if bounced_at else state_badge(state, lang)


def send_url() -> str | None:
    """The console of mailings; it begins with the present view, and leads back to it."""
    if SENT_BY_EMAIL not in current_app.view_functions:
        return None
    back: dict[str, Any] = {"from": request.full_path.rstrip("?")}
    return url_for(SENT_BY_EMAIL, **back)


def _new_mailing(proposal: dict[str, Any]) -> str:
    """The form of a mailing that begins with this proposal."""
    return url_for("mailing_console.new", **proposal)
