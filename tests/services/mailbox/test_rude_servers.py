"""F16, F17: servers that lie, hang up, throttle and talk nonsense: each message once, the bad one named, the others here."""

import os
import resource
import sys
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from mail.gateway import NetworkGateway
from models.base import db
from models.mailbox.mail_dead_letter import DeadLetterReason, MailDeadLetter
from models.mailbox.mail_sync import MailSync
from models.mailbox.message import Message
from models.mailbox.message_placement import MessagePlacement
from models.people.organization import Organization
from services.mailbox import batches
from services.mailbox.letters import Letter, OpenedLetter, open_letter
from services.mailbox.mailbox_balance import verify_mailbox
from services.mailbox.mailbox_sync import sync_mailbox
from services.mailbox.servers import MailNetwork
from services.mailbox.sync_run import SyncTools
from services.mailbox.trial_reading import TrialReader
from tests.factories.mailbox import make_mailbox, make_raw
from tests.servers.rude_imap import RudeImap
from tests.servers.rude_smtp import Connection

QUICK = MailNetwork(timeout_seconds=2, total_deadline_seconds=5)


def tools(**fields: Any) -> SyncTools:
    return SyncTools(**{"gateway": NetworkGateway(), "network": QUICK, **fields})


def read(server: RudeImap, *, times: int = 1, account_id: int | None = None, **fields: Any) -> int:
    if account_id is None:
        account_id = make_mailbox(imap_port=server.port, password="x", sync_days=None).id
        db.session.commit()
    for _time in range(times):
        sync_mailbox(account_id, tools(**fields))
    db.session.expire_all()
    return account_id


def uids() -> list[int | None]:
    return list(db.session.scalars(select(MessagePlacement.uid).order_by(MessagePlacement.uid)))


def problem() -> str | None:
    return db.session.scalars(select(MailSync.problem)).one()


def hangs_up(talk: Connection, _tag: bytes) -> None:
    talk.close()
    raise EOFError


def says(answer: bytes) -> Callable[[Connection, bytes], None]:
    def script(talk: Connection, tag: bytes) -> None:
        talk.say(answer.replace(b"TAG", tag))

    return script


def says_and_hangs_up(answer: bytes) -> Callable[[Connection, bytes], None]:
    def script(talk: Connection, tag: bytes) -> None:
        talk.say(answer)
        hangs_up(talk, tag)

    return script


@pytest.mark.parametrize(
    "rudeness",
    [
        pytest.param(hangs_up, id="hangs up before"),
        pytest.param(
            says_and_hangs_up(b"* 3 FETCH (UID 3 FLAGS () BODY[] {5000}\r\nSubject: x"),
            id="hangs up in the middle",
        ),
        pytest.param(says(b"* 3 FETCH (UID 3 BODY[] {4294967295}\r\n"), id="4 GB announced"),
        pytest.param(
            says(b"* 3 FETCH (UID 3 BODY[] {10}\r\n" + b"x" * 500 + b")\r\n"), id="too short"
        ),
        pytest.param(says(b"* 3 FETCH ((((((\r\n"), id="open lists"),
        pytest.param(says(b"\x00\xff\xfe garbage\r\n"), id="garbage"),
        pytest.param(says(b"* 3 FETCH (UID 3 FLAGS ())\r\n"), id="names it without a body"),
        pytest.param(says(b"* 3 FETCH (UID 3 BODY[] NIL)\r\n"), id="gives nothing"),
    ],
)
def test_one_bad_message_stops_none_of_the_others(
    organization: Organization, rudeness: Callable[[Connection, bytes], None]
) -> None:
    """Three tries, then it is named; the poll goes on all the while (X3-16, pains D-3, D-7)."""
    messages = {uid: make_raw(subject=str(uid)) for uid in range(1, 7)}
    with RudeImap(messages, rude={"BODY 3": rudeness}) as server:
        account_id = read(server)

        assert uids() == [1, 2, 4, 5, 6]
        server.messages[7] = make_raw(subject="7")
        read(server, times=3, account_id=account_id)

        assert uids() == [1, 2, 4, 5, 6, 7]
        assert problem() is None
        [letter] = db.session.scalars(select(MailDeadLetter))
        assert (letter.uid, letter.tries) == (3, 3)
        assert letter.reason is DeadLetterReason.NOT_GIVEN
        assert letter.set_aside_at is not None
        [balance] = verify_mailbox(organization.id, account_id, tools()) or []
        assert (balance.accepted, balance.placed, balance.dead, balance.is_even) == (7, 6, 1, True)


