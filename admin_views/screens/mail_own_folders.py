"""Folders that readers make, rename and delete: each in a question of its own (S3-05)."""

import uuid
from typing import Any

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from admin_views.next_page import leave_for
from admin_views.screens.mail_door import blueprint, is_for, reader
from admin_views.screens.mail_folders import account_named
from admin_views.screens.mail_place import MailPlace, folder_named
from errors import AppError
from jobs.mailbox import read_mailbox
from models.base import db
from models.mailbox.mail_folder import MailFolder
from models.people.user import User
from services.mailbox.mail_place import Box, Mailboxes, mailboxes_of
from services.mailbox.own_folders import contents_of, delete_folder, make_folder, rename_folder


@blueprint.get("/folders/new")
def new_folder() -> ResponseReturnValue:
    """Asks for its name, and in which mailbox."""
    return _new_page(mailboxes_of(reader("edit")))


@blueprint.post("/folders/new")
def really_make_folder() -> ResponseReturnValue:
    """A name that is none, or taken, is asked for again."""
    boxes = mailboxes_of(reader("edit"))
    account = account_named(boxes, request.form.get("account", "")) or next(iter(boxes.shown), None)
    if account is None:
        abort(404)
    try:
        folder = make_folder(account, request.form.get("name", ""))
    except AppError as problem:
        db.session.rollback()
        return _new_page(mailboxes_of(reader("edit")), flaw=problem.message), problem.status
    return _done(folder, MailPlace(boxes, Box.FOLDER, folder).url(), _("The folder is made."))


@blueprint.get("/folders/<uuid:public_id>")
def own_folder(public_id: uuid.UUID) -> ResponseReturnValue:
    """Its name, what the server said to the last change, and the way to delete it."""
    return _page(_own(public_id, reader("edit")))


@blueprint.post("/folders/<uuid:public_id>")
def really_rename_folder(public_id: uuid.UUID) -> ResponseReturnValue:
    """Another name, or the same question with what is wrong with it."""
    person = reader("edit")
    folder = _own(public_id, person)
    try:
        rename_folder(folder, request.form.get("name", ""))
    except AppError as problem:
        db.session.rollback()
        return _page(_own(public_id, person), flaw=problem.message), problem.status
    place = MailPlace(mailboxes_of(person), Box.FOLDER, folder)
    return _done(folder, place.url(), _("The folder is renamed."))


@blueprint.post("/folders/<uuid:public_id>/delete")
def really_delete_folder(public_id: uuid.UUID) -> ResponseReturnValue:
    """One with something in it asks first."""
    person = reader("edit")
    folder = _own(public_id, person)
    contents = contents_of(folder)
    if (contents.messages or contents.folders) and request.form.get("sure") != "1":
        return render_template(
            "admin/mail/folder_delete.html",
            dialog=is_for("dialog"),
            action_url=url_for("mail_area.really_delete_folder", public_id=public_id),
            pairs=[("sure", "1")],
            return_url=url_for("mail_area.index"),
            folder=folder,
            contents=contents,
        )
    try:
        delete_folder(folder, person)
    except AppError as problem:
        db.session.rollback()
        return _page(_own(public_id, person), flaw=problem.message), problem.status
    return _done(folder, url_for("mail_area.index"), _("The folder is deleted."))


def _own(public_id: uuid.UUID, person: User) -> MailFolder:
    return folder_named(mailboxes_of(person), str(public_id)) or abort(404)


def _done(folder: MailFolder, url: str, words: str) -> ResponseReturnValue:
    """The server is told at once; the clock does it later in any case."""
    account_id = folder.account_id
    db.session.commit()
    read_mailbox.enqueue(account_id)
    flash(words)
    return leave_for(url)


def _new_page(boxes: Mailboxes, *, flaw: str = "") -> str:
    return render_template(
        "admin/mail/folder_new.html",
        **_asking(url_for("mail_area.really_make_folder"), flaw),
        accounts=[(str(each.public_id), each.address) for each in boxes.shown],
        account=request.form.get("account", ""),
        name=request.form.get("name", ""),
    )


def _page(folder: MailFolder, *, flaw: str = "") -> str:
    url = url_for("mail_area.really_rename_folder", public_id=folder.public_id)
    return render_template(
        "admin/mail/folder.html",
        **_asking(url, flaw),
        folder=folder,
        name=request.form.get("name", folder.name),
        delete_url=url_for("mail_area.really_delete_folder", public_id=folder.public_id),
    )


def _asking(url: str, flaw: str) -> dict[str, Any]:
    return {
        "dialog": is_for("dialog"),
        "has_fields": True,
        "action_url": url,
        "return_url": url_for("mail_area.index"),
        "flaw": flaw,
    }
