"""The demo's mail server: what is sent arrives, can be looked at, and runs nothing."""

import imaplib
import smtplib
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.servers.demo_mail_server import DemoMailServer


@pytest.fixture
def mail_server(tmp_path: Path) -> Iterator[tuple[int, int]]:
    with DemoMailServer(tmp_path) as server:
        yield server.smtp_port, server.web_port


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


def test_what_is_sent_to_a_mailbox_lies_in_it_and_stays_there(tmp_path: Path) -> None:
    """What a customer answers is found in the area, also after the server was started again."""
    with DemoMailServer(tmp_path) as server:
        smtp, imap = server.smtp_port, server.port
        with imaplib.IMAP4("127.0.0.1", imap) as client:
            client.login("b@example.com", "clave")
        with smtplib.SMTP("127.0.0.1", smtp) as client:
            client.send_message(a_letter(), to_addrs=["B+fv1@example.com", "nobody@example.com"])

    with DemoMailServer(tmp_path) as server:
        with imaplib.IMAP4("127.0.0.1", server.port) as client:
            client.login("b@example.com", "clave")
            client.select()
            found = client.fetch("1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        with imaplib.IMAP4("127.0.0.1", server.port) as client:
            client.login("nobody@example.com", "clave")
            assert client.select() == ("OK", [b"0"])

    assert found[0] == "OK"
    assert found[1][0][1].startswith(b"Subject: Factura FV-1")


def test_whoever_got_a_message_answers_it_on_its_page(tmp_path: Path) -> None:
    """The other half of a conversation: a customer of the demo answers, and we find it in the area."""
    letter = a_letter()
    letter["Message-ID"] = "<1@example.com>"
    with DemoMailServer(tmp_path) as server:
        smtp, web, imap = server.smtp_port, server.web_port, server.port
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
