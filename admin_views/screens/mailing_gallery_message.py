"""A message of the gallery and its files, as they are frozen (S1-14)."""

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
from mail.reading import read_message
from models.base import db
from models.mailings.delivery import Delivery, DeliveryBody
from services.mailings.frozen_message import frozen_message, paper_of, short_source, source_of
from services.mailings.recipients import delivery_of


def message_of(place: GalleryPlace, delivery: Delivery) -> Message:
    """Everything that the chosen view shows of this message."""
    store = workshop().store
    frozen = frozen_message(delivery, store)
    has_source = place.view is View.MESSAGE and place.shape is Shape.SOURCE
    return message_view(
        place,
        frozen.read,
        frozen.papers,
        partial(_address, place, delivery),
        bcc=frozen.bcc,
        source=short_source(delivery, store) if has_source else None,
    )


@blueprint.get("/<uuid:public_id>/gallery/<uuid:delivery_id>/frame")
def frame(public_id: uuid.UUID, delivery_id: uuid.UUID) -> ResponseReturnValue:
    delivery = delivery_of(the_mailing(public_id), delivery_id)
    body = db.session.get_one(DeliveryBody, delivery.id)
    return frame_answer(read_message(body.head), body.parts, delivery.lang)


@blueprint.get("/<uuid:public_id>/gallery/<uuid:delivery_id>/message.eml")
def source(public_id: uuid.UUID, delivery_id: uuid.UUID) -> ResponseReturnValue:
    delivery = delivery_of(the_mailing(public_id), delivery_id)
    return source_answer(source_of(delivery, workshop().store), str(delivery.public_id))


@blueprint.get("/<uuid:public_id>/gallery/<uuid:delivery_id>/files/<int:n>")
def file(public_id: uuid.UUID, delivery_id: uuid.UUID, n: int) -> ResponseReturnValue:
    delivery = delivery_of(the_mailing(public_id), delivery_id)
    return file_answer(paper_of(delivery, n, workshop().store))


@blueprint.get("/<uuid:public_id>/gallery/<uuid:delivery_id>/files/<int:n>/<int:page>.png")
def page(public_id: uuid.UUID, delivery_id: uuid.UUID, n: int, page: int) -> ResponseReturnValue:
    delivery = delivery_of(the_mailing(public_id), delivery_id)
    return page_answer(paper_of(delivery, n, workshop().store), page)


def _address(place: GalleryPlace, delivery: Delivery, name: str, **more: Any) -> str:
    keys: dict[str, Any] = {"public_id": place.mailing.public_id, "delivery_id": delivery.public_id}
    return url_for(f"mailing_console.{name}", **keys, **more)
