"""The demo's mail server: what is sent arrives, can be looked at, and runs nothing."""

import imaplib
import os
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest


def free_ports(count: int) -> list[int]:
    """Held at the same time, so that each is another."""
    with ExitStack() as stack:
        held = [stack.enter_context(socket.socket()) for _each in range(count)]
        for listener in held:
            listener.bind(("127.0.0.1", 0))
        return [int(listener.getsockname()[1]) for listener in held]


@contextmanager
def serving(data: Path, root: Path) -> Iterator[tuple[int, int, int]]:
    """The server as `script/server` starts it; its ports for SMTP, the page and IMAP."""
    smtp, web, imap = free_ports(3)
    env = {
        **os.environ,
        "VENTANILLA_DATA": str(data),
        "DEMO_SMTP_PORT": str(smtp),
        "DEMO_MAIL_PORT": str(web),
        "DEMO_IMAP_PORT": str(imap),
        "PYTHONPATH": str(root),
    }
    process = subprocess.Popen([sys.executable, "-m", "embedded.mail_server"], env=env)
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", smtp), 1).close()
            break
        except OSError:
            time.sleep(0.05)
    try:
        yield smtp, web, imap
    finally:
        process.terminate()
        assert process.wait(10) == 0


@pytest.fixture
def mail_server(tmp_path: Path, root: Path) -> Iterator[tuple[int, int]]:
    with serving(tmp_path, root) as (smtp, web, _imap):
        yield smtp, web


def page(port: int, path: str) -> tuple[str, bytes]:
    with urlopen(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.headers.get("Content-Security-Policy", ""), answer.read()


def a_letter() -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"] = "Facturación <a@example.com>", "Íñigo <b@example.com>"
    letter["Subject"] = "Factura FV-1, señor <b>Muñoz</b>"
    letter.set_content("Hola")
    letter.add_alternative("<p>Hola<script>alert(1)</script></p>", subtype="html")
    letter.add_attachment(b"%PDF-1.7 x", maintype="application", subtype="pdf", filename="FV-1.pdf")
    return letter


def test_what_is_sent_can_be_looked_at(mail_server: tuple[int, int]) -> None:
    smtp, web = mail_server
    with smtplib.SMTP("127.0.0.1", smtp) as client:
        client.send_message(a_letter())

    _policy, listing = page(web, "/?q=b@example")
    path = listing.decode().split("href='/message/")[1].split("'")[0]
    _policy, shown = page(web, f"/message/{path}")
    text_policy, text = page(web, f"/message/{path}/text")
    _policy, pdf = page(web, f"/message/{path}/file/0/FV-1.pdf")

    assert "señor &lt;b&gt;Muñoz" in shown.decode()
    assert "sandbox" in text_policy
    assert b"Hola" in text
    assert pdf == b"%PDF-1.7 x"


def test_an_unknown_mailbox_is_refused(mail_server: tuple[int, int]) -> None:
    smtp, _web = mail_server
    with smtplib.SMTP("127.0.0.1", smtp) as client, pytest.raises(smtplib.SMTPRecipientsRefused):
        client.sendmail("a@example.com", ["rebota@example.com"], b"x")


def test_a_full_mailbox_has_room_the_second_time(mail_server: tuple[int, int]) -> None:
    """X1-10: so that the demo shows a failure that trying again cures."""
    smtp, _web = mail_server
    with smtplib.SMTP("127.0.0.1", smtp) as client:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            client.sendmail("a@example.com", ["llena@example.com"], b"x")
        missed = client.sendmail("a@example.com", ["llena@example.com"], b"x")

    assert refused.value.recipients["llena@example.com"] == (552, b"5.2.2 Mailbox full")
    assert missed == {}


def test_every_password_will_do_but_one_that_has_expired(mail_server: tuple[int, int]) -> None:
    """X4-03: so that the demo shows an account that works and one whose password is refused."""
    smtp, _web = mail_server
    with smtplib.SMTP("127.0.0.1", smtp) as client:
        assert client.login("a@example.com", "clave")[0] == 235
    with smtplib.SMTP("127.0.0.1", smtp) as client, pytest.raises(smtplib.SMTPAuthenticationError):
        client.login("a@example.com", "vencida en julio")


def test_keys_are_no_paths(mail_server: tuple[int, int]) -> None:
    _smtp, web = mail_server

    with pytest.raises(HTTPError):
        page(web, "/message/..%2f..%2fsecret/source")


def test_what_is_sent_to_a_mailbox_lies_in_it_and_stays_there(tmp_path: Path, root: Path) -> None:
    """What a customer answers is found in the area, also after the server was started again."""
    with serving(tmp_path, root) as (smtp, _web, imap):
        with imaplib.IMAP4("127.0.0.1", imap) as client:
            client.login("b@example.com", "clave")
        with smtplib.SMTP("127.0.0.1", smtp) as client:
            client.send_message(a_letter(), to_addrs=["B+fv1@example.com", "nobody@example.com"])

    with serving(tmp_path, root) as (_smtp, _web, imap):
        with imaplib.IMAP4("127.0.0.1", imap) as client:
            client.login("b@example.com", "clave")
            client.select()
            found = client.fetch("1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        with imaplib.IMAP4("127.0.0.1", imap) as client:
            client.login("nobody@example.com", "clave")
            assert client.select() == ("OK", [b"0"])

    assert found[0] == "OK"
    assert found[1][0][1].startswith(b"Subject: Factura FV-1")


def test_whoever_got_a_message_answers_it_on_its_page(tmp_path: Path, root: Path) -> None:
    """The other half of a conversation: a customer of the demo answers, and we find it in the area."""
    letter = a_letter()
    letter["Message-ID"] = "<1@example.com>"
    with serving(tmp_path, root) as (smtp, web, imap):
        with imaplib.IMAP4("127.0.0.1", imap) as client, smtplib.SMTP("127.0.0.1", smtp) as sender:
            client.login("a@example.com", "clave")
            sender.send_message(letter)
            _policy, listing = page(web, "/")
            path = listing.decode().split("href='/message/")[1].split("'")[0]
            address = f"http://127.0.0.1:{web}/message/{path}/answer"
            with pytest.raises(HTTPError):
                urlopen(Request(address, b"text=x", {"Origin": "http://elsewhere.example"}))

            with urlopen(
                Request(address, b"text=Gracias", {"Origin": f"http://127.0.0.1:{web}"})
            ) as answered:
                assert "/message/" in answered.url

            assert client.select() == ("OK", [b"1"])
            raw = client.fetch("1", "(BODY.PEEK[])")[1][0][1]

    received = message_from_bytes(raw, policy=policy.default)
    assert received["From"] == "Íñigo <b@example.com>"
    assert received["In-Reply-To"] == "<1@example.com>"
    assert received["Subject"] == "Re: Factura FV-1, señor <b>Muñoz</b>"
    assert received.get_content().startswith("Gracias")
