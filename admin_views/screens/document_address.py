"""The address that the QR of a document leads to; staff get the record."""

import uuid

from flask import Blueprint, abort, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from admin_views.identity import current_staff
from models.base import db
from models.sales.document import Document

blueprint = Blueprint("document_address", __name__)


@blueprint.get("/d/<uuid:public_id>")
def document(public_id: uuid.UUID) -> ResponseReturnValue:
    """The details of the document with this public name, if it is one of the organization in scope."""
    current_staff().rights.require("document", "view")
    found = db.session.scalars(
        select(Document).where(Document.public_id == public_id)
    ).one_or_none()
    if found is None:
        abort(404)
    return redirect(url_for(f"{found.kind}.details_view", id=found.id))
