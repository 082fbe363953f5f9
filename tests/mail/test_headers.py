import email
import email.policy
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.utils import getaddresses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.errors import InvalidAddress, UnsafeHeader
from mail.header_fields import (
    attachment_field,
    content_type_field,
    list_id_field,
    mailboxes_field,
    message_ids_field,
    text_field,
    token_field,
    urls_field,
)
from mail.headers import Mailbox, MessageHeaders

CONTROLS = ["\r\nBcc: eve@example.com", "\n", "\r", "\x0b", "\x0c", "\0", "\t", "\x7f", "\x85"]
CONTROLS += ["\u2028", "\u2029", "\x1c", "\x1d", "\x1e", "\ud800"]

# Everything that a header may hold; the builder refuses the rest.
letters = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])
spanish = st.text('aáñ €¿?=_"(),.<>@:;\\😀 ', max_size=120)
texts = st.one_of(st.text(letters, max_size=300), spanish)


def parsed(field: bytes) -> email.message.EmailMessage:
    return email.message_from_bytes(field + b"\r\n", policy=email.policy.default)


def lines_are_sound(field: bytes) -> bool:
    lines = field.split(b"\r\n")
    return lines.pop() == b"" and all(
        line
        and len(line) <= 998
        and line.isascii()
        and not set(line) & set(b"\r\n\0")
        and (number == 0 or (line.startswith(b" ") and line.strip()))
        for number, line in enumerate(lines)
    )


@given(texts)
def test_the_standard_parser_reads_the_subject_that_was_written(text):
    field = text_field("Subject", text)

    assert lines_are_sound(field)
    assert parsed(field).keys() == ["Subject"]
    assert parsed(field)["Subject"] == text


@given(texts)
def test_lines_with_encoded_words_have_76_characters_at_most(text):
    field = text_field("Subject", "ñ" + text)

    assert max(map(len, field.split(b"\r\n"))) <= 76


@given(st.text("ab ", max_size=400))
def test_plain_subjects_are_folded_at_spaces_only(text):
    field = text_field("Subject", text)

    assert parsed(field)["Subject"] == text
    assert max(map(len, field.split(b"\r\n"))) <= 78 or " " not in text.strip(" ")[:70]


@given(texts)
def test_the_standard_parser_reads_the_name_and_the_address_that_were_written(name):
    field = mailboxes_field("To", [Mailbox("ana@example.com", name), Mailbox("eva@example.com")])

    assert lines_are_sound(field)
    # The newer parser keeps the space between encoded words of a name (it must not).
    addresses = getaddresses([email.message_from_bytes(field)["To"]])
    assert [address for _, address in addresses] == ["ana@example.com", "eva@example.com"]
    assert str(make_header(decode_header(addresses[0][0]))) == " ".join(name.split())
    assert len(parsed(field)["To"].addresses) == 2


@given(
    st.text(letters, min_size=1, max_size=60).filter(lambda n: n.strip() and not set(n) & {*"/\\"})
)
def test_the_standard_parser_reads_the_file_name_that_was_written(name):
    if len(name.encode()) > 200:
        return
    field = attachment_field(name)

    assert lines_are_sound(field)
    assert parsed(field).get_filename() == name.strip()


@given(st.text(max_size=80))
def test_no_text_whatever_begins_a_second_header(text):
    for build in (
        lambda: text_field("Subject", text),
        lambda: mailboxes_field("From", [Mailbox("ana@example.com", text)]),
        lambda: attachment_field(text),
        lambda: message_ids_field("Message-ID", [text]),
        lambda: token_field("X-Ventanilla-Delivery", text),
        lambda: urls_field("List-Unsubscribe", [text]),
        lambda: list_id_field("mailing.example.com", text),
        lambda: content_type_field(text),
    ):
        try:
            field = build()
        except UnsafeHeader:
            continue
        assert len(parsed(field).keys()) == 1
        assert lines_are_sound(field)


@pytest.mark.parametrize("control", CONTROLS)
def test_control_characters_are_refused_everywhere(control):
    text = f"Factura{control}12"
    for build in (
        lambda: text_field("Subject", text),
        lambda: text_field(text, "Factura"),
        lambda: mailboxes_field("From", [Mailbox("ana@example.com", text)]),
        lambda: attachment_field(text),
        lambda: content_type_field(f"application/{text}"),
        lambda: message_ids_field("Message-ID", [f"<{text}@example.com>"]),
        lambda: token_field("Auto-Submitted", text),
        lambda: urls_field("List-Unsubscribe", [f"https://example.com/{text}"]),
        lambda: list_id_field("a.example.com", text),
    ):
        with pytest.raises(UnsafeHeader) as caught:
            build()
        assert caught.value.reason_code == "render_error"
    with pytest.raises(InvalidAddress):
        mailboxes_field("From", [Mailbox(f"ana@exam{control}ple.com")])


def test_comma_in_a_company_name_makes_no_second_mailbox():
    field = mailboxes_field("From", [Mailbox("ventas@example.com", 'Peñalver "Hnos.", S.L.')])
    plain = mailboxes_field("From", [Mailbox("ventas@example.com", 'Foo "Bar", S.L.')])

    assert [a.display_name for a in parsed(field)["From"].addresses] == ['Peñalver "Hnos.", S.L.']
    assert plain == b'From: "Foo \\"Bar\\", S.L." <ventas@example.com>\r\n'


def test_domain_with_accents_is_written_in_ascii():
    assert mailboxes_field("To", [Mailbox("compras@ñandú.example")]) == (
        b"To: compras@xn--and-6ma2c.example\r\n"
    )


def test_all_fields_of_a_message_stand_in_its_header():
    headers = MessageHeaders(
        sender=Mailbox("ventas@example.com", "Peñalver, S.L."),
        to=(Mailbox("ana@example.com", "Ana Muñoz"),),
        cc=(Mailbox("eva@example.com"),),
        reply_to=Mailbox("respuestas@example.com"),
        subject="Facturas de enero – año 2026 €",
        message_id="<d.1@example.com>",
        date=datetime(2026, 1, 31, 9, 5, tzinfo=UTC),
        in_reply_to="<q.1@example.org>",
        references=("<q.0@example.org>", "<q.1@example.org>"),
        delivery_id="0192-abc",
        auto_submitted="auto-generated",
        list_id="enero.example.com",
        list_name="Envíos de enero",
        unsubscribe_urls=("https://example.com/baja/1",),
        unsubscribes_by_post=True,
    )

    message = parsed(headers.as_bytes())

    assert message["Subject"] == "Facturas de enero – año 2026 €"
    assert str(message["From"]) == '"Peñalver, S.L." <ventas@example.com>'
    assert message["Date"].datetime == datetime(2026, 1, 31, 9, 5, tzinfo=UTC)
    assert message["Message-ID"] == "<d.1@example.com>"
    assert message["References"] == "<q.0@example.org> <q.1@example.org>"
    assert message["In-Reply-To"] == "<q.1@example.org>"
    assert message["X-Ventanilla-Delivery"] == "0192-abc"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Id"] == "Envíos de enero <enero.example.com>"
    assert message["List-Unsubscribe"] == "<https://example.com/baja/1>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Bcc"] is None
