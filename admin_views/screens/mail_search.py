"""Searching messages, contacts and files (S3-22)."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup, escape
from sqlalchemy import select

from admin_views.identity import current_staff
from admin_views.reader_formats import number, today, zone
from admin_views.record_links import linked
from admin_views.screens.mail_door import blueprint, reader, trail
from admin_views.screens.mail_folders import dot_of, mailbox_choices
from admin_views.screens.mail_place import MailPlace, folder_words
from admin_views.screens.mail_times import MailTimes, mail_times
from admin_views.screens.mail_without_account import without_account
from admin_views.screens.mailing_words import size_words
from admin_views.sender_words import sender_words
from models.any_of import is_any_of
from models.base import db
from models.mailbox.mail_folder import FolderRole, MailFolder
from models.mailbox.message import Message
from models.mailbox.message_placement import MessagePlacement
from models.mailbox.thread import Thread
from services.mailbox.contact_search import FoundContact, search_contacts
from services.mailbox.conversation_details import messages_of
from services.mailbox.customer_ties import customer_names
from services.mailbox.mail_excerpts import excerpts_of
from services.mailbox.mail_place import Mailboxes, mailboxes_of
from services.mailbox.mail_search import A_PAGE, Found, FoundFile, search_files, search_messages
from services.mailbox.message_rows import SNIPPET
from services.mailbox.search_question import Question, Term, question_of

TABS = ("messages", "contacts", "files")
NOT_SEARCHED = (FolderRole.JUNK,)


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A message that was found."""

    url: str
    who: str
    more: int
    subject: Markup
    excerpt: Markup
    time: str
    exact_time: str
    folder: str
    customer: str | None
    has_files: bool
    is_unread: bool
    dot: str
    account: str


@blueprint.get("/search")
def search() -> ResponseReturnValue:
    person = reader()
    boxes = mailboxes_of(person)
    trail((_("Search"), None))
    if not boxes.accounts:
        return without_account(person)
    began = time.perf_counter()
    question = question_of(request.args.get("q", ""), today=today(), zone=zone())
    tab = request.args.get("tab", "")
    tab = tab if tab in TABS else TABS[0]
    folders = [each for each in boxes.shown_folders if each.role not in NOT_SEARCHED]
    found = search_messages(question, folders, before=_moment(request.args.get("before", "")))
    files = search_files(question, folders)
    may_see_contacts = current_staff().rights.allows("contact", "view")
    contacts = search_contacts(question) if may_see_contacts else []
    hits = _hits(found, question, boxes, folders) if tab == "messages" else []
    times = mail_times()
    return render_template(
        "admin/mail/search.html",
        title=_("Search results"),
        q=question.text,
        tab=tab,
        choices=mailbox_choices(boxes),
        tabs=_tabs(question, tab, found, contacts, files),
        hits=hits,
        contacts=[_contact(each) for each in contacts[:A_PAGE]] if tab == "contacts" else [],
        files=[_file(each, times) for each in files[:A_PAGE]] if tab == "files" else [],
        chips=[(_chip(term), _url(question.without(term), tab)) for term in question.terms],
        offers=_offers(question),
        unread_days=question.unread_days,
        older_url=_url(question.text, tab, before=str(found.older.timestamp()))
        if found.older and tab == "messages"
        else None,
        accounts=[(dot_of(boxes, each.id), each.address) for each in boxes.shown],
        seconds=number(round(time.perf_counter() - began, 2), 2),
        back_url=url_for("mail_area.index"),
    )


def _tabs(
    question: Question,
    tab: str,
    found: Found,
    contacts: Sequence[Any],
    files: Sequence[Any],
) -> list[dict[str, Any]]:
    """With how many there are; more than a page is said as such."""
    words = {"messages": _("Messages"), "contacts": _("Contacts"), "files": _("Files")}
    counts = {
        "messages": _count(len(found.messages), has_more=found.older is not None),
        "contacts": _count(len(contacts), has_more=len(contacts) > A_PAGE),
        "files": _count(len(files), has_more=len(files) > A_PAGE),
    }
    return [
        {
            "words": words[name],
            "count": counts[name],
            "url": _url(question.text, name),
            "is_current": name == tab,
        }
        for name in TABS
    ]


def _count(found: int, *, has_more: bool) -> str:
    return f"{number(min(found, A_PAGE))}+" if has_more else number(found)


def _url(text: str, tab: str, **more: Any) -> str:
    return url_for("mail_area.search", q=text, tab="" if tab == TABS[0] else tab, **more)


