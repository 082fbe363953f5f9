"""A frozen message read back."""

import pytest

from mail.errors import RenderError
from mail.headers import Mailbox, MessageHeaders
from mail.mime import Head, attachment_part
from mail.reading import file_of_part, read_message, read_part_header

TEXT = "Estimada Sofía:\n\n.con un punto al comienzo\n€ 100\n"
HTML = "<p>Estimada <b>Sofía</b>:</p>\n<p>.con un punto</p>\n"


def head(**fields: object) -> Head:
    headers = {
        "sender": Mailbox("cobros@penalba.test", "Facturación Peñalba"),
        "to": (Mailbox("sofia@lanapa.test", "Sofía Ñáñez"),),
        "subject": "Su factura FV-10482 de Distribuidora Peñalba, la más larga de todo el mes de julio",
        "message_id": "<d.1@penalba.test>",
        **fields,
    }
    return Head.of(MessageHeaders(**headers), text=TEXT, html=HTML)  # type: ignore[arg-type]


def test_what_was_frozen_is_read_back() -> None:
    """S1-14: the exact e-mail."""
    read = read_message(head(cc=(Mailbox("jefe@lanapa.test", "Óscar"),)).wire)

    assert read.sender == "Facturación Peñalba <cobros@penalba.test>"
    assert read.to == "Sofía Ñáñez <sofia@lanapa.test>"
    assert read.cc == "Óscar <jefe@lanapa.test>"
    assert read.reply_to == ""
    assert read.subject.endswith("la más larga de todo el mes de julio")
    assert read.text == TEXT
    assert read.html == HTML


def test_an_address_with_a_letter_of_its_own_language_is_read() -> None:
    assert "ñandú@lanapa.test" in read_message(head(to=(Mailbox("ñandú@lanapa.test"),)).wire).to


def test_a_damaged_message_is_refused() -> None:
    with pytest.raises(RenderError):
        read_message(head().wire[:-2] + b"\n")


@pytest.mark.parametrize("name", ["FV-10482.pdf", "Año 2026, señal «1».pdf"])
def test_an_attachment_says_what_it_is(name: str) -> None:
    content = bytes(range(256)) * 300
    part = attachment_part(name, "application/pdf", content)

    header = read_part_header(part[:4000])

    assert (header.filename, header.media_type) == (name, "application/pdf")
    assert abs(header.file_bytes(len(part)) - len(content)) < 60
    assert file_of_part(part) == content