def test_a_message_that_comes_after_all_is_no_dead_letter(organization: Organization) -> None:
    messages = {uid: make_raw(subject=str(uid)) for uid in range(1, 4)}
    with RudeImap(messages, rude={"BODY 2": hangs_up}) as server:
        account_id = read(server)
        assert uids() == [1, 3]
        del server.rude["BODY 2"]

        read(server, account_id=account_id)

    assert uids() == [1, 2, 3]
    assert db.session.scalar(select(func.count()).select_from(MailDeadLetter)) == 0


@pytest.mark.parametrize(
    ("command", "rudeness", "expected"),
    [
        pytest.param(
            "LIST", says(b"TAG NO [LIMIT] Request is throttled\r\n"), "throttled", id="NO"
        ),
        pytest.param(
            "LIST", says(b"* BYE Too many connections, try again\r\n"), "throttled", id="BYE"
        ),
        pytest.param("LIST", says(b"* LIST garbage\r\nTAG OK\r\n"), "connect_failed", id="no list"),
        pytest.param("EXAMINE", says(b"TAG OK done\r\n"), "connect_failed", id="no numbers"),
        pytest.param(
            "EXAMINE", says(b"* 1 EXISTS\r\n" * 3 + b"TAG WHAT\r\n"), "connect_failed", id="end"
        ),
        pytest.param(
            "SEARCH", says(b"* SEARCH " + b"9" * 5_000_000), "connect_failed", id="endless"
        ),
        pytest.param("STATUS", says(b""), "connect_failed", id="silence"),
    ],
)
def test_a_rude_server_is_left_alone_for_a_while(
    organization: Organization,
    command: str,
    rudeness: Callable[[Connection, bytes], None],
    expected: str,
) -> None:
    """S3-03: what is wrong is said, and it is tried again, later each time."""
    with RudeImap({1: make_raw()}, rude={command: rudeness}) as server:
        account_id = read(server)

        assert problem() == expected
        row = db.session.scalars(select(MailSync)).one()
        assert row.next_poll_at is not None and row.last_bad_at is not None
        first_wait = row.next_poll_at - row.last_bad_at
        read(server, account_id=account_id)
        row = db.session.scalars(select(MailSync)).one()
        assert row.next_poll_at is not None and row.last_bad_at is not None
        assert row.next_poll_at - row.last_bad_at > first_wait
        server.rude.clear()
        read(server, account_id=account_id)

    assert problem() is None
    assert uids() == [1]


def test_a_server_that_names_messages_twice_and_lies_about_sizes(
    organization: Organization,
) -> None:
    messages = {uid: make_raw(subject=str(uid)) for uid in range(1, 4)}
    twice = b"* 2 FETCH (UID 2 FLAGS () BODY[] {9}\r\nSubject: )\r\n" * 2
    with RudeImap(messages, rude={"BODY 2": says(twice)}, sizes={1: 0, 3: 1}) as server:
        read(server)

    assert uids() == [1, 2, 3]
    assert problem() is None


def test_what_is_larger_than_a_message_may_be_is_named_unseen(organization: Organization) -> None:
    messages = {1: make_raw(subject="grande"), 2: make_raw()}
    with RudeImap(messages, sizes={1: 900_000_000}) as server:
        read(server)

        [letter] = db.session.scalars(select(MailDeadLetter))
        assert uids() == [2]
        assert (letter.reason, letter.size_bytes) == (DeadLetterReason.TOO_LARGE, 900_000_000)
        assert "Subject: grande" in letter.head
        assert not any(b"UID FETCH 1 " in each and b"PEEK[]" in each for each in server.commands)


