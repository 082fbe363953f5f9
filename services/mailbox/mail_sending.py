"""A written message leaves: asked for, taken back while it waits, then put into the ledger, once (S3-39)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import select

from errors import Conflict, Invalid
from mail.address_list import TypedAddress, read_addresses
from models.base import db, utc_now
from models.mailbox.mail_draft import DraftKind, DraftState, MailDraft
from models.mailbox.mail_folder import MailFolder
from models.mailbox.message_placement import MessagePlacement
from models.mailings.delivery import DeliveryKind, DeliveryStatus
from models.mailings.delivery_copy import CopyRole
from models.people.customer import Customer
from models.people.user import User
from services.mailbox.drafts import require_writing
from services.mailbox.followed_message import is_kept_from
from services.mailbox.frozen_draft import freeze_draft
from services.mailbox.mail_limits import encoded_size, limits_of
from services.mailbox.marking import note_answered
from services.mailbox.readers import readable_by
from services.mailbox.recipients import MOST_RECIPIENTS, recipients_of
from services.mailbox.senders import require_sender
from services.mailings.copies import PlannedCopy, without_doubles
from services.mailings.frozen_rows import WAITED_FOR, Destiny, NewDelivery, write_deliveries
from services.sales.pdf import Workshop
from services.system.uploads import size_words

UNDO_SECONDS = 10
_FRESH = (DraftKind.NEW, DraftKind.FORWARD)


@dataclass(frozen=True)
class Flaw:
    """What keeps a message from leaving, at which field."""

    field: str
    sentence: str


def flaws_of(draft: MailDraft, person: User) -> list[Flaw]:
    """What has to be put right before it can leave; an empty subject is asked about, it is no flaw."""
    found = []
    if draft.account_id is None:
        found.append(Flaw("account", _("Choose the address that this message is sent from.")))
    if draft.fields.get("quotes") and is_kept_from(draft, person):
        found.append(Flaw("quotes", _kept_from_words()))
    lists = recipients_of(draft)
    everybody = [(field, each) for field, recipients in lists.items() for each in recipients]
    found += [
        Flaw(field, each.obstacle) for field, each in everybody[:MOST_RECIPIENTS] if each.obstacle
    ]
    if not everybody:
        found.append(Flaw("to", _("Write at least one address.")))
    if len(everybody) > MOST_RECIPIENTS:
        found.append(
            Flaw(
                "to",
                _(
                    "A message goes to %(most)s addresses at most. To write to more, make a mailing.",
                    most=MOST_RECIPIENTS,
                ),
            )
        )
    if draft.kind in _FRESH and draft.customer_id is not None:
        customer = db.session.get_one(Customer, draft.customer_id)
        if customer.on_hold:
            found.append(
                Flaw(
                    "customer",
                    _("%(customer)s is on hold: nothing new goes to it.", customer=customer.name),
                )
            )
    limits = limits_of(draft.account)
    size = sum(encoded_size(row.file.size_bytes) for row in draft.files if row.file is not None)
    if size > limits.largest:
        found.append(
            Flaw(
                "files",
                _(
                    "The files are too large: a message from %(account)s can carry %(most)s. Take some out, or send "
                    "links.",
                    account=limits.account,
                    most=size_words(limits.room),
                ),
            )
        )
    return found


def leave(draft: MailDraft, person: User, *, at: datetime | None = None) -> None:
    """Let it leave in a moment, or later (X3-11); until then it can be taken back. Raises Invalid or Forbidden for what cannot leave."""
    require_writing(draft)
    for flaw in flaws_of(draft, person):
        raise Invalid(flaw.sentence, field=flaw.field)
    assert draft.account_id is not None  # there was no flaw
    require_sender(draft.account_id, person)
    draft.state = DraftState.LEAVING
    draft.leaves_at = max(at or utc_now(), utc_now() + timedelta(seconds=UNDO_SECONDS))
    db.session.flush()


def take_back(draft: MailDraft) -> None:
    """The same draft again, as it was. Raises Conflict if it has left."""
    if draft.state is DraftState.SENT:
        raise Conflict(_("It was too late to take it back: the message has left."))
    if draft.state is DraftState.LEAVING:
        draft.state, draft.leaves_at = DraftState.WRITING, None
        db.session.flush()


def due_drafts() -> Sequence[tuple[int, int, int]]:
    """Organization, draft and writer of each message whose moment has come; asked across all organizations."""
    rows = db.session.execute(
        select(MailDraft.organization_id, MailDraft.id, MailDraft.user_id)
        .where(MailDraft.state == DraftState.LEAVING, MailDraft.leaves_at <= utc_now())
        .order_by(MailDraft.leaves_at)
        .limit(200)
    ).all()
    return [(row.organization_id, row.id, row.user_id) for row in rows]


def send(draft_id: int, workshop: Workshop) -> bool:
    """Put the message into the ledger if its moment has come; whether it was. Twice does no harm.

    Raises AppError for what cannot leave: the caller gives it back (`give_back`).
    """
    draft = db.session.scalars(
        select(MailDraft)
        .where(MailDraft.id == draft_id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if (
        draft is None
        or draft.state is not DraftState.LEAVING
        or draft.leaves_at is None
        or draft.leaves_at > utc_now()
        or draft.account is None
    ):
        return False
    person = db.session.get_one(User, draft.user_id)
    require_sender(draft.account.id, person)
    if draft.fields.get("quotes") and is_kept_from(draft, person):
        raise Conflict(_kept_from_words())
    frozen = freeze_draft(draft, person, workshop)
    first, copies = _recipients(draft)
    key = f"compose:{draft.public_id}"
    made = write_deliveries(
        [
            NewDelivery(
                key,
                None,
                frozen.message,
                first.address,
                first.address_norm,
                documents=frozen.documents,
                customer_id=draft.customer_id,
                copies=copies,
            )
        ],
        Destiny(
            account_id=draft.account.id,
            envelope_from=frozen.envelope_from,
            kind=DeliveryKind.SINGLE if draft.kind in _FRESH else DeliveryKind.REPLY,
            mailing_id=None,
            held_by=None,
            state=DeliveryStatus.QUEUED,
            priority=WAITED_FOR,
        ),
    )
    draft.delivery_id = made.get(key)
    draft.state = DraftState.SENT
    db.session.flush()
    if draft.kind not in _FRESH:
        _mark_answered(draft, person)
    return True


def give_back(draft_id: int, sentence: str) -> None:
    """It cannot leave: it is a draft again, which says why."""
    draft = db.session.get(MailDraft, draft_id, populate_existing=True)
    if draft is not None and draft.state is DraftState.LEAVING:
        draft.state, draft.leaves_at = DraftState.WRITING, None
        draft.fields = draft.fields | {"problem": sentence}
        db.session.flush()


def _kept_from_words() -> str:
    return str(
        _(
            "You may no longer read the message that this one repeats. Send it without the earlier message."
        )
    )


def _recipients(draft: MailDraft) -> tuple[PlannedCopy, tuple[PlannedCopy, ...]]:
    """The first one, whose delivery it is, and all others; an address that stands twice gets it once."""
    roles = {"to": CopyRole.TO, "cc": CopyRole.CC, "bcc": CopyRole.BCC}
    everybody = [
        _planned(role, each)
        for field, role in roles.items()
        for each in read_addresses(draft.fields.get(field, ""))
        if not each.problem
    ]
    first, *others = everybody
    return first, without_doubles(others, besides=first.address_norm)


def _planned(role: CopyRole, entry: TypedAddress) -> PlannedCopy:
    return PlannedCopy(role, entry.address, entry.norm, entry.name)


def _mark_answered(draft: MailDraft, person: User) -> None:
    placements = db.session.scalars(
        select(MessagePlacement)
        .join(MailFolder, MailFolder.id == MessagePlacement.folder_id)
        .join(MailFolder.account)
        .where(
            MessagePlacement.message_id == draft.follows_id,
            MailFolder.gone_at.is_(None),
            readable_by(person),
        )
    ).all()
    note_answered(placements, person)
