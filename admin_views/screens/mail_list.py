"""The list of conversations as the page shows it (S3-26)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views.reader_formats import moment, number
from admin_views.screens.mail_compose_words import leaving_words
from admin_views.screens.mail_folders import dot_of
from admin_views.screens.mail_place import MailPlace
from admin_views.screens.mail_times import MailTimes, mail_times
from admin_views.screens.mailing_recipient import badge_of
from admin_views.sender_words import sender_words
from models.mailbox.mail_draft import MailDraft
from models.mailbox.mail_folder import FolderRole
from models.mailbox.snooze import CameBackBy, Snooze
from models.people.user import User
from services.mailbox.chosen_messages import count_all
from services.mailbox.conversation_list import (
    ConversationPage,
    ConversationRow,
    conversations,
)
from services.mailbox.folder_badges import copies_in, drafts_of
from services.mailbox.mail_place import HIDDEN, Box


@dataclass(frozen=True, kw_only=True)
class ConversationLine:
    """One row of the list."""

    key: str
    messages: int  # in this folder
    url: str
    who: str
    more: int
    more_words: str
    subject: str
    snippet: str
    time: str
    exact_time: str
    customer: str | None
    is_unread: bool
    is_starred: bool
    is_open: bool
    is_chosen: bool
    has_files: bool
    dot: str
    account: str
    badge: Any
    waits: str  # until when, or why it is back; or empty
    is_back: bool


@dataclass(frozen=True)
class DraftLine:
    """A message that is being written."""

    url: str
    to: str
    subject: str
    time: str
    leaves: str  # when, or empty


@dataclass(frozen=True, kw_only=True)
class MailList:
    """What the middle of the page holds."""

    lines: Sequence[ConversationLine]
    drafts: Sequence[DraftLine]
    newer_url: str | None
    older_url: str | None
    total: int  # of which all can be chosen at once; known only where there is more than this page
    token: str  # changes when the page does


def mail_list(place: MailPlace, person: User, *, chosen: Collection[str] = ()) -> MailList:
    """The page of the list at this place; `chosen` are the keys of rows that stay chosen."""
    boxes = place.mailboxes
    folders = place.folders
    page = conversations(
        folders,
        only=place.filter,
        after=place.after,
        before=place.before,
        names_recipients=place.is_outgoing,
        counted_in=[each for each in boxes.folders if each.role not in _uncounted(place)],
    )
    copies = copies_in(folders) if place.is_outgoing else ()
    accounts = {folder.id: folder.account for folder in folders}
    times = mail_times()
    lines = [
        _line(place, row, accounts[row.folder_id], times, is_chosen=row.key in chosen)
        for row in page.rows
        if row.message.id not in copies
    ]
    has_more = page.newer is not None or page.older is not None
    is_first = place.after is None and place.before is None
    drafts = drafts_of(person) if place.box is Box.DRAFTS and is_first else ()
    return MailList(
        lines=lines,
        drafts=[_draft(draft, place, times) for draft in drafts],
        newer_url=place.url(before=page.newer, after=None) if page.newer else None,
        older_url=place.url(after=page.older, before=None) if page.older else None,
        total=count_all(folders, place.filter) if has_more else len(lines),
        token=_token(page),
    )


def _uncounted(place: MailPlace) -> Collection[FolderRole]:
    """Where messages lie that are no part of a conversation, unless one looks there."""
    if place.is_trash:
        return ()
    return HIDDEN if place.box is Box.DRAFTS else (*HIDDEN, FolderRole.DRAFTS)


def waiting_words(snooze: Snooze | None) -> str:
    """Until when a conversation waits, or why it is in the list again."""
    if snooze is None:
        return ""
    if snooze.snoozed_until is not None:
        return _("until %(when)s", when=moment(snooze.snoozed_until))
    if snooze.came_back_by is CameBackBy.MESSAGE:
        return _("Back: new message")
    return _("Back: its time has come")


def choose_all_words(total: int) -> str:
    return ngettext(
        "Select all %(count)s conversation in the folder",
        "Select all %(count)s conversations in the folder",
        total,
        count=number(total),
    )


def _line(
    place: MailPlace, row: ConversationRow, account: Any, times: MailTimes, *, is_chosen: bool
) -> ConversationLine:
    message = row.message
    who = sender_words(message)
    if place.is_outgoing:
        who = _("To: %(people)s", people=row.to) if row.to else _("Without recipient")
    more = row.messages - 1
    delivery = row.delivery
    return ConversationLine(
        key=row.key,
        messages=row.here,
        url=place.url(open=row.public_id),
        who=who,
        more=more,
        more_words=ngettext(
            "%(count)s more message in this conversation",
            "%(count)s more messages in this conversation",
            more,
            count=number(more),
        )
        if more > 0
        else "",
        subject=message.subject or _("(without subject)"),
        snippet=message.snippet,
        time=times.short(row.last_at),
        exact_time=times.full(row.last_at),
        customer=row.customer,
        is_unread=row.unread > 0,
        is_starred=row.starred > 0,
        is_open=str(place.open) == row.public_id,
        is_chosen=is_chosen,
        has_files=message.has_attachments,
        dot="" if place.mailboxes.chosen else dot_of(place.mailboxes, account.id),
        account=account.address,
        badge=badge_of(
            delivery.state, delivery.reason_code, bounced=delivery.bounced_at is not None
        )
        if delivery and place.is_outgoing
        else None,
        waits=waiting_words(row.snooze),
        is_back=row.snooze is not None and row.snooze.is_back,
    )


def _draft(draft: MailDraft, place: MailPlace, times: MailTimes) -> DraftLine:
    to = draft.fields.get("to", "")
    return DraftLine(
        url_for("mail_area.compose", draft=draft.public_id, beside=place.query),
        to if isinstance(to, str) else ", ".join(map(str, to)),
        str(draft.fields.get("subject") or _("(without subject)")),
        times.short(draft.saved_at),
        leaving_words(draft),
    )


def _token(page: ConversationPage) -> str:
    """What tells this page from the same one a moment later, alike in every process."""
    rows = (
        f"{row.key} {row.mark.at.timestamp()} {row.unread} {row.starred} {row.messages} {waiting_words(row.snooze)}"
        for row in page.rows
    )
    return f"{crc32(chr(10).join(rows).encode()):x}"
