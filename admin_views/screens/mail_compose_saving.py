"""What is done with a message that is written: kept, cleared, given up, sent, taken back (S3-18, S3-38, S3-39)."""

import uuid
from typing import Any

from flask import flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from admin_views.reader_formats import moment, zone
from admin_views.screens.mail_compose import (
    account_of,
    asked_for,
    beside_asked_for,
    draft_url,
    page,
)
from admin_views.screens.mail_compose_words import chips_of, saved_words
from admin_views.screens.mail_door import blueprint, reader
from admin_views.screens.mail_place import place_of_query
from admin_views.screens.mail_presence import begun_at, meanwhile_words
from admin_views.stored_files import store
from errors import AppError, Invalid, NotFound
from jobs.mail_sending import send_written
from mail.parsing import plain_words
from models.base import db
from models.mailbox.mail_draft import DraftKind, DraftState, MailDraft
from models.mailbox.message import Message
from models.people.customer import Customer
from models.people.user import User
from services.mailbox.draft_files import take_along
from services.mailbox.drafts import (
    SWITCHES,
    TEXTS,
    WrittenElsewhere,
    discard,
    draft_of,
    draft_to_keep,
    empty,
    find_draft,
    has_text,
    is_as_typed,
    keep,
    refill,
    restore,
)
from services.mailbox.mail_place import mailboxes_of
from services.mailbox.mail_sending import flaws_of, leave, take_back
from services.mailbox.meanwhile import happened_since_begun
from services.mailbox.saved_replies import text_named
from services.mailings.moments import moment_typed


