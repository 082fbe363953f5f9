"""Messages that somebody is writing: begun, found again, kept, given up. Each belongs to who writes it (S3-18)."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from errors import Conflict, Invalid, NotFound
from mail.address_list import LONGEST_LIST, write_addresses
from mail.following import answer_to, answer_to_all, forward_subject, reply_subject
from mail.parsing import plain_words
from mail.sanitise import LONGEST_HTML
from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_draft import DraftKind, DraftState, MailDraft
from models.mailbox.mail_folder import MailFolder
from models.mailbox.message import Message
from models.mailbox.message_placement import MessagePlacement
from models.people.customer import Customer
from models.people.user import User
from services.mailbox.customer_ties import customers_of_messages
from services.mailbox.quoted_original import parsed_original
from services.mailbox.readers import accounts_to_read
from services.mailbox.senders import accounts_to_send_as

LONGEST_SUBJECT = 900  # characters
TEXTS = ("to", "cc", "bcc", "subject", "body_html", "body_text")
SWITCHES = ("is_plain", "quotes")
LONGEST = {"subject": LONGEST_SUBJECT, "body_html": LONGEST_HTML, "body_text": LONGEST_HTML}
UNSENT = (DraftState.WRITING, DraftState.LEAVING)


class WrittenElsewhere(Conflict):
    """The same message has been written on in another tab, or sent from there."""


def begin(
    public_id: uuid.UUID,
    person: User,
    kind: DraftKind = DraftKind.NEW,
    follows: Message | None = None,
) -> MailDraft:
    """A draft with what it begins with; not added to the session: nothing is kept before something is written."""
    senders = accounts_to_send_as(person)
    own = {each.address_norm for each in (*senders, *accounts_to_read(person))}
    account = _sender_for(person, senders, follows)
    draft = MailDraft(
        public_id=public_id,
        user_id=person.id,
        account_id=account.id if account else None,
        kind=kind if follows is not None else DraftKind.NEW,
        state=DraftState.WRITING,
        follows=follows,
        revision=0,
        saved_at=utc_now(),
        fields=dict.fromkeys(TEXTS, "") | {"is_plain": False, "quotes": follows is not None},
    )
    if follows is not None:
        _follow(draft, follows, own)
    return draft


def find_draft(public_id: uuid.UUID, person: User, *, lock: bool = False) -> MailDraft | None:
    """This person's draft of this name, if it is kept already. Raises NotFound for somebody else's."""
    query = select(MailDraft).where(MailDraft.public_id == public_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    draft: MailDraft | None = db.session.scalar(query)
    if draft is not None and draft.user_id != person.id:
        raise NotFound("This draft is somebody else's.")
    return draft


def draft_of(public_id: uuid.UUID, person: User, *, lock: bool = False) -> MailDraft:
    """The same; raises NotFound where there is none."""
    draft = find_draft(public_id, person, lock=lock)
    if draft is None or draft.state is DraftState.DISCARDED:
        raise NotFound("There is no such draft.")
    return draft


def draft_to_keep(
    public_id: uuid.UUID, person: User, kind: DraftKind, follows: Message | None
) -> tuple[MailDraft, bool]:
    """The draft of this name, and whether it is new: the first thing typed makes it."""
    draft = find_draft(public_id, person, lock=True)
    if draft is not None:
        return draft, False
    draft = begin(public_id, person, kind, follows)
    try:
        with db.session.begin_nested():
            db.session.add(draft)
    except IntegrityError:
        raise NotFound("This name is taken, and not by this person.") from None
    return draft, True


def keep(draft: MailDraft, values: Mapping[str, Any], *, revision: int) -> None:
    """Write down what stands in the form now; `revision` is the one that it was made from.

    Raises WrittenElsewhere if there is a newer one or it is leaving, Invalid for what is too long.
    """
    require_writing(draft)
    if draft.revision != revision:
        raise WrittenElsewhere(
            _("This message was written on in another tab or window. Look at what is there first.")
        )
    for name in TEXTS:
        most = LONGEST.get(name, LONGEST_LIST)
        if len(values.get(name, "")) > most:
            raise Invalid(
                _("This is longer than the %(most)s characters that are possible.", most=most),
                field=name,
            )
    kept: dict[str, Any] = {name: str(values.get(name, "")).replace("\x00", "") for name in TEXTS}
    kept |= {name: bool(values.get(name)) for name in SWITCHES}
    draft.fields = draft.fields | kept
    draft.fields.pop("problem", None)
    draft.account_id = values.get("account_id")
    draft.customer_id = values.get("customer_id")
    draft.revision += 1
    draft.saved_at = utc_now()
    db.session.flush()
    db.session.expire(draft, ["account"])


def has_text(draft: MailDraft) -> bool:
    """Whether there is anything in it: words, a picture, a file, or a message that is forwarded."""
    rich = draft.fields.get("body_html", "")
    words = draft.fields.get("body_text", "") if draft.fields.get("is_plain") else plain_words(rich)
    is_forward = draft.kind is DraftKind.FORWARD and draft.fields.get("quotes")
    return bool(words.strip()) or "<img" in rich or bool(draft.files) or bool(is_forward)


def is_as_typed(draft: MailDraft, values: Mapping[str, Any]) -> bool:
    """Whether these are the very words that are kept."""
    return all(draft.fields.get(name, "") == values.get(name, "") for name in TEXTS)


def require_writing(draft: MailDraft) -> None:
    """Raise WrittenElsewhere for what is on its way, with what one can do; Conflict for what was given up."""
    if draft.state is DraftState.LEAVING:
        raise WrittenElsewhere(_("This message is about to leave. Undo sending to change it."))
    if draft.state is DraftState.SENT:
        raise WrittenElsewhere(_("This message has left already. Write a new one."))
    if draft.state is DraftState.DISCARDED:
        raise Conflict(_("This draft was deleted."))


def discard(draft: MailDraft) -> None:
    """Give it up; `restore` takes it back."""
    require_writing(draft)
    draft.state = DraftState.DISCARDED
    db.session.flush()


def restore(draft: MailDraft) -> None:
    """Go on writing what was given up."""
    if draft.state is DraftState.DISCARDED:
        draft.state, draft.saved_at = DraftState.WRITING, utc_now()
        draft.synced_revision = None
        db.session.flush()


def empty(draft: MailDraft) -> None:
    """Clear all fields; what stood there is kept beside, for the way back (S3-38)."""
    require_writing(draft)
    before = {name: value for name, value in draft.fields.items() if name != "before"}
    before["customer_id"] = draft.customer_id
    fresh: dict[str, Any] = dict.fromkeys(TEXTS, "") | dict.fromkeys(SWITCHES, False)
    draft.fields = fresh | {"is_plain": draft.fields.get("is_plain", False), "before": before}
    draft.customer_id = None
    draft.revision += 1
    draft.saved_at = utc_now()
    db.session.flush()


def refill(draft: MailDraft) -> None:
    """Take the clearing back. Raises Conflict if there is nothing to take back."""
    require_writing(draft)
    before = draft.fields.get("before")
    if not before:
        raise Conflict(_("There is nothing to undo."))
    draft.customer_id = before.pop("customer_id", None)
    draft.fields = before
    draft.revision += 1
    draft.saved_at = utc_now()
    db.session.flush()


def language_of_draft(draft: MailDraft, person: User) -> str:
    """The customer's language, else that of who writes."""
    customer = db.session.get(Customer, draft.customer_id) if draft.customer_id else None
    return customer.lang if customer else person.lang


