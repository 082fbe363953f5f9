"""Files and pictures of a message that is written, and the customer it is about (S3-28, S3-29, S3-36, S3-37)."""

import uuid

from flask import abort, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import exists, func, or_, select

from admin_views.identity import current_staff
from admin_views.screens.mail_compose_saving import kept
from admin_views.screens.mail_compose_words import FILES_PART, customer_label, file_lines
from admin_views.screens.mail_door import blueprint, reader
from admin_views.stored_files import download, store
from errors import AppError
from jobs.mailings import workshop
from mail.address_list import write_addresses
from models.base import db
from models.mailbox.mail_draft import MailDraft
from models.people.contact import Contact, ContactEmail, CustomerContact
from models.people.customer import Customer
from models.sales.document import Document
from services.mailbox.draft_files import (
    add_document,
    add_file,
    add_picture,
    file_of_draft,
    remove_file,
    switch_link,
)
from services.mailbox.drafts import draft_of

MOST_CUSTOMERS = 20


@blueprint.post("/compose/<uuid:draft_id>/files")
def add_draft_file(draft_id: uuid.UUID) -> ResponseReturnValue:
    """A file, with what else stands in the form: whoever begins with a file has begun a draft."""
    person = reader("edit")
    upload = request.files.get("file") or abort(400)
    try:
        draft = kept(draft_id, person)
        add_file(draft, upload.read(), upload.filename or "", store())
    except AppError as problem:
        return jsonify(problem=problem.message), problem.status
    return _part(draft)


@blueprint.post("/compose/<uuid:draft_id>/pictures")
def add_draft_picture(draft_id: uuid.UUID) -> ResponseReturnValue:
    """A picture for the text; the answer says under which name the message has it."""
    person = reader("edit")
    upload = request.files.get("file") or abort(400)
    try:
        draft = kept(draft_id, person)
        row = add_picture(draft, upload.read(), store())
    except AppError as problem:
        return jsonify(problem=problem.message), problem.status
    db.session.commit()
    return jsonify(
        revision=draft.revision,
        cid=row.content_id,
        url=url_for("mail_area.draft_picture", draft_id=draft.public_id, content_id=row.content_id),
    )


@blueprint.post("/compose/<uuid:draft_id>/documents")
def add_draft_document(draft_id: uuid.UUID) -> ResponseReturnValue:
    """A document of the customer."""
    person = reader("edit")
    current_staff().rights.require("document", "view")
    key = request.form.get("document", "")
    try:
        draft = kept(draft_id, person)
        document = db.session.get(Document, int(key)) if key.isdecimal() and len(key) < 18 else None
        add_document(draft, document or abort(404), workshop())
    except AppError as problem:
        return jsonify(problem=problem.message), problem.status
    return _part(draft)


@blueprint.post("/compose/<uuid:draft_id>/files/<uuid:file_id>/remove")
def remove_draft_file(draft_id: uuid.UUID, file_id: uuid.UUID) -> ResponseReturnValue:
    draft = draft_of(draft_id, reader("edit"), lock=True)
    remove_file(draft, file_id)
    return _part(draft)


@blueprint.post("/compose/<uuid:draft_id>/files/<uuid:file_id>/link")
def link_draft_file(draft_id: uuid.UUID, file_id: uuid.UUID) -> ResponseReturnValue:
    """A document as a link, or as a file again."""
    draft = draft_of(draft_id, reader("edit"), lock=True)
    switch_link(draft, file_id, as_link=request.form.get("as_link") == "1")
    return _part(draft)


@blueprint.get("/compose/<uuid:draft_id>/files")
def draft_files(draft_id: uuid.UUID) -> ResponseReturnValue:
    """The files as they are now."""
    draft = draft_of(draft_id, reader("edit"))
    return render_template(FILES_PART, draft=draft, files=file_lines(draft))


@blueprint.get("/compose/<uuid:draft_id>/files/<uuid:file_id>")
def draft_file(draft_id: uuid.UUID, file_id: uuid.UUID) -> ResponseReturnValue:
    """One's own file, to be looked at."""
    row = file_of_draft(draft_of(draft_id, reader("edit")), file_id)
    if row.file is None:
        abort(404)
    return download(row.file.sha256, name=row.name, media_type=row.file.media_type)


@blueprint.get("/compose/<uuid:draft_id>/pictures/<content_id>")
def draft_picture(draft_id: uuid.UUID, content_id: str) -> ResponseReturnValue:
    """A picture of the text."""
    draft = draft_of(draft_id, reader("edit"))
    pictures = {row.content_id: row for row in draft.files if row.content_id is not None}
    row = pictures.get(content_id) or abort(404)
    assert row.file is not None  # a picture is always a file
    return download(row.file.sha256, name=row.name, media_type=row.file.media_type)


@blueprint.get("/compose/customers")
def find_customers() -> ResponseReturnValue:
    """By name, tax id, number or the e-mail address of a contact; for the look-up of the page."""
    reader("edit")
    current_staff().rights.require("customer", "view")
    words = request.args.get("query", "")[:200].split()
    query = select(Customer).order_by(Customer.sort_name, Customer.id).limit(MOST_CUSTOMERS)
    for word in words:
        has_address = exists().where(
            CustomerContact.customer_id == Customer.id,
            CustomerContact.contact_id == ContactEmail.contact_id,
            ContactEmail.address_norm.contains(word.lower(), autoescape=True),
        )
        query = query.where(
            or_(
                func.strpos(Customer.search_text, func.fold(word)) > 0,
                Customer.tax_id.contains(word, autoescape=True),
                has_address,
            )
        )
    return jsonify([[each.id, customer_label(each)] for each in db.session.scalars(query)])


@blueprint.get("/compose/people")
def people_of_customer() -> ResponseReturnValue:
    """The contacts of a customer, as addresses for the fields; without a customer, whoever matches what is typed."""
    reader("edit")
    current_staff().rights.require("customer", "view")
    key, typed = request.args.get("customer", ""), request.args.get("query", "").strip()[:100]
    query = (
        select(Contact.name, ContactEmail.address)
        .join(ContactEmail, ContactEmail.contact_id == Contact.id)
        .order_by(Contact.sort_name, Contact.id, ContactEmail.id)
        .limit(MOST_CUSTOMERS)
    )
    if key.isdecimal() and len(key) < 18:
        query = query.join(CustomerContact, CustomerContact.contact_id == Contact.id).where(
            CustomerContact.customer_id == int(key)
        )
    elif len(typed) < 2:
        return jsonify([])
    if typed:
        query = query.where(
            or_(
                func.strpos(Contact.sort_name, func.fold(typed)) > 0,
                ContactEmail.address_norm.contains(typed.lower(), autoescape=True),
            )
        )
    rows = db.session.execute(query).all()
    return jsonify([write_addresses([(row.name, row.address)]) for row in rows])


def _part(draft: MailDraft) -> ResponseReturnValue:
    db.session.commit()
    html = render_template(FILES_PART, draft=draft, files=file_lines(draft))
    return jsonify(revision=draft.revision, html=html, said=_("Files changed"))
