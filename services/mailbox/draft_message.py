"""The bytes of a draft for the mailbox's own folder: what was written and what is quoted, without signature.

The signature is put in when it leaves, from wherever it is continued here; another program has its own.
"""

from mail.address_list import read_addresses
from mail.draft_message import DraftFile, DraftMessage
from mail.following import answered_id, references_of
from mail.header_fields import Mailbox
from mail.merge import one_line
from mail.pictures import Picture
from mail.sanitise import text_of
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_draft import MailDraft
from models.people.user import User
from models.public_id import uuid7
from models.sales.document import Document
from services.mailbox.drafts import language_of_draft
from services.mailbox.followed_message import followed_by
from services.mailbox.quoted_original import Quoted, parsed_original, quoted_original
from services.mailings.message import sender_domain
from services.mailings.plain_text import as_html
from services.sales.drawing import PDF
from services.sales.pdf import Workshop, pdf_of


def bytes_of_draft(
    draft: MailDraft, account: MailAccount, person: User, workshop: Workshop
) -> bytes:
    """Raises MailError for what cannot be written, AppError for a document that cannot be drawn."""
    quoted = (
        quoted_original(followed_by(draft, person), draft.kind, language_of_draft(draft, person))
        if draft.fields.get("quotes")
        else Quoted()
    )
    if draft.fields.get("is_plain"):
        html, text = "", "\n\n".join(filter(None, [draft.fields.get("body_text", ""), quoted.text]))
    else:
        html = as_html(draft.fields.get("body_html", "")) + quoted.html
        text = text_of(html)
    read = parsed_original(draft.follows) if draft.follows is not None else None
    pictures = [*_pictures(draft, workshop), *quoted.pictures]
    return DraftMessage(
        sender=Mailbox.of(account.address, account.display_name),
        to=_people(draft, "to"),
        cc=_people(draft, "cc"),
        bcc=_people(draft, "bcc"),
        subject=" ".join(one_line(draft.fields.get("subject", "")).split()),
        message_id=f"<d.{uuid7()}@{sender_domain(account.address)}>",
        date=draft.saved_at,
        in_reply_to=answered_id(read[0]) if read else None,
        references=references_of(read[0]) if read else (),
        text=text,
        html=html,
        pictures=[picture for picture in pictures if picture.url in html],
        files=_files(draft, workshop),
    ).as_bytes()


def _people(draft: MailDraft, field: str) -> list[Mailbox]:
    return [
        Mailbox.of(each.address, each.name)
        for each in read_addresses(draft.fields.get(field, ""))
        if not each.problem
    ]


def _pictures(draft: MailDraft, workshop: Workshop) -> list[Picture]:
    found = [
        Picture.of(workshop.store.read(row.file.sha256))
        for row in draft.files
        if row.content_id is not None and row.file is not None
    ]
    return [picture for picture in found if picture is not None]


def _files(draft: MailDraft, workshop: Workshop) -> list[DraftFile]:
    """Documents as they are now; what goes as a link gets its address when it leaves."""
    found = []
    for row in draft.files:
        if row.document_id is not None and not row.as_link:
            pdf = pdf_of(db.session.get_one(Document, row.document_id), workshop)
            found.append(DraftFile(row.name, PDF, workshop.store.read(pdf.sha256)))
        elif row.file is not None and row.content_id is None:
            content = workshop.store.read(row.file.sha256)
            found.append(DraftFile(row.name, row.file.media_type, content))
    return found