def _sender_for(
    person: User, senders: Sequence[MailAccount], follows: Message | None
) -> MailAccount | None:
    """The mailbox in which the message lies that is followed; else one's own, else the first."""
    if follows is not None:
        lies_in = set(
            db.session.scalars(
                select(MailFolder.account_id)
                .join(MessagePlacement, MessagePlacement.folder_id == MailFolder.id)
                .where(MessagePlacement.message_id == follows.id)
            )
        )
        senders = [each for each in senders if each.id in lies_in] or senders
    own = [each for each in senders if each.owner_id == person.id]
    return next(iter([*own, *senders]), None)


def _follow(draft: MailDraft, follows: Message, own: set[str]) -> None:
    read = parsed_original(follows)
    customers = customers_of_messages([follows])[follows.id]
    draft.customer_id = customers[0].id if customers else None
    if draft.kind is DraftKind.FORWARD:
        draft.fields = draft.fields | {"subject": forward_subject(follows.subject)}
        return
    draft.fields = draft.fields | {"subject": reply_subject(follows.subject)}
    if read is None:
        to = [(follows.from_name, follows.from_address)] if follows.from_address else []
        draft.fields = draft.fields | {"to": write_addresses(to)}
        return
    answer = answer_to_all if draft.kind is DraftKind.REPLY_ALL else answer_to
    recipients = answer(read[0], own)
    draft.fields = draft.fields | {
        "to": write_addresses(recipients.to),
        "cc": write_addresses(recipients.cc),
    }
