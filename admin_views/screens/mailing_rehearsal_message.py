"""A message as it arrived in the viewer: on the page, in its frame, its bytes and files (N-06)."""

import uuid
from functools import partial
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from admin_views.screens.mailing_door import blueprint, the_mailing
from admin_views.screens.mailing_gallery_place import GalleryPlace, Shape, View
from admin_views.screens.mailing_message_view import (
    Message,
    file_answer,
    frame_answer,
    message_view,
    page_answer,
    source_answer,
)
from jobs.mailings import workshop
from mail.arrival import read_arrival
from models.mailings.delivery import Delivery
from models.mailings.mailing import Mailing
from models.mailings.rehearsal import RehearsedMessage
from services.mailings.frozen_message import Paper
from services.mailings.recipients import delivery_of
from services.mailings.rehearsal import bytes_of, message_of_delivery, paper_of, papers_of

SHOWN_BYTES = 600  # of each attachment in the source


def rehearsed_view(place: GalleryPlace, message: RehearsedMessage, delivery: Delivery) -> Message:
    """Everything that the chosen view shows of what arrived."""
    store = workshop().store
    has_source = place.view is View.MESSAGE and place.shape is Shape.SOURCE
    return message_view(
        place,
        read_arrival(bytes_of(message, store)).read,
        papers_of(message, store),
        partial(_address, place.mailing, delivery),
        source=_short_source(message) if has_source else None,
    )


@blueprint.get("/<uuid:public_id>/rehearsal/<uuid:delivery_id>/frame")
def rehearsal_frame(public_id: uuid.UUID, delivery_id: uuid.UUID) -> ResponseReturnValue:
    delivery, message = _asked_for(public_id, delivery_id)
    read = read_arrival(bytes_of(message, workshop().store)).read
    return frame_answer(read, message.parts, delivery.lang)


@blueprint.get("/<uuid:public_id>/rehearsal/<uuid:delivery_id>/message.eml")
def rehearsal_source(public_id: uuid.UUID, delivery_id: uuid.UUID) -> ResponseReturnValue:
    delivery, message = _asked_for(public_id, delivery_id)
    return source_answer(bytes_of(message, workshop().store), str(delivery.public_id))


@blueprint.get("/<uuid:public_id>/rehearsal/<uuid:delivery_id>/files/<int:n>")
def rehearsal_file(public_id: uuid.UUID, delivery_id: uuid.UUID, n: int) -> ResponseReturnValue:
    return file_answer(_paper(public_id, delivery_id, n))


@blueprint.get("/<uuid:public_id>/rehearsal/<uuid:delivery_id>/files/<int:n>/<int:page>.png")
def rehearsal_page(
    public_id: uuid.UUID, delivery_id: uuid.UUID, n: int, page: int
) -> ResponseReturnValue:
    return page_answer(_paper(public_id, delivery_id, n), page)


def _paper(public_id: uuid.UUID, delivery_id: uuid.UUID, n: int) -> Paper:
    _delivery, message = _asked_for(public_id, delivery_id)
    return paper_of(message, n, workshop().store)


def _asked_for(public_id: uuid.UUID, delivery_id: uuid.UUID) -> tuple[Delivery, RehearsedMessage]:
    mailing = the_mailing(public_id, "test")
    delivery = delivery_of(mailing, delivery_id)
    return delivery, message_of_delivery(mailing, delivery)


def _address(mailing: Mailing, delivery: Delivery, name: str, **more: Any) -> str:
    keys: dict[str, Any] = {"public_id": mailing.public_id, "delivery_id": delivery.public_id}
    return url_for(f"mailing_console.rehearsal_{name}", **keys, **more)


def _short_source(message: RehearsedMessage) -> str:
    """The message with the beginning of each attachment only."""
    store = workshop().store
    pieces = [message.head or b""]
    for sha256 in message.parts:
        start = store.read_range(sha256, 0, SHOWN_BYTES)
        pieces += [start.rpartition(b"\r\n")[0], b"\r\n[...]\r\n"]
    return b"".join(pieces).decode("utf-8", "replace").replace("\r\n", "\n")
