"""Pass a document on by e-mail (S2-17 to S2-19): a form, and below the document what became of it."""

from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from errors import AppError, Forbidden, Invalid, TooMany
from extensions import limiter
from jobs.portal import forward_documents
from models.base import db
from models.people.contact import ContactEmail, CustomerContact
from models.portal.document_forward import MOST_RECEIVERS
from models.sales.document import Document
from portal.document_in_words import in_words
from portal.frame import page
from portal.guard import current_customer, current_portal, current_visitor, portal_blueprint
from portal.limits import per_visitor
from portal.own_documents import own_document, today
from portal.writing import require_writer
from services.portal.forwards import LONGEST_NOTE, forward_document
from services.portal.visible_documents import SUBJECT_OF

OFTEN = "20 per hour"
MOST_OFFERED = 30
blueprint = portal_blueprint("forward", __name__)


@dataclass(frozen=True)
class Offered:
    """A colleague who can be ticked."""

    name: str
    address: str
    is_ticked: bool


@blueprint.get("/documents/<uuid:public_id>/forward")
def form(public_id: UUID) -> str:
    found = own_document(public_id)
    _require_forwarding()
    return _form(found)


@blueprint.post("/documents/<uuid:public_id>/forward")
@limiter.limit(OFTEN, key_func=per_visitor)
def forward(public_id: UUID) -> ResponseReturnValue:
    found = own_document(public_id)
    _require_forwarding()
    written = [*request.form.getlist("contact"), request.form.get("addresses", "")]
    try:
        made = forward_document(
            found, written, note=request.form.get("note", ""), ip=request.remote_addr
        )
    except (Invalid, TooMany) as problem:
        db.session.rollback()
        return _form(own_document(public_id), problem), problem.status
    count = len(made.addresses)
    db.session.commit()
    forward_documents.enqueue()
    flash(
        ngettext(
            "The document is on its way to one address.",
            "The document is on its way to %(num)d addresses.",
            count,
        )
    )
    where = url_for("portal-document.document", public_id=public_id, _anchor="forwards")
    return redirect(where, code=303)


def _require_forwarding() -> None:
    if not current_portal().settings.allow_forward:
        raise Forbidden(_("Documents are not forwarded here."))
    require_writer()


def _form(found: Document, problem: AppError | None = None) -> str:
    visitor = current_visitor()
    return render_template(
        "portal/forward.html",
        page=page(SUBJECT_OF[found.kind]),
        title=in_words(found, today()).title,
        label=found.label,
        document_url=url_for("portal-document.document", public_id=found.public_id),
        colleagues=_colleagues(),
        addresses=request.form.get("addresses", ""),
        note=request.form.get("note", "")[:LONGEST_NOTE],
        longest=LONGEST_NOTE,
        most=MOST_RECEIVERS,
        problem=problem.message if problem else "",
        problem_at=(getattr(problem, "field", "") or "addresses") if problem else "",
        customer=current_customer().name,
        organization=current_portal().organization.name,
        reply_to=visitor.name,
    )


def _colleagues() -> list[Offered]:
    """Other contacts of the customer that have an address."""
    ticked = set(request.form.getlist("contact"))
    rows = db.session.scalars(
        select(ContactEmail)
        .join(CustomerContact, CustomerContact.contact_id == ContactEmail.contact_id)
        .where(
            CustomerContact.customer_id == current_customer().id,
            CustomerContact.contact_id != current_visitor().contact_id,
            ContactEmail.is_default,
        )
        .order_by(CustomerContact.id)
        .limit(MOST_OFFERED)
    )
    return [
        Offered(each.contact.name, each.address, each.address in ticked)
        for each in rows
        if each.contact.is_active
    ]
