"""What goes along with a message that is written: files, pictures in the text, documents of the customer (S3-36)."""

import uuid
from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import select

from errors import Invalid, NotFound
from files.store import FileStore
from mail.parsing import parse_message, part_of
from mail.pictures import Picture
from models.base import db
from models.mailbox.attachment import Attachment
from models.mailbox.mail_draft import DraftKind, MailDraft, MailDraftFile
from models.mailbox.message import Message
from models.sales.document import Document
from services.mailbox.drafts import require_writing
from services.mailbox.mail_limits import KINDS, limits_of, refuse_blocked, require_room
from services.mailbox.message_bytes import raw_of
from services.sales.pdf import Workshop, filename_of, pdf_of
from services.system.uploads import Upload, clean_name, keep, receive

MOST_FILES = 100
LARGEST_UPLOAD = 60_000_000
LARGEST_PICTURE = 5_000_000
LONGEST_TITLE = 80  # signs of a subject in the name of a file
MESSAGE = "message/rfc822"


def add_file(draft: MailDraft, content: bytes, filename: str, store: FileStore) -> MailDraftFile:
    """A file from somebody's computer. Raises Invalid with its name and what is wrong with it."""
    require_writing(draft)
    _require_few(draft)
    refuse_blocked(filename)
    require_room(limits_of(draft.account), sizes_of(draft), filename, len(content))
    upload = receive(content, filename, store=store, kinds=KINDS, most_bytes=LARGEST_UPLOAD)
    return _add(draft, upload)


def add_picture(draft: MailDraft, content: bytes, store: FileStore) -> MailDraftFile:
    """A picture for the text: pasted, dropped or chosen. Raises Invalid for what mail programs do not show."""
    require_writing(draft)
    _require_few(draft)
    picture = Picture.of(content)
    if picture is None or len(content) > LARGEST_PICTURE:
        raise Invalid(_("A picture in the text is a PNG, JPEG or GIF of 5 MB at most."))
    require_room(limits_of(draft.account), sizes_of(draft), picture.filename, len(content))
    for each in draft.files:
        if each.content_id == picture.content_id:
            return each
    stored = store.put(content)
    upload = Upload(stored.sha256, stored.size_bytes, picture.media_type, picture.filename)
    return _add(draft, upload, content_id=picture.content_id)


def add_document(draft: MailDraft, document: Document, workshop: Workshop) -> MailDraftFile:
    """A document of the customer, drawn now; as a link where its PDF does not fit any more. Raises Invalid or Unavailable."""
    require_writing(draft)
    _require_few(draft)
    if draft.customer_id != document.customer_id:
        raise Invalid(_("This document belongs to another customer than this message."))
    for each in draft.files:
        if each.document_id == document.id:
            return each
    pdf = pdf_of(document, workshop)
    fits = sum(sizes_of(draft)) + pdf.size_bytes <= limits_of(draft.account).room
    row = MailDraftFile(
        draft_id=draft.id,
        document_id=document.id,
        name=filename_of(document),
        as_link=not fits,
    )
    draft.files.append(row)
    db.session.flush()
    return row


def add_message(draft: MailDraft, message: Message, store: FileStore) -> MailDraftFile:
    """A message as the file that it is, byte for byte. Raises Invalid where it does not fit, NotFound if its bytes were deleted."""
    _require_few(draft)
    raw = raw_of(message)
    title = message.subject.replace("/", "-").replace("\\", "-")[:LONGEST_TITLE]
    subject = clean_name(title, unnamed=_("(without subject)"))
    name = f"{subject}.eml"
    require_room(limits_of(draft.account), sizes_of(draft), name, len(raw))
    stored = store.put(raw)
    return _add(draft, Upload(stored.sha256, stored.size_bytes, MESSAGE, name))


def switch_link(draft: MailDraft, public_id: uuid.UUID, *, as_link: bool) -> MailDraftFile:
    """Send a document as a link, or as a file again."""
    require_writing(draft)
    row = file_of_draft(draft, public_id)
    if row.document_id is None:
        raise Invalid(_("Only documents of the customer have a link."))
    row.as_link = as_link
    db.session.flush()
    return row


def remove_file(draft: MailDraft, public_id: uuid.UUID) -> None:
    """Take it out; the stored file stays, others may hold it."""
    require_writing(draft)
    draft.files.remove(file_of_draft(draft, public_id))
    db.session.flush()


def file_of_draft(draft: MailDraft, public_id: uuid.UUID) -> MailDraftFile:
    """Raises NotFound."""
    for row in draft.files:
        if row.public_id == public_id:
            return row
    raise NotFound(_("This message has no such file."))


def take_along(draft: MailDraft, store: FileStore) -> None:
    """The files of a message that is forwarded, as they came (S3-10)."""
    if draft.kind is DraftKind.FORWARD and draft.follows is not None:
        keep_parts(draft, draft.follows, raw_of(draft.follows), store)


def keep_parts(draft: MailDraft, message: Message, raw: bytes, store: FileStore) -> None:
    """The files of this message become files of the draft."""
    names = {
        each.part: each.file_name
        for each in db.session.scalars(
            select(Attachment).where(Attachment.message_id == message.id)
        )
    }
    for each in parse_message(raw).attachments[:MOST_FILES]:
        if each.is_inline:
            continue  # what the text shows goes along with it
        content = part_of(raw, each.part)
        stored = store.put(content)
        name = (
            names.get(each.part) or each.file_name or _("Attachment %(number)s", number=each.part)
        )
        _add(draft, Upload(stored.sha256, stored.size_bytes, each.media_type, clean_name(name)))


def keep_pictures(draft: MailDraft, pictures: Sequence[Picture], store: FileStore) -> None:
    """Those that the text of the draft shows."""
    for picture in pictures:
        stored = store.put(picture.content)
        upload = Upload(stored.sha256, stored.size_bytes, picture.media_type, picture.filename)
        _add(draft, upload, content_id=picture.content_id)


def documents_to_attach(draft: MailDraft, most: int = 200) -> Sequence[Document]:
    """Those of the customer that the message is about, the newest first."""
    if draft.customer_id is None:
        return ()
    return db.session.scalars(
        select(Document)
        .where(Document.customer_id == draft.customer_id, Document.number.is_not(None))
        .order_by(Document.id.desc())
        .limit(most)
    ).all()


def sizes_of(draft: MailDraft) -> list[int]:
    """Bytes of each file that goes along."""
    return [row.file.size_bytes for row in draft.files if row.file is not None]


def _add(draft: MailDraft, upload: Upload, *, content_id: str | None = None) -> MailDraftFile:
    file = keep(upload)
    row = MailDraftFile(draft_id=draft.id, file_id=file.id, name=upload.name, content_id=content_id)
    row.file = file
    draft.files.append(row)
    db.session.flush()
    return row


def _require_few(draft: MailDraft) -> None:
    if len(draft.files) >= MOST_FILES:
        raise Invalid(_("%(most)s files go with a message at most.", most=MOST_FILES))
