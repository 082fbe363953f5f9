"""One open connection to an SMTP server that takes message after message (RFC 5321, 2920)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mail.envelope import Envelope
from mail.errors import BadReply, LineLost, MailError, OverSize, RecipientRefused
from mail.mime import WireBytes, size_of
from mail.reply import Reply
from mail.smtp_features import Features
from mail.smtp_wire import SmtpWire
from mail.steps import UNWATCHED, Step, Watch
from mail.verdict import Stage, Verdict, classify

SMALL = 2_000  # bytes; what an envelope without a message says of it


@dataclass(frozen=True, slots=True)
class EnvelopeReplies:
    """The answers to MAIL, to each RCPT in order, and to DATA; None or missing: never asked.

    If `is_ready`, the server waits for the body: send it, or `abort` the line. If not, the line
    has been cleaned up and takes the next envelope, unless it `is_open` no more.
    """

    mail: Reply
    rcpts: tuple[Reply, ...] = ()
    data: Reply | None = None

    @property
    def is_ready(self) -> bool:
        return self.has_recipient and self.data is not None and self.data.code == 354

    @property
    def has_recipient(self) -> bool:
        return self.mail.is_positive and any(rcpt.is_positive for rcpt in self.rcpts)

    @property
    def refusal(self) -> tuple[Stage, Reply] | None:
        """The first answer that was a refusal; with several recipients it may be just one's."""
        answers = [(Stage.MAIL, self.mail), *((Stage.RCPT, rcpt) for rcpt in self.rcpts)]
        for stage, reply in answers:
            if not reply.is_positive:
                return stage, reply
        if self.data is not None and self.data.code != 354:
            return Stage.DATA, self.data
        return None

    @property
    def verdict(self) -> Verdict | None:
        """The judgement of the refusal, if there was one."""
        return classify(*self.refusal) if self.refusal else None


