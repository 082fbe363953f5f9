"""The mail area: folders, conversations, and the one that is read (S3-04 to S3-06, S3-23, S3-24)."""

import uuid
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from admin_views.identity import current_staff
from admin_views.screens.mail_door import allows, blueprint, compose_url, is_for, reader, trail
from admin_views.screens.mail_folders import account_named, folder_list, mailbox_choices
from admin_views.screens.mail_list import choose_all_words, mail_list
from admin_views.screens.mail_place import MailPlace, place_asked_for
from admin_views.screens.mail_reading import reading_of
from admin_views.screens.mail_state_words import mail_state
from admin_views.screens.mail_without_account import without_account
from models.base import db
from models.people.user import User
from services.mailbox.batch_progress import BatchProgress, progress_of
from services.mailbox.mail_place import choose_mailbox, mailboxes_of
from services.mailbox.reading_state import notice_failures

LARGE_BATCH = 20  # from as many on, one wants to see how far the server has come


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """The whole page; the list or the conversation alone when htmx asks for it."""
    person = reader()
    boxes = mailboxes_of(person)
    trail()
    if not boxes.accounts:
        return without_account(person)
    place = place_asked_for(boxes, request.args)
    if is_for("mail-read"):
        return reading_part(place, person)
    if is_for("mail-list"):
        return list_part(place, person)
    return whole_page(place, person)


@blueprint.post("/account")
def choose_account() -> ResponseReturnValue:
    """Look at one mailbox, or at all of them; the choice is kept (S3-24)."""
    person = reader()
    boxes = mailboxes_of(person)
    choose_mailbox(person, account_named(boxes, request.form.get("account", "")))
    db.session.commit()
    search = request.form.get("q", "")
    if search:
        return redirect(url_for("mail_area.search", q=search, tab=request.form.get("tab", "")))
    place = place_asked_for(mailboxes_of(person), {"only": request.form.get("only", "")})
    return redirect(place.url())


@blueprint.get("/pulse")
def pulse() -> ResponseReturnValue:
    """What has changed since the page was drawn: state and counts, and the list if it has become another."""
    person = reader()
    boxes = mailboxes_of(person)
    place = place_asked_for(boxes, request.args)
    shown = _list(place, person, chosen=set(request.args.getlist("rowid")))
    return render_template(
        "admin/mail/_pulse.html",
        **shown,
        state=mail_state(boxes, person),
        is_changed=shown["list"].token != request.args.get("token"),
    )


@blueprint.get("/batches/<uuid:batch>")
def batch_progress(batch: uuid.UUID) -> ResponseReturnValue:
    """How far the server has come with what was done with one click (S3-16)."""
    return progress_part(batch, reader())


@blueprint.post("/failures")
def forget_failures() -> ResponseReturnValue:
    """They have been read."""
    person = reader()
    notice_failures(person)
    db.session.commit()
    return redirect(url_for("mail_area.index"))


def whole_page(place: MailPlace, person: User, **beside: Any) -> str:
    """Folders, list and conversation; `beside` them what the window of a message needs."""
    return render_template(
        "admin/mail/index.html",
        title=_("E-mail area"),
        choices=mailbox_choices(place.mailboxes),
        **_list(place, person) | _reading(place, person) | beside,
        state=mail_state(place.mailboxes, person),
    )


def list_part(place: MailPlace, person: User, **more: Any) -> str:
    """The list with the folders beside it, as an answer to htmx."""
    shown = _list(place, person, chosen=more.pop("chosen", ()))
    return render_template("admin/mail/_list_answer.html", **shown, **more)


def reading_part(place: MailPlace, person: User) -> str:
    """The conversation alone."""
    return render_template("admin/mail/_reading.html", **_reading(place, person))


def rows_part(place: MailPlace, person: User, *, keys: Any, chosen: Any) -> str:
    """These rows of the list with the folders, for a change that nobody asked for by a button."""
    shown = _list(place, person, chosen=chosen)
    return render_template("admin/mail/_rows_answer.html", **shown, shown=keys)


def progress_part(batch: uuid.UUID, person: User) -> str:
    progress: BatchProgress = progress_of(batch, person)
    return render_template("admin/mail/_progress.html", batch=batch, progress=progress)


def _list(place: MailPlace, person: User, *, chosen: Any = ()) -> dict[str, Any]:
    shown = mail_list(place, person, chosen=chosen)
    return {
        "place": place,
        "folders": folder_list(place, person),
        "list": shown,
        "choose_all": choose_all_words(shown.total) if shown.total > len(shown.lines) else "",
        "may_edit": allows("edit"),
        "may_purge": allows("delete"),
        "new_url": compose_url("", beside=place.query) if allows("edit") else "",
    }


def _reading(place: MailPlace, person: User) -> dict[str, Any]:
    return {
        "place": place,
        "reading": reading_of(place, person) if place.open else None,
        "may_edit": allows("edit"),
        "may_tie": allows("edit") and current_staff().rights.allows("customer", "view"),
    }
