"""What an answer repeats of the message before (S3-08)."""

from datetime import UTC, datetime

from models.mailbox.mail_draft import DraftKind
from services.mailbox.quoted_original import quoted_original
from tests.factories.mailbox import make_folder, make_mailbox, receive


def test_the_moment_is_told_in_the_time_of_the_organization(organization):
    """Also where nobody in person makes the message: a job has no time zone of its own."""
    organization.timezone = "America/Bogota"
    late = datetime(2026, 11, 27, 3, 5, tzinfo=UTC)
    message = receive(
        make_folder(make_mailbox()), sender="Ana <ana@x.example>", sent_at=late
    ).message

    answer = quoted_original(message, DraftKind.REPLY, "es")
    forward = quoted_original(message, DraftKind.FORWARD, "en")

    assert answer.text.startswith("El 26 de noviembre de 2026, 22:05, Ana escribió:")
    assert "Date: November 26, 2026, 10:05" in forward.text
