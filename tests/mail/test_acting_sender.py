"""Who sent a message for its author is told apart from the author."""

import pytest

from mail.acting_sender import ActingSender, acting_sender
from mail.parsing import parse_message
from tests.factories.mailbox import make_raw


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("Lucía Ñ <lucia@asistente.test>", ActingSender("Lucía Ñ", "lucia@asistente.test")),
        ('"Ñ, Lucía" <lucia@asistente.test>', ActingSender("Ñ, Lucía", "lucia@asistente.test")),
        ("lucia@asistente.test", ActingSender("", "lucia@asistente.test")),
        (
            "Ana <ana@cliente.test> <lucia@asistente.test>",
            ActingSender("Ana <ana@cliente.test>", "lucia@asistente.test"),
        ),
        ("Ana Ruiz <ANA@cliente.test>", None),
        ("ana@cliente.test", None),
        ("nobody", None),
        ("<>", None),
        ("", None),
    ],
)
def test_only_another_one_counts(field: str, expected: ActingSender | None) -> None:
    assert acting_sender(field, "ana@cliente.test") == expected


def test_it_is_read_decoded() -> None:
    head = b"Sender: =?utf-8?q?Luc=C3=ADa?= <lucia@asistente.test>\r\n"

    read = parse_message(head + make_raw(sender="Ana <ana@cliente.test>"))

    assert read.sender.address == "ana@cliente.test"
    assert read.sent_by == ActingSender("Lucía", "lucia@asistente.test")
