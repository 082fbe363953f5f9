"""The viewer's server and what is read from what it got."""

import dataclasses

import pytest

from mail.arrival import put_together, read_arrival, taken_apart
from mail.envelope import Envelope
from mail.errors import SignInRefused
from mail.headers import Mailbox, MessageHeaders
from mail.mime import Head, assemble, attachment_part, size_of
from mail.sink import Sink
from mail.smtp import dial


def a_message(text="Hola.\n.\n..\nAdiós", html="<p>Hola</p>"):
    headers = MessageHeaders(
        sender=Mailbox("yo@example.com", "Peñalba"),
        to=(Mailbox("tú@example.com"),),
        subject="Su factura ñ",
        message_id="<d.1@example.com>",
        delivery_id="1",
    )
    parts = [attachment_part(f"{n}.pdf", "application/pdf", b"%PDF " * 99) for n in (1, 2)]
    return assemble(Head.of(headers, text=text, html=html), parts), parts


def test_what_it_gets_is_what_was_sent():
    pieces, parts = a_message()
    envelope = Envelope("yo@example.com", ("a@example.com", "b@example.com"), True)
    with Sink() as sink:
        line = dial(sink.server)
        for _time in range(2):
            line.send_envelope(envelope, size_of(pieces))
            assert line.envelope_replies().is_ready
            line.send_body(pieces)
            assert line.final_reply().code == 250
            handed = sink.take()
        line.quit()

    arrival = read_arrival(handed.raw)
    head, found = taken_apart(handed.raw)
    assert handed.recipients == ("a@example.com", "b@example.com")
    assert not arrival.defects
    assert arrival.read.text.splitlines()[:3] == ["Hola.", ".", ".."]
    assert [file.filename for file in arrival.files] == ["1.pdf", "2.pdf"]
    assert found == parts
    assert put_together(head, found) == handed.raw


def test_nobody_else_can_hand_it_anything():
    with Sink() as sink:
        with pytest.raises(SignInRefused):
            dial(dataclasses.replace(sink.server, password="guessed"))
        server = sink.server
    with pytest.raises(Exception, match="cannot be reached"):
        dial(server)


def test_what_is_not_ours_stays_whole():
    raw = b"Subject: x\r\n\r\nHola\r\n"
    assert taken_apart(raw) == (raw, [])
    assert put_together(raw, []) == raw


def test_complaints_of_the_parser_are_defects():
    raw = b"Content-Type: multipart/mixed\r\nSubject: x\r\n\r\nHola\r\n"
    assert "NoBoundaryInMultipartDefect" in read_arrival(raw).defects
