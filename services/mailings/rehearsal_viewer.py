"""The far end of a rehearsal: a message goes over a real line, and is there as it arrived."""

from types import TracebackType
from typing import Self

from files.store import FileStore
from mail.errors import MailError
from mail.gateway import LocalGateway
from mail.sink import Handed, Sink
from mail.smtp import refusal
from mail.smtp_line import SmtpLine
from mail.verdict import Stage
from services.mailings.feed import Due
from services.mailings.offer import Offer, load


class Viewer:
    """A server that lives in this process, and a line to it; its address is the only one that is ever dialled."""

    def __init__(self) -> None:
        self._sink = Sink()
        self._gateway = LocalGateway()
        self._line: SmtpLine | None = None

    def hand_over(self, due: Due, store: FileStore) -> Handed:
        """Put the message together, send it, and give back what arrived. Raises AppError."""
        offer = load(due, store)
        line = self._line_now()
        try:
            return self._conversation(line, offer)
        except MailError:
            line.abort()
            raise

    def __enter__(self) -> Self:
        self._sink.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._line is not None:
            self._line.quit()
        self._sink.__exit__(kind, problem, trace)

    def _conversation(self, line: SmtpLine, offer: Offer) -> Handed:
        line.send_envelope(offer.envelope, offer.size)
        replies = line.envelope_replies()
        if replies.refusal is not None:
            raise refusal(*replies.refusal)
        line.send_body(offer.pieces)
        reply = line.final_reply()
        if not reply.is_positive:
            raise refusal(Stage.BODY, reply)
        return self._sink.take()

    def _line_now(self) -> SmtpLine:
        if self._line is None or not self._line.is_open:
            self._line = self._gateway.dial(self._sink.server)
        return self._line