def test_nothing_is_lost_where_sizes_are_asked_while_messages_are_written(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    """X3-16: too large, not given and a line that breaks, each beyond the sizes that were asked first."""
    monkeypatch.setattr(batches, "SIZES_AT_ONCE", 3)
    messages = {uid: make_raw(subject=str(uid)) for uid in range(1, 21)}
    rude = {"BODY 13": says(b"* 13 FETCH (UID 13 FLAGS ())\r\n"), "BODY 9": hangs_up}
    with RudeImap(messages, rude=rude, sizes={4: 900_000_000, 16: 900_000_000}) as server:
        account_id = read(server, times=3)

        assert uids() == [uid for uid in range(1, 21) if uid not in (4, 9, 13, 16)]
        letters = db.session.scalars(select(MailDeadLetter).order_by(MailDeadLetter.uid)).all()
        assert [(each.uid, each.reason) for each in letters] == [
            (4, DeadLetterReason.TOO_LARGE),
            (9, DeadLetterReason.NOT_GIVEN),
            (13, DeadLetterReason.NOT_GIVEN),
            (16, DeadLetterReason.TOO_LARGE),
        ]
        [balance] = verify_mailbox(organization.id, account_id, tools()) or []
        assert (balance.accepted, balance.placed, balance.dead, balance.is_even) == (
            20,
            16,
            4,
            True,
        )


def test_after_a_job_that_died_messages_are_tried_in_a_child(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What kills the child is a dead letter at once; the rest is read."""
    deadly = make_raw(subject="mata")
    messages = {1: make_raw(), 2: deadly, 3: make_raw()}
    monkeypatch.setattr(TrialReader, "command", (sys.executable, "-c", KILLED_BY_ONE))
    with RudeImap({}) as server:
        account_id = read(server)
        row = db.session.scalars(select(MailSync)).one()
        row.began_at = row.last_good_at  # as a job leaves it that was killed
        row.poll_token = None
        db.session.commit()
        server.messages.update(messages)

        read(server, account_id=account_id)

    assert uids() == [1, 3]
    [letter] = db.session.scalars(select(MailDeadLetter))
    assert (letter.uid, letter.reason) == (2, DeadLetterReason.KILLS_PARSER)


def test_a_message_that_we_cannot_read_is_named_and_stops_nobody(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake of ours in reading: the account is not stuck with it."""

    def stumbles(letter: Letter) -> OpenedLetter:
        if b"Subject: rara" in letter.raw:
            raise ValueError("year 10000 is out of range")
        return open_letter(letter)

    monkeypatch.setattr("services.mailbox.fetching.open_letter", stumbles)
    messages = {1: make_raw(), 2: make_raw(subject="rara"), 3: make_raw()}
    with RudeImap(messages) as server:
        read(server, times=3)

    assert uids() == [1, 3]
    assert problem() is None
    [letter] = db.session.scalars(select(MailDeadLetter))
    assert (letter.uid, letter.reason) == (2, DeadLetterReason.UNREADABLE)


KILLED_BY_ONE = """
import os, struct, sys
while head := sys.stdin.buffer.read(8):
    if b"Subject: mata" in sys.stdin.buffer.read(struct.unpack(">Q", head)[0]):
        os.kill(os.getpid(), 9)
    sys.stdout.buffer.write(bytes(8))
    sys.stdout.buffer.flush()
"""


def test_the_limited_child_reads_and_dies_alone() -> None:
    with TrialReader() as trial:
        assert trial.survives(make_raw())
        assert not trial.survives(b"Subject: x\r\n\r\n" + b"\x00" * 1_100_000_000)
        assert trial.survives(make_raw())


def test_a_message_of_60_mb_costs_less_than_300(organization: Organization) -> None:
    """F16: measured in a process of its own, since this one has read other things before."""
    part = (
        b"--B\r\nContent-Type: application/zip; name=a.zip\r\nContent-Disposition: attachment\r\n"
    )
    body = (
        part
        + b"Content-Transfer-Encoding: base64\r\n\r\n"
        + b"QUJD" * 19 * 780_000
        + b"\r\n--B--\r\n"
    )
    raw = b"Subject: grande\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n" + body
    assert 59_000_000 < len(raw) < 62_000_000
    with RudeImap({1: raw}) as server:
        account_id = make_mailbox(imap_port=server.port, password="x", sync_days=None).id
        db.session.commit()
        child = os.fork()
        if child == 0:
            os._exit(_read_within(account_id))
        _pid, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    db.session.rollback()
    [message] = db.session.scalars(select(Message))
    assert message.size_bytes == len(raw)


def _read_within(account_id: int) -> int:
    """0 if reading took less than 300 MB more than was there before."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    db.engine.dispose(close=False)
    db.session.remove()
    sync_mailbox(account_id, SyncTools(gateway=NetworkGateway()))
    return 0 if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000 else 1