def _hits(
    found: Found, question: Question, boxes: Mailboxes, folders: Sequence[MailFolder]
) -> list[Hit]:
    messages = found.messages
    if not messages:
        return []
    excerpts = excerpts_of(messages, found.wanted)
    customers = customer_names(messages)
    threads = [message.thread_id for message in messages]
    counts = messages_of(threads, [folder.id for folder in folders])
    found_names = select(Thread.id, Thread.public_id).where(is_any_of(Thread.id, threads))
    names = dict(db.session.execute(found_names).all())
    places = _places_of(messages, folders)
    here, times = MailPlace(boxes), mail_times()
    return [
        Hit(
            url=here.url(open=names[message.thread_id]) + f"#m-{message.public_id}",
            who=sender_words(message),
            more=counts.get(message.thread_id, 1) - 1,
            subject=marked(message.subject or _("(without subject)"), question.words),
            excerpt=_excerpt(excerpts.get(message.id), message.snippet),
            time=times.short(message.sent_at),
            exact_time=times.full(message.sent_at),
            folder=folder_words(places[message.id].folder) if message.id in places else "",
            customer=customers.get(message.id),
            has_files=message.has_attachments,
            is_unread=not places[message.id].is_read if message.id in places else False,
            dot=dot_of(boxes, places[message.id].folder.account_id) if message.id in places else "",
            account=places[message.id].folder.account.address if message.id in places else "",
        )
        for message in messages
    ]


def _places_of(
    messages: Sequence[Message], folders: Sequence[MailFolder]
) -> dict[int, MessagePlacement]:
    """Where each lies; of several, the first."""
    found = db.session.scalars(
        select(MessagePlacement)
        .where(
            is_any_of(MessagePlacement.message_id, [message.id for message in messages]),
            is_any_of(MessagePlacement.folder_id, [folder.id for folder in folders]),
        )
        .order_by(MessagePlacement.id.desc())
    )
    return {placement.message_id: placement for placement in found}


def _excerpt(piece: str | None, snippet: str) -> Markup:
    """The piece of the text with its marks, or how the message begins."""
    if piece is None:
        return escape(f"{snippet}…" if len(snippet) >= SNIPPET else snippet)
    safe = str(escape(" ".join(piece.split())))
    return Markup(safe.replace("\x01", "<mark>").replace("\x02", "</mark>"))  # nosec B704  # escaped above


def marked(text: str, words: str) -> Markup:
    """The text with the words in it marked, however they are written there."""
    found = [re.escape(word.strip('"-')) for word in words.split() if len(word.strip('"-')) > 1]
    if not found:
        return escape(text)
    pieces = re.split(f"({'|'.join(found)})", text, flags=re.IGNORECASE)
    return Markup("").join(
        Markup("<mark>{}</mark>").format(piece) if number % 2 else escape(piece)
        for number, piece in enumerate(pieces)
    )


def _chip(term: Term) -> tuple[str, str]:
    words = {
        "sender": _("from"),
        "recipient": _("to"),
        "subject": _("subject"),
        "file": _("attachment"),
        "account": _("account"),
        "day": _("date"),
    }
    return words[term.field], term.value


def _offers(question: Question) -> list[str]:
    """The fields that the question does not use yet, as one types them."""
    words = {
        "sender": _("from:"),
        "recipient": _("to:"),
        "subject": _("subject:"),
        "file": _("attachment:"),
        "account": _("account:"),
        "day": _("date:"),
    }
    used = {term.field for term in question.terms}
    return [word for name, word in words.items() if name not in used]


def _contact(found: FoundContact) -> dict[str, Any]:
    return {
        "name": linked(found.contact, found.contact.name),
        "addresses": [
            (address, url_for("mail_area.search", q=f"de:{address}")) for address in found.addresses
        ],
        "customers": [linked(each, each.name) for each in found.customers],
        "job": found.contact.job_title or "",
    }


def _file(found: FoundFile, times: MailTimes) -> dict[str, Any]:
    message = found.message
    return {
        "name": found.attachment.file_name
        or _("Attachment %(number)s", number=found.attachment.part),
        "size": size_words(found.attachment.size_bytes),
        "url": url_for(
            "mail_area.attachment", public_id=message.public_id, part=found.attachment.part
        ),
        "who": sender_words(message),
        "subject": message.subject or _("(without subject)"),
        "thread_url": url_for("mail_area.message", public_id=message.public_id),
        "time": times.short(message.sent_at),
    }


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        return None
