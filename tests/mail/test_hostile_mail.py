"""F16: whatever the bytes are, each reader comes to an end soon, and what it says can be kept."""

import time

import pytest

from mail.bounces import Bounce, read_bounce
from mail.delivery_marks import marks_in_ids
from mail.parsing import parse_message, part_of
from mail.subjects import bare_subject
from mail.written_words import written_words
from tests.mail.hostile_mail import HOSTILE, WANTED
from tests.mail.test_parsing import storable

MOST_SECONDS = 20  # what the limited child has


def test_there_are_some_three_hundred() -> None:
    assert len(HOSTILE) >= WANTED


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_read_in_time_and_can_be_kept(name: str) -> None:
    raw = HOSTILE[name]()
    began = time.process_time()

    message = parse_message(raw)
    for file in message.attachments[:3]:
        part_of(raw, file.part)
    words = written_words(message)
    bare_subject(message.subject)
    marks_in_ids(message.references)
    bounce = read_bounce(raw)

    assert storable(message)
    assert "\x00" not in words
    assert Bounce.from_json(bounce.to_json()) == bounce
    assert all("\x00" not in each.diagnostic for each in bounce.failures)
    assert time.process_time() - began < MOST_SECONDS
