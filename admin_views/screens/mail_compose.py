"""Writing a message: the page, in the window of the mail area or in a tab of its own (S3-27 to S3-35)."""

import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from admin_views.identity import current_staff
from admin_views.screens.mail_area import whole_page
from admin_views.screens.mail_compose_words import (
    chips_of,
    customer_label,
    file_lines,
    leaving_words,
    saved_words,
    sender_choices,
)
from admin_views.screens.mail_door import blueprint, reader, trail
from admin_views.screens.mail_place import place_of_query
from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_draft import DraftKind, DraftState, MailDraft
from models.mailbox.message import Message
from models.people.customer import Customer
from models.people.user import User
from models.public_id import uuid7
from services.mailbox.conversation import message_to_read, thread_of
from services.mailbox.drafts import begin, draft_of, language_of_draft
from services.mailbox.followed_message import followed_by
from services.mailbox.frozen_draft import signature_words
from services.mailbox.mail_limits import BLOCKED, KINDS, limits_of
from services.mailbox.mail_place import mailboxes_of
from services.mailbox.quoted_original import quoted_original
from services.mailbox.senders import accounts_to_send_as
from services.mailings.saved_texts import saved_names
from services.system.uploads import kinds_words


@blueprint.get("/compose")
def compose() -> ResponseReturnValue:
    """A new message, one that follows another, or the draft of this name."""
    person = reader("edit")
    if request.args.get("draft"):
        draft = draft_of(named(request.args["draft"]), person)
        if draft.state is DraftState.SENT:
            return redirect(url_for("mail_area.index", folder="sent"))
        return page(draft, person)
    kind, follows = asked_for(request.args.get("kind"), request.args.get("message"), person)
    draft = begin(uuid7(), person, kind, follows)
    _prefill(draft)
    return page(draft, person)


@blueprint.get("/compose/signature")
def signature() -> ResponseReturnValue:
    """What the chosen account puts below the message."""
    person = reader("edit")
    account = account_of(person, request.args.get("account"))
    limits = limits_of(account)
    return render_template(
        "admin/mail/_signature.html",
        signature=signature_words(account, person) if account else "",
        limits=limits.words,
        most=limits.room,
    )


def page(
    draft: MailDraft,
    person: User,
    *,
    status: int = 200,
    flaws: Sequence[Any] = (),
    asks: Sequence[Any] = (),
    later: str = "",
    typed: str = "",
) -> ResponseReturnValue:
    """The form with what stands in the draft.

    `asks` is what is asked before it leaves; `typed` what stood in the form of another tab, and is nowhere else.
    """
    accounts = accounts_to_send_as(person)
    account = next((each for each in accounts if each.id == draft.account_id), None)
    customer = db.session.get(Customer, draft.customer_id) if draft.customer_id else None
    quoted = quoted_original(
        followed_by(draft, person), draft.kind, language_of_draft(draft, person)
    ).text
    rights = current_staff().rights
    title, beside, place = title_of(draft), beside_asked_for(), None
    if beside and (boxes := mailboxes_of(person)).accounts:
        place = place_of_query(boxes, beside)
    context = {
        "compose_title": title,
        "beside": beside if place else "",
        "draft": draft,
        "fields": draft.fields,
        "senders": sender_choices(accounts, account),
        "has_sender": bool(accounts),
        "customer": (customer.id, customer_label(customer)) if customer else None,
        "may_add_customer": rights.allows("customer", "create"),
        "may_attach_documents": rights.allows("document", "view"),
        "quoted": quoted,
        "signature": signature_words(account, person) if account else "",
        "limits": limits_of(account),
        "kinds": kinds_words(KINDS),
        "blocked": ", ".join(sorted(BLOCKED)),
        "texts": saved_names(),
        "files": file_lines(draft),
        "chips": chips_of(draft),
        "saved": saved_words(draft),
        "own_url": draft_url(draft) if draft.revision else "",
        "flaws": [*([draft.fields["problem"]] if draft.fields.get("problem") else []), *flaws],
        "asks": asks,
        "typed": typed,
        "is_locked": draft.state in (DraftState.LEAVING, DraftState.SENT),
        "later": later,
        "leaves": leaving_words(draft),
        "follows": str(draft.follows.public_id) if draft.follows else "",
        "presence_url": _presence_url(draft),
        "begun": request.form.get("begun") or (draft.created_at or utc_now()).isoformat(),
        "area_url": place.url() if place else url_for("mail_area.index"),
    }
    if place:
        trail()
        return whole_page(place, person, **context), status
    trail((title, None))
    return render_template("admin/mail/compose.html", title=title, **context), status


def beside_asked_for() -> str:
    """The place of the area that the message is written beside; a notice there says it by the page it stands on."""
    if beside := request.values.get("beside", ""):
        return beside
    came_from = urlsplit(request.form.get("url", ""))
    if came_from.path == url_for("mail_area.compose"):
        return parse_qs(came_from.query).get("beside", [""])[0]
    return came_from.query if came_from.path == url_for("mail_area.index") else ""


def title_of(draft: MailDraft) -> str:
    words = {
        DraftKind.NEW: _("New message"),
        DraftKind.REPLY: _("Reply"),
        DraftKind.REPLY_ALL: _("Reply to all"),
        DraftKind.FORWARD: _("Forward"),
    }
    return words[draft.kind]


def asked_for(
    kind: str | None, message: str | None, person: User
) -> tuple[DraftKind, Message | None]:
    """Which kind of message, and which one it follows; 404 for one that this person may not read."""
    follows = message_to_read(named(message), person) if message else None
    if follows is None or kind not in {each.value for each in DraftKind}:
        return DraftKind.NEW, None
    return DraftKind(kind), follows


def named(text: str | None) -> uuid.UUID:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        abort(404)


def account_of(person: User, text: str | None) -> MailAccount | None:
    """The account of a form, if this person may send as it."""
    accounts = accounts_to_send_as(person)
    return next((each for each in accounts if str(each.public_id) == text), None)


def _presence_url(draft: MailDraft) -> str:
    """Where one says that one writes in the conversation that the message follows, or nothing."""
    if draft.follows is None:
        return ""
    return url_for("mail_area.tell_presence", public_id=thread_of(draft.follows).public_id)


def draft_url(draft: MailDraft) -> str:
    """Where it goes on being written, beside what it stood beside."""
    return url_for("mail_area.compose", draft=draft.public_id, beside=beside_asked_for() or None)


def _prefill(draft: MailDraft) -> None:
    """What other pages of ours hand over: whom it goes to, and the customer it is about."""
    if draft.kind is not DraftKind.NEW:
        return
    draft.fields = draft.fields | {
        name: request.args.get(name, "")[:2_000] for name in ("to", "subject")
    }
    key = request.args.get("customer", "")
    if key.isdecimal() and len(key) < 18:
        customer = db.session.get(Customer, int(key))
        draft.customer_id = customer.id if customer else None
