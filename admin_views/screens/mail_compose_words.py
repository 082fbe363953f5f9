"""What the page of a message that is written says: senders, files, when it was kept, what is wrong with addresses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import url_for
from flask_babel import gettext as _

from admin_views.identity import current_staff
from admin_views.reader_formats import moment, zone
from models.base import utc_now
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_draft import DraftState, MailDraft
from models.people.customer import Customer
from services.mailbox.draft_files import documents_to_attach, sizes_of
from services.mailbox.mail_limits import limits_of
from services.mailbox.recipients import recipients_of
from services.system.uploads import size_words

FILES_PART = "admin/mail/_compose_files.html"
ICONS = (("application/pdf", "file-type-pdf"), ("image/", "photo"), ("application/zip", "file-zip"))


@dataclass(frozen=True, kw_only=True)
class FileRow:
    """A file that goes along."""

    public_id: str
    name: str
    size: str
    icon: str
    url: str | None
    is_document: bool
    as_link: bool


@dataclass(frozen=True)
class FileLines:
    """All of them, and how much room they take."""

    rows: Sequence[FileRow]
    documents: Sequence[tuple[int, str]]
    used: str


def sender_choices(
    accounts: Sequence[MailAccount], chosen: MailAccount | None
) -> list[tuple[str, str, bool]]:
    """Value, words and whether it is the chosen one."""
    return [
        (
            str(each.public_id),
            f"{each.display_name} <{each.address}>" if each.display_name else each.address,
            chosen is not None and chosen.id == each.id,
        )
        for each in accounts
    ]


def file_lines(draft: MailDraft) -> FileLines:
    rows = [
        FileRow(
            public_id=str(row.public_id),
            name=row.name,
            size=_("link") if row.as_link else size_words(row.file.size_bytes) if row.file else "",
            icon=_icon(row.file.media_type if row.file else "application/pdf"),
            url=url_for("mail_area.draft_file", draft_id=draft.public_id, file_id=row.public_id)
            if row.file
            else None,
            is_document=row.document_id is not None,
            as_link=row.as_link,
        )
        for row in draft.files
        if row.content_id is None
    ]
    taken = {row.document_id for row in draft.files}
    documents = [
        (each.id, str(each)) for each in documents_to_attach(draft) if each.id not in taken
    ]
    used = sum(sizes_of(draft))
    words = (
        _(
            "%(used)s of %(most)s",
            used=size_words(used),
            most=size_words(limits_of(draft.account).room),
        )
        if used
        else ""
    )
    return FileLines(rows, documents, words)


def saved_words(draft: MailDraft) -> str:
    """When it was kept, in the reader's time."""
    if not draft.revision:
        return ""
    return _("Draft saved %(time)s", time=f"{draft.saved_at.astimezone(zone()):%H:%M}")


def leaving_words(draft: MailDraft) -> str:
    """When it leaves, while that is still to come."""
    if draft.state is not DraftState.LEAVING or draft.leaves_at is None:
        return ""
    if draft.leaves_at < utc_now() + timedelta(minutes=1):
        return _("Leaves in a moment")
    return _("Leaves on %(when)s", when=moment(draft.leaves_at))


def chips_of(draft: MailDraft) -> Mapping[str, Sequence[Mapping[str, str]]]:
    """By field: whom it goes to, as the page shows them, with what is to be said of each (pains D-5)."""
    names = current_staff().rights.allows("customer", "view")
    return {
        field: [
            {
                "typed": each.entry.typed,
                "label": each.entry.name or each.entry.address or each.entry.typed,
                "title": each.entry.address or each.entry.typed,
                "why": each.why,
                "problem": each.obstacle,
                "doubt": "" if each.obstacle else each.doubt,
            }
            for each in recipients
        ]
        for field, recipients in recipients_of(draft, names_customers=names).items()
    }


def customer_label(customer: Customer) -> str:
    return f"{customer.name} · {customer.tax_id}" if customer.tax_id else customer.name


def _icon(media_type: str) -> str:
    return next((icon for kind, icon in ICONS if media_type.startswith(kind)), "paperclip")
