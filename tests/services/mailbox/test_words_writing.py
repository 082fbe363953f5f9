"""What is searched is written behind the messages, on a connection of its own."""

import threading
from typing import Any

import pytest
from sqlalchemy import event, func, select

from models.base import db
from models.mailbox.message_text import MessageText
from models.people.organization import Organization
from services.mailbox import words_writing
from services.mailbox.letters import Letter, open_letter
from services.mailbox.taking_in import keep
from services.mailbox.words_writing import WordsWriter
from tests.factories.mailbox import NOON, make_folder, make_mailbox, make_raw


@pytest.mark.parametrize("many", [3, 40])
def test_every_word_is_there_when_the_reading_ends(
    organization: Organization, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    """S3-04: few are written at once, of more the reading itself writes what the other has not begun."""
    monkeypatch.setattr(words_writing, "PIECE", 4)
    letters = [Letter(n, (), NOON, make_raw(subject=f"Uno {n}")) for n in range(1, many + 1)]
    kept = keep(make_folder(make_mailbox()), [open_letter(each) for each in letters])
    db.session.commit()
    writers: set[str] = set()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "INSERT INTO message_text" in statement:
            writers.add(threading.current_thread().name)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        with WordsWriter(organization.id) as writer:
            writer.add(kept.words)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)

    assert db.session.scalar(select(func.count()).select_from(MessageText)) == many
    assert threading.main_thread().name in writers
    assert len(writers) == (1 if many == 3 else 2)
