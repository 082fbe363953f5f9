"""What became of the e-mails with a document, beside its state in every list of documents (P-24)."""

from functools import partial
from typing import Any

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
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import distinct_on

from admin_views import reader_formats as reader
from admin_views.columns import Described
from admin_views.filters import Filter
from admin_views.state_badges import Look, badge, state_badge
from models.base import db
from models.mailings.delivery import (
    OURS_ALONE,
    Delivery,
    DeliveryDocument,
    DeliveryState,
    DeliveryStatus,
)

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
            Delivery.kind.not_in(OURS_ALONE),
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


class DeliveryColumn:
    """A screen of documents says of each what its newest e-mail came to."""

    def extra_columns(self) -> dict[str, Described]:
        return {"delivery": DELIVERY}

    def filters(self: Any) -> dict[str, Filter]:
        found: dict[str, Filter] = super().filters()  # type: ignore[misc]  # of the screen
        return {**found, "delivery": DeliveryIs("delivery", _l("Delivery"))}

    def complete_rows(self, rows: list[Any]) -> None:
        """The newest delivery of each document of the page; tests of ours reach nobody."""
        shown = literal([row.id for row in rows], ARRAY(BigInteger))
        latest = (
            select(DeliveryDocument.document_id, DeliveryState.state, DeliveryState.bounced_at)
            .ext(distinct_on(DeliveryDocument.document_id))
            .join(DeliveryState, DeliveryState.delivery_id == DeliveryDocument.delivery_id)
            .join(Delivery, Delivery.id == DeliveryDocument.delivery_id)
            .where(DeliveryDocument.document_id == any_(shown), Delivery.kind.not_in(OURS_ALONE))
            .order_by(DeliveryDocument.document_id, DeliveryDocument.delivery_id.desc())
        )
        found = {key: (state, bounced) for key, state, bounced in db.session.execute(latest)}
        for row in rows:
            row.latest_delivery = found.get(row.id)

    def cell_of(self: Any, column: Described) -> Any:
        if column.name == "delivery":
            return partial(delivery_cell, lang=reader.language())
        return super().cell_of(column)  # type: ignore[misc]  # of the screen

    def export_value(self: Any, column: Described) -> Any:
        if column.name == "delivery":
            return lambda row: row.latest_delivery[0].value if row.latest_delivery else None
        return super().export_value(column)  # type: ignore[misc]  # of the screen

    def record_context(self: Any, record: Any) -> dict[str, Any]:
        self.complete_rows([record])
        context: dict[str, Any] = super().record_context(record)  # type: ignore[misc]
        return context


def delivery_cell(document: Any, lang: str | None = None) -> Any:
    """What became of the newest mail with this document."""
    if document.latest_delivery is None:
        return state_badge(DeliveryStatus.PREPARED, lang)
    state, bounced_at = document.latest_delivery
    return badge(_("Bounced"), Look("bad", "mail-x")) if bounced_at else state_badge(state, lang)
