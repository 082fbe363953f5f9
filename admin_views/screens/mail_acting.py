"""What is done with the chosen conversations, or with the open one: at once here, afterwards on the server."""

import json
import uuid
from collections.abc import Callable, Sequence, Set
from typing import Any

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views.identity import settings
from admin_views.next_page import is_inside
from admin_views.reader_formats import day, number
from admin_views.screens.mail_area import LARGE_BATCH, list_part, rows_part
from admin_views.screens.mail_door import blueprint, compose_url, is_for, reader
from admin_views.screens.mail_place import MailPlace, folder_named, place_asked_for
from errors import Conflict
from files.store import FileStore
from jobs.mailbox import read_mailbox
from models.base import db
from models.mailbox.mail_folder import FolderRole
from models.mailbox.mailbox_operation import OperationKind
from models.mailbox.message_placement import MessagePlacement
from models.people.user import User
from services.mailbox.action_batch import Batch
from services.mailbox.chosen_messages import (
    all_pairs,
    messages_of,
    newest_of,
    pairs_of,
    standing_for,
)
from services.mailbox.forwarding import forward_together
from services.mailbox.mail_place import EVERYWHERE, mailboxes_of
from services.mailbox.marking import mark
from services.mailbox.moving import move, move_to_role, restore, trash
from services.mailbox.purging import purge
from services.mailbox.snoozing import bring_back, notice
from services.mailbox.snoozing import take_back as take_back_snooze
from services.mailbox.undoing import undo

Placements = Sequence[MessagePlacement]
Deed = Callable[[Placements, User], Batch]
DEEDS: dict[str, Deed] = {
    "read": lambda chosen, person: mark(chosen, OperationKind.READ, person),
    "unread": lambda chosen, person: mark(chosen, OperationKind.UNREAD, person),
    "star": lambda chosen, person: mark(newest_of(chosen), OperationKind.STAR, person),
    "unstar": lambda chosen, person: mark(chosen, OperationKind.UNSTAR, person),
    "archive": lambda chosen, person: move_to_role(chosen, FolderRole.ARCHIVE, person),
    "trash": trash,
    "restore": restore,
    "unsnooze": bring_back,
}
KEEP_CHOICE = ("read", "unread", "star", "unstar")
FOLLOWS = ("reply", "reply_all", "forward")


@blueprint.post("/act")
def act() -> ResponseReturnValue:
    """`do` says what; `one` is a deed on a single conversation, `all` means every one of the folder."""
    person = reader("edit")
    place = place_asked_for(mailboxes_of(person), request.form)
    deed, keys = asked_for()
    messages = chosen_of(place, keys)
    if deed in FOLLOWS:
        return _compose(deed, messages, place, person)
    accounts = _accounts_of(messages)
    if deed == "move":
        batch = _move(place, messages, person)
    else:
        batch = DEEDS.get(deed, _unknown)(messages, person)
    if deed == "read":
        notice(messages)
    db.session.commit()
    _ring(accounts)
    chosen = set(request.form.getlist("rowid")) if deed in KEEP_CHOICE else ()
    if request.form.get("quiet") == "1":
        return rows_part(place, person, keys=set(keys), chosen=chosen)
    return _done(place, person, deed, batch, chosen)


@blueprint.post("/purge")
def really_purge() -> ResponseReturnValue:
    """Asks first; what belongs to a document that has to be kept is refused with the reason (S3-21)."""
    person = reader("delete")
    place = place_asked_for(mailboxes_of(person), request.form)
    _deed, keys = asked_for()
    chosen = chosen_of(place, keys)
    if not chosen:
        raise Conflict(_("Choose at least one conversation."))
    if request.form.get("sure") != "1":
        return render_template(
            "admin/mail/purge.html",
            dialog=is_for("dialog"),
            action_url=url_for("mail_area.really_purge"),
            pairs=[
                *((name, value) for name, value in place.arguments().items() if name != "open"),
                *(("rowid", key) for key in keys),
                *([("all", "1")] if "all" in request.form else []),
                ("sure", "1"),
            ],
            return_url=place.url(open=None),
            messages=len(chosen),
        )
    accounts = _accounts_of(chosen)
    batch = purge(chosen, person, retention_years=settings().document_retention_years)
    db.session.commit()
    _ring(accounts)
    if not batch.kept:
        flash(_words("purge", batch.messages))
    return (
        render_template(
            "admin/mail/purged.html",
            title=_("Deleted for good"),
            words=_words("purge", batch.messages),
            kept=[
                _(
                    "“%(subject)s” stays: it belongs to %(document)s, which has to be kept until %(day)s.",
                    subject=each.subject or _("(without subject)"),
                    document=each.document,
                    day=day(each.until),
                )
                for each in batch.kept
            ],
            return_url=place.url(open=None),
        )
        if batch.kept
        else redirect(place.url(open=None))
    )


