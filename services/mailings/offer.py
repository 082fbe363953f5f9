"""A message that is ready to be offered to the server, and what the ledger hears of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from files.store import FileStore
from mail.envelope import Envelope
from mail.mime import Head, WireBytes, assemble, size_of
from mail.reply import Reply
from mail.smtp_line import EnvelopeReplies
from mail.verdict import Outcome, Stage, Verdict, classify
from models.base import utc_now
from models.mailings.reason import ReasonCode
from services.mailings.feed import Due
from services.mailings.ledger_record import BY_BACK_OFF, CopyReply, Record
from services.mailings.sealed_head import open_head

PHASES = {
    Stage.CONNECT: "connect",
    Stage.EHLO: "connect",
    Stage.STARTTLS: "tls",
    Stage.AUTH: "auth",
    Stage.MAIL: "mail_from",
    Stage.RCPT: "rcpt",
    Stage.DATA: "data",
    Stage.BODY: "data",
}
STATES = {Outcome.SENT: "sent", Outcome.FAILED: "failed"}
TRIES_TOGETHER = 3  # then a message to several goes without whom the server does not take for now


@dataclass
class Offer:
    """A message with all of its bytes; everything that can fail in making it has not.

    `is_offered`: its envelope has travelled with the body before it.
    """

    due: Due
    envelope: Envelope
    pieces: Sequence[WireBytes]
    size: int
    is_offered: bool = False
    began: datetime = field(default_factory=utc_now)

    def refusal(self, replies: EnvelopeReplies) -> tuple[Stage, Reply] | None:
        """Why the message cannot go: the sender, all of its recipients, or the message was refused.

        A copy that is refused keeps nothing from going (RFC 5321, section 3.3), nor does one of several recipients.
        Whoever is refused for now keeps it waiting for a while: it had better go to all of them at once.
        """
        if not replies.mail.is_positive:
            return Stage.MAIL, replies.mail
        recipients = replies.rcpts[: self.due.recipients]
        nobody = not any(reply.is_positive for reply in recipients)
        later = next((reply for reply in recipients if reply.code // 100 == 4), None)
        if later is not None and (nobody or self.due.attempt_count + 1 < TRIES_TOGETHER):
            return Stage.RCPT, later
        if recipients and nobody:
            return Stage.RCPT, recipients[0]
        if replies.data is not None and replies.data.code != 354:
            return Stage.DATA, replies.data
        return None

    def heard(self, replies: EnvelopeReplies) -> list[CopyReply]:
        """The answer to each address of a message to several."""
        if self.due.own is None:
            return []
        return [
            CopyReply(address, reply.code, reply.text[:500])
            for address, reply in zip(self.envelope.recipients, replies.rcpts, strict=False)
        ]


def load(due: Due, store: FileStore) -> Offer:
    """Put the message together from what was frozen.

    Raises NotFound, Unavailable or MailError.
    """
    head = Head.stored(open_head(due.head, due.recipient))
    # The store has compared each part with its hash: it is what `attachment_part` made.
    parts = [WireBytes(store.read(sha256)) for sha256 in due.parts]
    pieces = assemble(head, parts, date=utc_now())
    addresses = due.addresses or (
        due.recipient,
    )  # a rehearsal hands over what would be skipped, too
    envelope = Envelope(due.envelope_from, addresses, head.has_utf8_headers)
    return Offer(due, envelope, pieces, size_of(pieces))


def record_of_reply(
    offer: Offer,
    stage: Stage,
    reply: Reply,
    verdict: Verdict,
    copies: Sequence[CopyReply] = (),
) -> Record:
    """What the server said to the envelope, or after the final dot; and whom it has refused, if it took the message."""
    fenced = stage is Stage.BODY
    state = STATES.get(verdict.outcome, "queued")
    reason, detail = verdict.reason_code, str(reply)
    if state == "sent":
        reason, detail = _missed(offer.due, copies)
    elif stage is Stage.RCPT and copies:
        detail = _missed(offer.due, copies)[1] or detail
    return Record(
        offer.due.delivery_id,
        fenced=fenced,
        state=state,
        reason=reason,
        detail=detail[:500] if detail else None,
        code=reply.code,
        enhanced=reply.enhanced,
        told=reply.text[:500],
        queue_id=reply.queue_id,
        phase="done" if state == "sent" else PHASES[stage],
        began=None if fenced else offer.began,
        at=utc_now(),
        copies=copies,
    )


def _missed(due: Due, copies: Sequence[CopyReply]) -> tuple[str | None, str]:
    """Why one of several recipients did not get what the others got; the first one stands for all."""
    for address, code, told in copies[: due.recipients]:
        said = Reply(code, told)
        if not said.is_positive:
            verdict = classify(Stage.RCPT, said)
            # What would be about the whole account is about this address, since another one was taken.
            is_about_all = verdict.outcome is Outcome.PAUSE_ACCOUNT and code >= 500
            reason = ReasonCode.RECIPIENT_REJECTED if is_about_all else verdict.reason_code
            return reason, f"{address}: {said}"
    return (ReasonCode.SUPPRESSED, due.held[0]) if due.held else (None, "")


def record_without_reply(
    due: Due,
    *,
    state: str,
    reason: str | ReasonCode,
    detail: str,
    phase: str | None = None,
    fenced: bool = False,
    wait: float = BY_BACK_OFF,
) -> Record:
    """The server did not get to say anything, or was not asked."""
    return Record(
        due.delivery_id,
        fenced=fenced,
        state=state,
        reason=str(reason),
        detail=detail[:500],
        code=None,
        enhanced=None,
        told=None,
        queue_id=None,
        phase=phase,
        began=None,
        at=utc_now(),
        wait=wait,
    )
