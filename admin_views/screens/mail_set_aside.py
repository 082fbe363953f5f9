"""Messages that could not be taken in, and operations that a server refused (X3-16)."""

import uuid
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin_views.identity import current_staff
from admin_views.menu import MenuPage
from admin_views.reader_formats import ago, full_moment, number
from admin_views.screens.mail_door import RESOURCE, allows, is_for, reader
from admin_views.screens.mail_place import folder_words
from admin_views.screens.mail_state_words import failure_words
from admin_views.screens.mailing_words import size_words
from admin_views.shell import lead_to
from jobs.mailbox import read_mailbox, sync_tools
from mail.tolerant_parsing import read_tolerantly
from models.base import db
from models.mailbox.mail_sync import MailSync
from models.states import state_word
from services.mailbox.dead_letters import (
    SetAside,
    count_set_aside,
    counts_of,
    give_up,
    messages_set_aside,
    set_aside_named,
    source_of,
    try_again,
)
from services.mailbox.reading_state import Failure
from services.mailbox.refused_operations import (
    RefusedOperation,
    forget,
    refused_operation,
    refused_operations,
    repeat,
)
from services.system.retelling import retold


def count_waiting() -> int:
    """How many messages wait, for the menu and for home."""
    return count_set_aside(current_staff().user, administers=_administers())


MENU_PAGE = MenuPage(
    menu_path=(_l("Collaborative"), _l("Messages set aside")),
    menu_icon="mail-x",
    menu_order=2,
    endpoint="mail_set_aside",
    index_name="index",
    resource=RESOURCE,
    waiting=count_waiting,
)

blueprint = Blueprint("mail_set_aside", __name__, url_prefix="/mail/set-aside")


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Everything that waits for somebody to decide, and what the last count of each mailbox found."""
    person = reader()
    lead_to((_("Collaborative"), None), (_("Messages set aside"), None))
    administers = _administers()
    return render_template(
        "admin/mail/set_aside.html",
        title=_("Messages set aside"),
        subtitle=_(
            "Messages that could not be taken in from a server, and changes that it refused. Nothing here holds up other messages."
        ),
        letters=[_letter(each) for each in messages_set_aside(person, administers=administers)],
        refused=[_refused(each) for each in refused_operations(person)],
        counts=[_count(each) for each in counts_of(person, administers=administers)],
        may_edit=allows("edit"),
    )


@blueprint.get("/<uuid:public_id>/message.eml")
def source(public_id: uuid.UUID) -> ResponseReturnValue:
    """As the server hands it over now, to be kept; only for who may read the mailbox."""
    found = set_aside_named(public_id, reader(), administers=False)
    answer = Response(source_of(found.letter, sync_tools()), mimetype="application/octet-stream")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{public_id}.eml")
    return answer


@blueprint.post("/<uuid:public_id>/again")
def again(public_id: uuid.UUID) -> ResponseReturnValue:
    """The next reading tries once more."""
    found = set_aside_named(public_id, reader("edit"), administers=_administers())
    account_id = found.account.id
    try_again(found.letter)
    db.session.commit()
    read_mailbox.enqueue(account_id)
    flash(_("It is fetched once more. If that fails again, it comes back here."))
    return redirect(url_for(".index"))


@blueprint.post("/<uuid:public_id>/give-up")
def leave(public_id: uuid.UUID) -> ResponseReturnValue:
    """Asks first."""
    person = reader("edit")
    found = set_aside_named(public_id, person, administers=_administers())
    if request.form.get("sure") != "1":
        return render_template(
            "admin/mail/give_up.html",
            dialog=is_for("dialog"),
            action_url=url_for(".leave", public_id=public_id),
            pairs=[("sure", "1")],
            return_url=url_for(".index"),
            account=found.account.address,
        )
    give_up(found.letter, person)
    db.session.commit()
    flash(_("It will not be fetched again."))
    return redirect(url_for(".index"))


@blueprint.post("/operations/<int:operation_id>")
def settle(operation_id: int) -> ResponseReturnValue:
    """Do it once more, or leave it."""
    person = reader("edit")
    operation = refused_operation(operation_id, person)
    account_id = operation.account_id
    if request.form.get("do") == "again":
        repeat(operation, person)
    else:
        forget(operation)
    db.session.commit()
    read_mailbox.enqueue(account_id)
    return redirect(url_for(".index"))


def _administers() -> bool:
    """Whoever administers the accounts sees that something is wrong with any of them."""
    return current_staff().rights.allows("mail_account", "edit")


def _letter(each: SetAside) -> dict[str, Any]:
    letter = each.letter
    size = size_words(letter.size_bytes) if letter.size_bytes else ""
    head = letter.head.strip() if each.may_read else ""
    known = read_tolerantly(head.encode())
    return {
        "head": head,
        "sender": (known.from_.display_name or known.from_.address) if known.from_ else "",
        "subject": known.subject,
        "account": each.account.address,
        "folder": folder_words(each.folder),
        "reason": str(state_word(letter.reason)),
        "answer": retold(letter.detail) if letter.detail else "",
        "facts": " · ".join(filter(None, [size, ago(letter.set_aside_at or letter.created_at)])),
        "exact_time": full_moment(letter.set_aside_at or letter.created_at),
        "source_url": url_for(".source", public_id=letter.public_id) if each.may_read else None,
        "again_url": url_for(".again", public_id=letter.public_id),
        "give_up_url": url_for(".leave", public_id=letter.public_id),
    }


def _refused(each: RefusedOperation) -> dict[str, Any]:
    operation = each.operation
    return {
        "words": failure_words(Failure(operation, operation.message.subject)),
        "account": operation.account.address,
        "who": each.user.name if each.user else "",
        "when": ago(operation.ended_at or operation.updated_at),
        "message_url": url_for("mail_area.message", public_id=operation.message.public_id),
        "url": url_for(".settle", operation_id=operation.id),
    }


def _count(row: MailSync) -> dict[str, Any]:
    return {
        "account": row.account.address,
        "when": ago(row.counted_at or row.updated_at),
        "accepted": number(row.counted_accepted),
        "placed": number(row.counted_placed),
        "dead": number(row.counted_dead),
        "missing": number(row.counted_missing) if row.counted_missing else "",
    }
