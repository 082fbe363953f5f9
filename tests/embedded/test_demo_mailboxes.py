"""The demo's IMAP server, asked by the standard library's client: what a mail program does with a mailbox."""

import imaplib
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from embedded.mail_server.imap import ImapServer
from embedded.mail_server.mailboxes import Mailboxes, StoredMessage

ADDRESS = "lucia@penalba.example"
RAW = b"From: Ana <ana@cliente.example>\r\nSubject: Hola\r\nMessage-ID: <1@cliente.example>\r\n\r\nBuenos d\xc3\xadas\r\n"


@pytest.fixture
def mailboxes(tmp_path: Path) -> Iterator[Mailboxes]:
    found = Mailboxes(tmp_path / "mailboxes.sqlite3")
    found.open(ADDRESS)
    yield found
    found.close()


@pytest.fixture
def port(mailboxes: Mailboxes) -> Iterator[int]:
    with ImapServer(mailboxes, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield int(server.server_address[1])
        server.shutdown()


@pytest.fixture
def client(port: int) -> Iterator[imaplib.IMAP4]:
    with imaplib.IMAP4("127.0.0.1", port, timeout=10) as client:
        client.login(ADDRESS, "clave de correo")
        yield client


def put(mailboxes: Mailboxes, path: str = "INBOX", *, flags: str = "") -> int:
    folder = mailboxes.folder(ADDRESS, path)
    assert folder is not None
    return mailboxes.add(folder, RAW, flags=flags)


def test_an_expired_password_is_refused(port: int) -> None:
    with (
        imaplib.IMAP4("127.0.0.1", port, timeout=10) as client,
        pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"),
    ):
        client.login(ADDRESS, "vencida en julio")


def test_nobody_sees_anything_without_signing_in(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 10) as line, line.makefile("rwb") as talk:
        talk.readline()
        talk.write(b"a STATUS INBOX (MESSAGES)\r\n")
        talk.flush()
        assert talk.readline() == b"a NO Sign in first\r\n"


def test_folders_say_what_they_are_for(client: imaplib.IMAP4, mailboxes: Mailboxes) -> None:
    put(mailboxes)

    _ok, listed = client.list()
    _ok, status = client.status("INBOX", "(MESSAGES UNSEEN UIDNEXT)")

    assert rb'(\Sent) "/" "Sent"' in listed
    assert rb'(\Trash) "/" "Trash"' in listed
    assert status == [b'"INBOX" (MESSAGES 1 UNSEEN 1 UIDNEXT 2)']


def test_a_message_is_kept_byte_by_byte(client: imaplib.IMAP4) -> None:
    at = datetime(2026, 7, 31, 14, 30, tzinfo=UTC)
    client.create("Clientes")
    _ok, [code] = client.append("Clientes", r"(\Seen)", imaplib.Time2Internaldate(at), RAW)
    client.select("Clientes")
    _ok, [(said, raw), _end] = client.uid("FETCH", "1", "(FLAGS INTERNALDATE RFC822.SIZE BODY[])")

    assert b"APPENDUID" in code
    assert raw == RAW
    assert rb"FLAGS (\Seen)" in said
    assert b'INTERNALDATE "31-Jul-2026 14:30:00 +0000"' in said


def test_marks_are_set_and_taken_away(client: imaplib.IMAP4, mailboxes: Mailboxes) -> None:
    for _each in range(3):
        put(mailboxes)
    client.select()

    client.store("1:2", "+FLAGS", r"(\Seen \Flagged)")
    client.uid("STORE", "2", "-FLAGS.SILENT", r"(\Flagged)")

    assert client.search(None, "FLAGGED") == ("OK", [b"1"])
    assert client.uid("SEARCH", "UNSEEN", "SINCE", "1-Jan-2020") == ("OK", [b"3"])
    assert client.uid("SEARCH", "UID", "2:*", "HEADER", "Message-ID", "<1@cliente.example>")[1] == [
        b"2 3"
    ]


def test_what_is_moved_says_where_it_went(client: imaplib.IMAP4, mailboxes: Mailboxes) -> None:
    put(mailboxes)
    put(mailboxes)
    client.select()

    client.uid("COPY", "1", "Archive")
    said, _text = client.uid("MOVE", "1:2", "Trash")

    assert said == "OK"
    assert client.response("COPYUID")[1][-1].split()[1:] == [b"1,2", b"1,2"]
    assert client.response("EXPUNGE")[1] == [b"2", b"1"]
    assert client.status("Trash", "(MESSAGES)")[1] == [b'"Trash" (MESSAGES 2)']
    assert client.status("Archive", "(MESSAGES)")[1] == [b'"Archive" (MESSAGES 1)']


def test_only_what_is_marked_and_named_goes(client: imaplib.IMAP4, mailboxes: Mailboxes) -> None:
    for flags in (r"\Deleted", r"\Deleted", ""):
        put(mailboxes, flags=flags)
    client.select()

    client.uid("EXPUNGE", "2:3")

    assert client.uid("SEARCH", "ALL")[1] == [b"1 3"]


def test_a_folder_that_was_opened_for_reading_stays_as_it_is(
    client: imaplib.IMAP4, mailboxes: Mailboxes
) -> None:
    put(mailboxes)
    client.select(readonly=True)

    client.fetch("1", "(BODY[])")

    assert client.store("1", "+FLAGS", r"(\Deleted)")[0] == "NO"
    assert client.search(None, "UNSEEN")[1] == [b"1"]


def test_of_a_damaged_message_only_the_header_is_left(port: int, mailboxes: Mailboxes) -> None:
    """X3-16: it is named with its size, handed over in part, and moves as it is."""
    head = RAW.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    owner = "danos@penalba.example"
    mailboxes.open(owner, [("INBOX", StoredMessage("", 1.0, head, lost_bytes=5_000))])
    with imaplib.IMAP4("127.0.0.1", port, timeout=10) as client:
        client.login(owner, "clave de correo")
        client.select()

        [size] = client.fetch("1", "(RFC822.SIZE)")[1]
        assert size == b"1 (RFC822.SIZE %d)" % (len(head) + 5_000)
        assert client.fetch("1", "(BODY.PEEK[HEADER])")[1][0][1] == head
        said, [answer] = client.fetch("1", "(BODY.PEEK[])")
        assert said == "NO"
        assert b"[CORRUPTION]" in answer
        client.uid("MOVE", "1", "Trash")
        client.select("Trash")
        assert client.fetch("1", "(BODY.PEEK[])")[0] == "NO"


def test_mailboxes_of_an_earlier_demo_are_still_read(tmp_path: Path) -> None:
    file = tmp_path / "earlier.sqlite3"
    with closing(sqlite3.connect(file)) as base:
        base.execute(
            "CREATE TABLE message (folder_id INTEGER, uid INTEGER, flags TEXT, received_at REAL, raw BLOB,"
            " PRIMARY KEY (folder_id, uid)) WITHOUT ROWID"
        )

    with closing(Mailboxes(file)) as found:
        found.open(ADDRESS)
        assert put(found) == 1


def test_whoever_waits_is_told(port: int, client: imaplib.IMAP4, mailboxes: Mailboxes) -> None:
    client.select()
    client.send(b"w1 IDLE\r\n")
    assert client.readline().startswith(b"+")

    put(mailboxes)

    assert client.readline() == b"* 1 EXISTS\r\n"
    client.send(b"DONE\r\n")
    assert client.readline().startswith(b"w1 OK")
    mailboxes.deliver(ADDRESS, RAW)
    client.noop()
    assert client.response("EXISTS")[1][-1] == b"2"


def test_nonsense_is_answered_and_the_next_command_is_heard(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 10) as line, line.makefile("rwb") as talk:
        talk.readline()
        for said in (
            b"",
            b"a",
            b"a (",
            b"a )",
            b"a LOGIN x",
            b"a FETCH 1 (ENVELOPE)",
            b"a X {999999999}",
        ):
            talk.write(said + b"\r\n")
            talk.flush()
            assert talk.readline().split(b" ")[1] in (b"BAD", b"NO"), said
        talk.write(b"b NOOP\r\n")
        talk.flush()
        assert talk.readline().startswith(b"b OK")


def test_folders_are_made_renamed_and_deleted(client: imaplib.IMAP4, mailboxes: Mailboxes) -> None:
    client.create("Reclamos")
    put(mailboxes, "Reclamos")
    assert client.create("Reclamos")[0] == "NO"
    assert client.rename("Reclamos", "INBOX")[0] == "NO"

    assert client.rename("Reclamos", "Quejas")[0] == "OK"

    renamed = mailboxes.folder(ADDRESS, "Quejas")
    assert renamed is not None
    assert renamed.messages == 1
    assert client.delete("Quejas")[0] == "OK"
    assert mailboxes.folder(ADDRESS, "Quejas") is None