@blueprint.post("/undo/<uuid:batch>")
def take_back(batch: uuid.UUID) -> ResponseReturnValue:
    """The way back that the notice offers."""
    person = reader("edit")
    undone = take_back_snooze(batch, person) or undo(batch, person)
    db.session.commit()
    _ring(undone.accounts)
    flash(_("Undone.") if undone.messages else _("It has been changed since, and stays as it is."))
    came_from = request.form.get("url", "")
    is_ours = is_inside(came_from) and came_from.startswith(url_for("mail_area.index"))
    return redirect(came_from if is_ours else url_for("mail_area.index"))


def _accounts_of(messages: Placements) -> set[int]:
    return {message.folder.account_id for message in messages}


def _ring(accounts: Set[int]) -> None:
    """Have the servers told at once; the clock does it later in any case."""
    for account_id in accounts:
        read_mailbox.enqueue(account_id)


def asked_for() -> tuple[str, list[str]]:
    """What to do, and with which rows: the one of a button, those of the open conversation, or the chosen ones."""
    if one := request.form.get("one"):
        deed, _colon, key = one.partition(":")
        return deed, [key]
    keys = request.form.getlist("key") or request.form.getlist("rowid")
    return request.form.get("do", ""), keys


def chosen_of(place: MailPlace, keys: Sequence[str]) -> Placements:
    if "all" in request.form and not {"one", "key"} & request.form.keys():
        return messages_of(all_pairs(place.folders, place.filter))
    pairs = pairs_of(keys, place.mailboxes.folders)
    return messages_of(standing_for(pairs, place.folders, place.filter))


def _move(place: MailPlace, chosen: Placements, person: User) -> Batch:
    """Into one folder, or each into the folder with this role of its own mailbox, where the view has several."""
    named = request.form.get("target", "")
    if not named:
        raise Conflict(_("Choose the folder first."))
    if named in set(EVERYWHERE):
        return move_to_role(chosen, FolderRole(named), person)
    return move(chosen, folder_named(place.mailboxes, named) or abort(404), person)


def _unknown(_chosen: Placements, _person: User) -> Batch:
    abort(400)


def _compose(kind: str, chosen: Placements, place: MailPlace, person: User) -> ResponseReturnValue:
    """Answer or forward the newest message of the one conversation that is chosen; several are forwarded as files (S3-08 to S3-10)."""
    newest = newest_of(chosen)
    if kind == "forward" and len({placement.thread_id for placement in newest}) > 1:
        draft = forward_together(chosen, person, FileStore(settings().files_url))
        db.session.commit()
        url = url_for("mail_area.compose", draft=draft.public_id, beside=place.query)
    elif len({placement.thread_id for placement in newest}) != 1:
        raise Conflict(_("Choose one conversation to answer it."))
    else:
        message = max(newest, key=lambda each: (each.sent_at, each.id)).message
        url = compose_url(kind, message, beside=place.query)
    if "HX-Request" in request.headers:
        return Response(status=204, headers={"HX-Redirect": url})
    return redirect(url)


def _done(
    place: MailPlace, person: User, deed: str, batch: Batch, chosen: Any
) -> ResponseReturnValue:
    """The list as it is now, and a notice with the way back; without script the page again."""
    if "HX-Request" not in request.headers:
        stays = deed in KEEP_CHOICE
        return redirect(place.url() if stays else place.url(open=None))
    large = batch.id if batch.messages >= LARGE_BATCH else None
    answer = make_response(list_part(place, person, chosen=chosen, batch=large))
    if "one" not in request.form:
        toast = {"text": _words(deed, batch.messages)}
        if batch.messages:
            toast["undo"] = url_for("mail_area.take_back", batch=batch.id)
        answer.headers["HX-Trigger"] = json.dumps({"toast": toast})
    return answer


def _words(deed: str, messages: int) -> str:
    """What was done, as the notice says it."""
    if not messages:
        return _("There was nothing to change.")
    count = number(messages)
    sentences = {
        "read": ngettext(
            "%(count)s message marked as read",
            "%(count)s messages marked as read",
            messages,
            count=count,
        ),
        "unread": ngettext(
            "%(count)s message marked as unread",
            "%(count)s messages marked as unread",
            messages,
            count=count,
        ),
        "star": ngettext(
            "%(count)s message starred", "%(count)s messages starred", messages, count=count
        ),
        "unstar": ngettext(
            "Star removed from %(count)s message",
            "Star removed from %(count)s messages",
            messages,
            count=count,
        ),
        "archive": ngettext(
            "%(count)s message archived", "%(count)s messages archived", messages, count=count
        ),
        "trash": ngettext(
            "%(count)s message moved to trash",
            "%(count)s messages moved to trash",
            messages,
            count=count,
        ),
        "restore": ngettext(
            "%(count)s message restored from trash",
            "%(count)s messages restored from trash",
            messages,
            count=count,
        ),
        "unsnooze": ngettext(
            "%(count)s conversation is back in the list",
            "%(count)s conversations are back in the list",
            messages,
            count=count,
        ),
        "move": ngettext(
            "%(count)s message moved", "%(count)s messages moved", messages, count=count
        ),
        "purge": ngettext(
            "%(count)s message deleted for good",
            "%(count)s messages deleted for good",
            messages,
            count=count,
        ),
    }
    return sentences[deed]
