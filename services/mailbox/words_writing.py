"""What is searched is written behind the messages, on a connection of its own: indexing takes longer than all the rest."""

import logging
import queue
import threading
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from flask import Flask, current_app
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from errors import AppError
from mail.parsing import parse_message
from models.base import db
from models.mailbox.message import Message
from models.mailbox.message_text import MessageText
from models.tenancy import Actor, acting_in
from services.mailbox.message_bytes import raw_of
from services.mailbox.words import Words, write_words

logger = logging.getLogger(__name__)
PIECE = 500  # messages, in one statement: what is left at the end is shared out by pieces
WAITING = 4  # pieces
FEW = 30  # messages: not worth a thread
REPAIRED_AT_ONCE = 200


class WordsWriter:
    """Takes words of messages that are committed; all are written when `with` ends, or found by `repair_words` later."""

    def __init__(self, organization_id: int) -> None:
        self._organization_id = organization_id
        # The application itself, since the thread has no context.
        self._app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        self._waiting: queue.Queue[Sequence[Words] | None] = queue.Queue(WAITING)
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._thread is None:
            return
        try:
            if problem is None:
                self._help()
        finally:
            self._waiting.put(None)
            self._thread.join()

    def add(self, words: Sequence[Words]) -> None:
        """After the commit of their messages."""
        if not words:
            return
        if self._thread is None and len(words) <= FEW:
            write_words(self._organization_id, words)
            db.session.commit()
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._write, name="words", daemon=True)
            self._thread.start()
        for start in range(0, len(words), PIECE):
            self._waiting.put(words[start : start + PIECE])

    def _help(self) -> None:
        """Nobody has anything else to do any more: write from here what the thread has not begun."""
        with suppress(queue.Empty):
            while (words := self._waiting.get_nowait()) is not None:
                self._write_piece(words)

    def _write(self) -> None:
        with self._app.app_context(), acting_in(self._organization_id, actor=Actor(source="job")):
            while (words := self._waiting.get()) is not None:
                self._write_piece(words)
            db.session.remove()

    def _write_piece(self, words: Sequence[Words]) -> None:
        try:
            write_words(self._organization_id, words)
            db.session.commit()
        except DBAPIError:
            logger.exception("words of %s messages were not written", len(words))
            db.session.rollback()


def repair_words(*, most: int = REPAIRED_AT_ONCE) -> int:
    """Write the words of messages of this organization that have none: their writer has died. Commits."""
    lacking = db.session.scalars(
        select(Message)
        .outerjoin(MessageText, MessageText.message_id == Message.id)
        .where(MessageText.message_id.is_(None), Message.pack_id.is_not(None))
        .order_by(Message.id.desc())
        .limit(most)
    ).all()
    words = []
    for message in lacking:
        try:
            raw = raw_of(message)
        except AppError as problem:
            logger.warning(
                "message %s is found by its subject only: %s", message.id, problem.message
            )
            raw = b"Subject: " + message.subject.encode() + b"\r\n\r\n"
        words.append(Words(message.id, parse_message(raw)))
    if words:
        write_words(lacking[0].organization_id, words)
        db.session.commit()
    return len(words)


def tidy_index() -> None:
    """Sort into the index what a first run has left beside it: every search would have to look through that."""
    db.session.execute(text("SELECT tidy_mail_words()"))
    db.session.commit()