@blueprint.post("/compose/<uuid:draft_id>/keep")
def keep_draft(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Every few seconds: what stands in the form; the answer says what of it is no address."""
    person = reader("edit")
    try:
        draft = kept(draft_id, person)
    except WrittenElsewhere as problem:
        return jsonify(changed=problem.message), problem.status
    except AppError as problem:
        return jsonify(problem=problem.message), problem.status
    db.session.commit()
    return jsonify(
        revision=draft.revision,
        saved=saved_words(draft),
        url=draft_url(draft),
        chips=chips_of(draft),
    )


@blueprint.post("/compose/<uuid:draft_id>/send")
def send_draft(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Let it leave in ten seconds, or at the moment that was chosen; until then the notice takes it back."""
    person = reader("edit")
    is_later = request.form.get("later") == "1"
    later = request.form.get("leaves_at", "") if is_later else ""
    try:
        draft = kept(draft_id, person)
    except WrittenElsewhere as problem:
        return _sent_elsewhere(draft_id, person, problem)
    asks = _questions(draft, person)
    if asks and request.form.get("sure") != "1":
        db.session.commit()
        return page(draft, person, asks=asks, later=later)
    flaws = [flaw.sentence for flaw in flaws_of(draft, person)]
    at = None
    if is_later:
        try:
            at = moment_typed(later, str(zone()))
        except Invalid as problem:
            flaws.append(problem.message)
    if flaws:
        db.session.commit()
        return page(draft, person, status=422, flaws=flaws, later=later)
    leave(draft, person, at=at)
    db.session.commit()
    flash(
        _("The message leaves on %(when)s.", when=moment(at))
        if at
        else _("The message leaves in 10 seconds."),
        f"undo:{url_for('mail_area.unsend_draft', draft_id=draft_id)}",
    )
    return redirect(_back(person, folder="sent"))


def _questions(draft: MailDraft, person: User) -> list[str]:
    """What somebody may have forgotten, or not know yet."""
    found = meanwhile_words(happened_since_begun(draft, begun_at(), person))
    if not draft.fields["subject"].strip():
        found.append(_("The message has no subject."))
    if not has_text(draft):
        found.append(_("The message is empty."))
    return found


def _sent_elsewhere(
    draft_id: uuid.UUID, person: User, problem: WrittenElsewhere
) -> ResponseReturnValue:
    """What is kept, and below it what was typed here; pressed twice, it has been sent once."""
    values = _values(person)
    db.session.rollback()
    found = draft_of(draft_id, person)
    if is_as_typed(found, values):
        if found.state is not DraftState.WRITING:
            return redirect(_back(person, folder="sent"))
        return page(found, person, status=409, flaws=[problem.message])
    body = "body_text" if values["is_plain"] else "body_html"
    lines = [values[name] for name in ("to", "cc", "bcc", "subject")]
    text = values[body] if values["is_plain"] else plain_words(values[body])
    typed = "\n".join(filter(None, [*lines, text]))
    return page(found, person, status=409, flaws=[problem.message], typed=typed)


@blueprint.post("/compose/<uuid:draft_id>/other")
def show_other(draft_id: uuid.UUID) -> ResponseReturnValue:
    """What another tab has kept, with what was typed in this one."""
    person = reader("edit")
    try:
        draft = kept(draft_id, person)
    except WrittenElsewhere as problem:
        return _sent_elsewhere(draft_id, person, problem)
    db.session.commit()
    return redirect(draft_url(draft))


@blueprint.post("/compose/<uuid:draft_id>/unsend")
def unsend_draft(draft_id: uuid.UUID) -> ResponseReturnValue:
    """The same draft again."""
    person = reader("edit")
    draft = draft_of(draft_id, person, lock=True)
    take_back(draft)
    db.session.commit()
    return redirect(draft_url(draft))


@blueprint.post("/compose/leaving")
def ring_for_leaving() -> ResponseReturnValue:
    """The ten seconds are over somewhere: have the messages sent that are due."""
    reader("edit")
    send_written.enqueue()
    return "", 204


@blueprint.post("/compose/<uuid:draft_id>/clear")
def clear_draft(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Empty all fields; the notice brings them back."""
    person = reader("edit")
    try:
        draft = kept(draft_id, person)
    except WrittenElsewhere as problem:
        return _sent_elsewhere(draft_id, person, problem)
    empty(draft)
    db.session.commit()
    flash(
        _("All fields are empty."), f"undo:{url_for('mail_area.refill_draft', draft_id=draft_id)}"
    )
    return redirect(draft_url(draft))


@blueprint.post("/compose/<uuid:draft_id>/refill")
def refill_draft(draft_id: uuid.UUID) -> ResponseReturnValue:
    """What stood there before it was cleared."""
    draft = draft_of(draft_id, reader("edit"), lock=True)
    refill(draft)
    db.session.commit()
    return redirect(draft_url(draft))


@blueprint.post("/compose/<uuid:draft_id>/discard")
def discard_draft(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Give the draft up; the notice brings it back."""
    person = reader("edit")
    draft = draft_of(draft_id, person, lock=True)
    discard(draft)
    db.session.commit()
    flash(_("Draft deleted."), f"undo:{url_for('mail_area.restore_draft', draft_id=draft_id)}")
    return redirect(_back(person))


@blueprint.post("/compose/<uuid:draft_id>/restore")
def restore_draft(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Go on writing what was given up."""
    person = reader("edit")
    draft = found_also_discarded(draft_id, person)
    restore(draft)
    db.session.commit()
    return redirect(draft_url(draft))


@blueprint.get("/compose/text")
def saved_text() -> ResponseReturnValue:
    """A saved text for the message, with what is known of who writes."""
    person = reader("edit")
    account = account_of(person, request.args.get("account"))
    key = request.args.get("customer", "")
    customer = db.session.get(Customer, int(key)) if key.isdecimal() and len(key) < 18 else None
    subject, html = text_named(request.args.get("name", ""), account, customer, person.lang)
    return jsonify(subject=subject, html=html)


def kept(draft_id: uuid.UUID, person: User) -> MailDraft:
    """The draft with what stands in the form written down; not committed yet."""
    kind, follows = _followed(draft_id, person)
    draft, is_new = draft_to_keep(draft_id, person, kind, follows)
    if is_new:
        take_along(draft, store())
    keep(draft, _values(person), revision=_revision())
    return draft


def _followed(draft_id: uuid.UUID, person: User) -> tuple[DraftKind, Message | None]:
    """What a new draft follows: if that was deleted meanwhile, what was typed is kept as a message of its own."""
    if find_draft(draft_id, person) is not None:
        return DraftKind.NEW, None  # it knows
    try:
        return asked_for(request.form.get("kind"), request.form.get("message"), person)
    except NotFound:
        return DraftKind.NEW, None


def found_also_discarded(draft_id: uuid.UUID, person: User) -> MailDraft:
    draft = find_draft(draft_id, person, lock=True)
    return draft if draft is not None else draft_of(draft_id, person)


def _back(person: User, *, folder: str | None = None) -> str:
    """Where the window of the message stood; else this folder of the area."""
    if beside := beside_asked_for():
        return place_of_query(mailboxes_of(person), beside).url()
    return url_for("mail_area.index", folder=folder)


def _values(person: User) -> dict[str, Any]:
    values: dict[str, Any] = {name: request.form.get(name, "") for name in TEXTS}
    values |= {name: request.form.get(name) == "1" for name in SWITCHES}
    account = account_of(person, request.form.get("account"))
    values["account_id"] = account.id if account else None
    values["customer_id"] = _customer_id()
    return values


def _customer_id() -> int | None:
    key = request.form.get("customer", "")
    if not key.isdecimal() or len(key) > 17:
        return None
    customer = db.session.get(Customer, int(key))
    if customer is None:
        raise Invalid(_("It does not exist, or you have no access to it."), field="customer")
    return customer.id


def _revision() -> int:
    text = request.form.get("revision", "0")
    return int(text) if text.isdecimal() and len(text) < 10 else -1
