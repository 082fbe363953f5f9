"""The address that the QR of a printed document leads to: staff get the record, everybody else the customers' portal."""

import uuid

from flask import Blueprint, abort, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from admin_views.identity import current_staff
from admin_views.next_page import this_page
from models.base import db
from models.sales.document import Document
from services.portal.portal_addresses import page_of_document

blueprint = Blueprint("document_address", __name__)


@blueprint.get("/d/<uuid:public_id>")
def printed(public_id: uuid.UUID) -> ResponseReturnValue:
    """Open to everybody, as paper is: whoever holds it is asked at the portal who they are, and shown nothing before.

    An unknown document leads to the staff's sign-in, like any other page.
    """
    if current_user.is_authenticated and current_user.has_place:
        return document(public_id)
    return redirect(page_of_document(public_id) or url_for("sign_in.sign_in", next=this_page()))


@blueprint.get("/document/<uuid:public_id>")
def document(public_id: uuid.UUID) -> ResponseReturnValue:
    """The details of the document with this public name, if it is one of the organization in scope."""
    current_staff().rights.require("document", "view")
    found = db.session.scalars(
        select(Document).where(Document.public_id == public_id)
    ).one_or_none()
    if found is None:
        abort(404)
    return redirect(url_for(f"{found.kind}.details_view", id=found.id))