class SmtpLine:
    """Message after message: `send_envelope`, `envelope_replies`, `send_body`, `final_reply`.

    `dial` makes them. Used by one thread at a time; only `abort` may come from another one. Every
    MailError of a reading or writing method means that the line is closed, except for the two
    that `send_envelope` raises before it has written anything (OverSize, RecipientRefused).
    """

    def __init__(self, wire: SmtpWire, features: Features) -> None:
        self._wire = wire
        self.features = features
        self._waiting: Envelope | None = None  # written, its replies not read yet
        self._replies: EnvelopeReplies | None = None  # read already: a server without PIPELINING

    @property
    def is_open(self) -> bool:
        return self._wire.is_open

    def send_envelope(self, envelope: Envelope, size: int) -> None:
        """Offer a message of `size` bytes; with PIPELINING in a single write.

        Raises OverSize or RecipientRefused, with the line unharmed, if the server's features rule
        the message out; else MailError as above.
        """
        if self._waiting is not None and self.is_open:
            raise RuntimeError("the replies to another envelope have not been read")
        self._refuse_impossible(envelope, size)
        self._wire.renew_budget()
        self._waiting = envelope
        if self.features.has_pipelining:
            self._wire.write(self._commands(envelope, size))
        else:
            self._replies = self._step_by_step(envelope, size)

    def rehearse(self, envelope: Envelope, watch: Watch = UNWATCHED) -> EnvelopeReplies:
        """Offer the envelope and take it back before DATA: whether it would be taken, while nothing leaves.

        Raises MailError as above.
        """
        with watch.step(Step.SENDER, self._wire):
            self._refuse_impossible(envelope, SMALL)
            mail = self._ask(self._mail_command(envelope, SMALL))
            rcpts = tuple(
                self._ask(_rcpt_command(recipient))
                for recipient in (envelope.recipients if mail.is_positive else ())
                if self.is_open
            )
        replies = EnvelopeReplies(mail, rcpts)
        self._clean_up(replies)
        return replies

    def hand_over(
        self, envelope: Envelope, pieces: Sequence[WireBytes], watch: Watch = UNWATCHED
    ) -> Reply:
        """Send one message as a mailing's are sent: the answer to its final dot, or what refused it before."""
        with watch.step(Step.MESSAGE, self._wire):
            self.send_envelope(envelope, size_of(pieces))
            replies = self.envelope_replies()
            if not replies.is_ready:
                return replies.refusal[1] if replies.refusal else replies.mail
            self.send_body(pieces)
            return self.final_reply()

    def envelope_replies(self) -> EnvelopeReplies:
        """What the server says to the envelope; cleans up if it does not want the message."""
        envelope, self._waiting = self._waiting, None
        if envelope is None:
            raise RuntimeError("no envelope was sent")
        if self._replies is not None:
            replies, self._replies = self._replies, None
        else:
            replies = self._pipelined_replies(envelope)
        if replies.refusal is not None and replies.refusal[1].code < 400:
            self._wire.close()
            raise BadReply("The mail server answered one command with the reply to another.")
        if not replies.is_ready:
            self._clean_up(replies)
        return replies

    def send_body(
        self, pieces: Iterable[WireBytes], *, then: Envelope | None = None, then_size: int = 0
    ) -> bool:
        """Write the message and its final dot.

        With `then`, the next envelope travels in the same write. Returns whether it did: not
        without PIPELINING, nor if the features rule it out. Then offer it by `send_envelope`.
        """
        burst = [*pieces, b".\r\n"]
        goes_along = then is not None and self._may_go_along(then, then_size)
        if then is not None and goes_along:
            burst.append(self._commands(then, then_size))
            self._waiting = then
        self._wire.write(b"".join(burst))
        return goes_along

    def final_reply(self) -> Reply:
        """The answer to the final dot. A MailError from here leaves a doubt (RFC 1047)."""
        reply = self._wire.read_reply(is_patient=True)
        if reply.code // 100 == 3:
            self._wire.close()
            raise BadReply("The mail server answered the message with a question.")
        if self._waiting is not None:
            self._wire.renew_budget()
        return reply

    def abort(self) -> None:
        """Cut the connection; a message whose final dot was not sent will not be delivered."""
        self._wire.cut()

    def quit(self) -> None:
        """Say goodbye and close; never raises."""
        if not self._wire.is_open:
            return
        try:
            self._wire.renew_budget()
            self._wire.write(b"QUIT\r\n")
            self._wire.read_reply()
        except MailError:
            pass  # whoever leaves does not mind how the other hangs up
        self._wire.close()

    def _refuse_impossible(self, envelope: Envelope, size: int) -> None:
        limit = self.features.longest_message
        if limit is not None and size > limit:
            raise OverSize(f"The message has {size} bytes; the mail server takes {limit}.")
        if envelope.needs_smtputf8 and not self.features.has_smtputf8:
            raise RecipientRefused(
                "The mail server takes no addresses with accents or foreign letters before the @."
            )

    def _may_go_along(self, envelope: Envelope, size: int) -> bool:
        try:
            self._refuse_impossible(envelope, size)
        except MailError:
            return False
        return self.features.has_pipelining

    def _commands(self, envelope: Envelope, size: int) -> bytes:
        recipients = map(_rcpt_command, envelope.recipients)
        return b"".join([self._mail_command(envelope, size), *recipients, b"DATA\r\n"])

    def _mail_command(self, envelope: Envelope, size: int) -> bytes:
        options = f" SIZE={size}" if self.features.has_size else ""
        if envelope.needs_smtputf8:
            options += " SMTPUTF8" + (" BODY=8BITMIME" if self.features.has_8bitmime else "")
        return f"MAIL FROM:<{envelope.sender}>{options}\r\n".encode()

    def _step_by_step(self, envelope: Envelope, size: int) -> EnvelopeReplies:
        mail = self._ask(self._mail_command(envelope, size))
        if not mail.is_positive:
            return EnvelopeReplies(mail)
        rcpts: list[Reply] = []
        for recipient in envelope.recipients:
            rcpts.append(self._ask(_rcpt_command(recipient)))
            if not self._wire.is_open:
                return EnvelopeReplies(mail, tuple(rcpts))
        if not any(rcpt.is_positive for rcpt in rcpts):
            return EnvelopeReplies(mail, tuple(rcpts))
        return EnvelopeReplies(mail, tuple(rcpts), self._ask(b"DATA\r\n"))

    def _ask(self, command: bytes) -> Reply:
        self._wire.write(command)
        return self._wire.read_reply()

    def _pipelined_replies(self, envelope: Envelope) -> EnvelopeReplies:
        """Read all replies; a server that refuses and hangs up has still been heard."""
        expected = len(envelope.recipients) + 2
        heard: list[Reply] = []
        try:
            while len(heard) < expected:
                heard.append(self._wire.read_reply())
        except LineLost:
            if not heard:
                raise
            partly = EnvelopeReplies(heard[0], tuple(heard[1:]))
            if partly.refusal is None or partly.has_recipient:
                raise
        data = heard[-1] if len(heard) == expected else None
        return EnvelopeReplies(heard[0], tuple(heard[1 : expected - 1]), data)

    def _clean_up(self, replies: EnvelopeReplies) -> None:
        """Bring the server back to where it takes an envelope; the refusal matters more."""
        try:
            if not self._wire.is_open:
                return
            if replies.data is not None and replies.data.code == 354:
                self._ask(b".\r\n")  # it waits for a body without having a recipient (RFC 2920)
            self._ask(b"RSET\r\n")
        except MailError:
            self._wire.close()


def _rcpt_command(recipient: str) -> bytes:
    return f"RCPT TO:<{recipient}>\r\n".encode()
