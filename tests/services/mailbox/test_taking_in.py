"""Messages of a mailbox become messages here."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from errors import NotFound
from models.base import db
from models.mailbox.attachment import Attachment
from models.mailbox.mail_folder import FolderRole
from models.mailbox.message import Message
from models.mailbox.message_party import MessageParty
from models.mailbox.message_placement import MessagePlacement
from models.mailbox.message_text import MessageText
from models.mailbox.thread import FolderThread, Thread
from models.people.organization import Organization
from services.mailbox.letters import Letter
from services.mailbox.message_bytes import raw_of
from services.mailbox.searchable import shown_words
from services.mailbox.taking_in import take_in
from tests.factories.mailbox import NOON, make_folder, make_mailbox, make_raw, receive


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def counted(folder_id: int) -> dict[int, tuple[int, int, int]]:
    """What the list of a folder says: messages, unread and starred of each conversation."""
    rows = db.session.scalars(select(FolderThread).where(FolderThread.folder_id == folder_id))
    db.session.expire_all()
    return {row.thread_id: (row.messages, row.unread, row.starred) for row in rows}


def test_a_message_is_kept_with_what_it_says(organization: Organization) -> None:
    raw = make_raw(
        subject="Re: FAC-2026/0012", html="<p>Hola</p>", files=(("pedido.pdf", b"%PDF-1.7"),)
    )

    placement = receive(make_folder(make_mailbox()), raw, flags=("\\Seen", "$Forwarded"))

    message = placement.message
    assert raw_of(message) == raw
    assert (message.from_name, message.from_address) == ("Ana Ruiz", "ana@cliente.example")
    assert (message.subject, message.sent_at) == ("Re: FAC-2026/0012", NOON)
    assert message.snippet == "Buenos días, ¿me mandan la factura?"
    assert message.has_attachments
    assert (placement.is_read, placement.is_starred) == (True, False)
    assert placement.keywords == ["$Forwarded"]
    parties = db.session.scalars(select(MessageParty).order_by(MessageParty.position)).all()
    assert [(each.field, each.address_norm) for each in parties] == [
        ("from", "ana@cliente.example"),
        ("to", "ventas@penalba.example"),
    ]
    [file] = db.session.scalars(select(Attachment))
    assert (file.part, file.file_name, file.size_bytes) == (1, "pedido.pdf", 8)
    [words] = db.session.scalars(select(MessageText))
    assert "FAC-2026/0012" in shown_words(words.body)
    assert words.lang == "mail_es"


def test_the_same_mail_in_two_mailboxes_is_one_message(organization: Organization) -> None:
    """X3-08, pains D-4: whatever the servers on the way have written above it."""
    raw = make_raw(message_id="<uno@cliente.example>")
    one, other = make_folder(make_mailbox()), make_folder(make_mailbox())

    first = receive(one, b"Delivered-To: ventas@penalba.example\r\n" + raw)
    second = receive(
        other, b"Delivered-To: lucia@penalba.example\r\n" + raw.replace(b"\r\n", b"\n")
    )

    assert first.message_id == second.message_id
    assert (count(Message), count(MessagePlacement), count(Thread)) == (1, 2, 1)
    assert counted(one.id) == counted(other.id) == {first.thread_id: (1, 1, 0)}


def test_the_same_mail_twice_in_a_folder_is_placed_twice(organization: Organization) -> None:
    """X3-08"""
    folder, raw = make_folder(make_mailbox()), make_raw()

    placements = take_in(folder, [Letter(uid, (), NOON, raw) for uid in (1, 2)])

    assert [each.uid for each in placements] == [1, 2]
    assert count(Message) == 1
    assert counted(folder.id) == {placements[0].thread_id: (2, 2, 0)}


def test_a_copy_with_its_bcc_is_a_message_of_its_own(organization: Organization) -> None:
    """S3-09: whoever gets the other copy does not see who got it unseen."""
    sent, inbox = make_folder(make_mailbox(), FolderRole.SENT), make_folder(make_mailbox())
    ours = make_raw(message_id="<b@penalba.example>", bcc="jefe@penalba.example")
    theirs = make_raw(message_id="<b@penalba.example>")

    placements = [receive(sent, ours), receive(inbox, theirs)]

    assert count(Message) == 2
    assert placements[0].thread_id == placements[1].thread_id


def test_who_repeats_a_message_id_hides_nothing(organization: Organization) -> None:
    """Pains D-1: the same Message-ID with another content is another message, and about something else no part of it."""
    folder = make_folder(make_mailbox())

    first = receive(folder, message_id="<1@scanner>", subject="Escaneado 1", text="uno")
    second = receive(folder, message_id="<1@scanner>", subject="Escaneado 2", text="dos")
    third = receive(
        folder, message_id="<1@scanner>", subject="RV: [lista] Escaneado 1", text="tres"
    )

    assert count(Message) == 3
    assert first.thread_id == third.thread_id != second.thread_id


def test_messages_without_an_id_get_one_that_stays(organization: Organization) -> None:
    """Pains D-3: the same one at each reading."""
    folder = make_folder(make_mailbox())
    raw = b"From: a@b.example\r\nSubject: sin nombre\r\n\r\nhola"

    placements = [receive(folder, raw), receive(folder, raw), receive(folder, raw + b" otra vez")]

    names = [each.message.message_id_header for each in placements]
    assert names[0] == names[1] != names[2]
    assert names[0].endswith("@without-id.invalid>")


def test_a_clock_that_goes_ahead_does_not_stay_on_top(organization: Organization) -> None:
    folder = make_folder(make_mailbox())

    ahead = receive(folder, sent_at=NOON + timedelta(days=900))
    behind = receive(folder, sent_at=NOON - timedelta(days=2))
    never_set = receive(folder, b"Date: Thu, 01 Jan 1970 00:00:01 +0000\r\n\r\nx")

    assert [each.sent_at for each in (ahead, behind, never_set)] == [
        NOON,
        NOON - timedelta(days=2),
        NOON,
    ]


def test_a_parent_that_comes_late_joins_two_conversations(organization: Organization) -> None:
    """X3-07, X3-26, pains D-2: an answer and a reference tie, whichever comes first; old links lead on."""
    folder, other = make_folder(make_mailbox()), make_folder(make_mailbox())
    one = receive(folder, message_id="<2@x>", in_reply_to="<1@x>")
    two = receive(other, message_id="<3@x>", in_reply_to="<0@x>", flags=("\\Seen",))
    assert one.thread_id != two.thread_id

    parent = receive(folder, message_id="<1@x>", references="<0@x>", flags=("\\Flagged",))

    winner = min(one.thread_id, two.thread_id)
    loser = max(one.thread_id, two.thread_id)
    db.session.expire_all()
    assert {one.thread_id, two.thread_id, parent.thread_id} == {winner}
    assert two.message.thread_id == winner
    assert db.session.get_one(Thread, loser).merged_into_id == winner
    assert counted(folder.id) == {winner: (2, 2, 1)}
    assert counted(other.id) == {winner: (1, 0, 0)}


def test_conversations_are_the_same_in_whatever_order_they_come(organization: Organization) -> None:
    """A union-find over the whole, against one over batches in random order; seed printed by the name of the case."""
    rng = random.Random(7)
    parents = {n: rng.randrange(n) if n and rng.random() < 0.7 else None for n in range(120)}
    expected: dict[int, int] = {}
    for n, parent in parents.items():
        expected[n] = n if parent is None else expected[parent]
    order = list(parents)
    rng.shuffle(order)
    folder = make_folder(make_mailbox())
    placed: dict[int, MessagePlacement] = {}

    while order:
        batch, order = order[:9], order[9:]
        letters = []
        for n in batch:
            answers = {} if parents[n] is None else {"in_reply_to": f"<{parents[n]}@x>"}
            raw = make_raw(message_id=f"<{n}@x>", text=f"número {n}", **answers)
            letters.append(Letter(n + 1, (), NOON, raw))
        placed.update(zip(batch, take_in(folder, letters), strict=True))

    db.session.expire_all()
    seen = {n: each.thread_id for n, each in placed.items()}
    assert {(expected[n], seen[n]) for n in seen} == {
        (root, seen[root]) for root in set(expected.values())
    }
    assert sum(messages for messages, _unread, _starred in counted(folder.id).values()) == 120


def test_what_was_deleted_for_good_is_not_there(organization: Organization) -> None:
    placement = receive(make_folder(make_mailbox()))
    placement.message.pack_id = None
    db.session.flush()
    db.session.expire_all()

    with pytest.raises(NotFound):
        raw_of(placement.message)
