"""What can go wrong with e-mail: the reason code, what the sender does, and a sentence."""

from typing import ClassVar

from errors import AppError
from mail.reply import Reply
from mail.verdict import Outcome, Verdict


class MailError(AppError):
    """An e-mail could not be made or could not leave; `reply` is the answer that said so, if one did."""

    status = 502
    reason_code: str = "connect_failed"
    outcome: ClassVar[Outcome] = Outcome.RETRY
    reply: Reply | None = None

    @property
    def verdict(self) -> Verdict:
        """The same shape that an answer of the server is judged in."""
        return Verdict(self.outcome, self.reason_code)


class ServerUnreachable(MailError):
    """Nobody answered, or not as a mail server does: worth another try."""


class NotAllowed(MailError):
    """A server that is not called from here: always the same words, whatever is behind the name."""

    outcome = Outcome.PAUSE_ACCOUNT

    def __init__(self) -> None:
        super().__init__("This server and port may not be called from here.")


class LineLost(ServerUnreachable):
    """The connection ended in mid-conversation; after the final dot this leaves a doubt.

    `said` is the beginning of what had come until then, and was no reply.
    """

    said: str = ""


class TooSlow(LineLost):
    """The server used up the time that one message may take."""


class BadReply(LineLost):
    """The server said something that is no reply; the line cannot be trusted any more."""


class Throttled(MailError):
    """The server asks us to come back later."""

    reason_code = "throttled"
    outcome = Outcome.PAUSE_ACCOUNT


class ServerRefused(MailError):
    """The server does not want to talk to us at all."""

    outcome = Outcome.PAUSE_ACCOUNT


class TlsFailed(MailError):
    """There is no encrypted line to this server, so no password and no message goes over it."""

    reason_code = "tls_failed"
    outcome = Outcome.PAUSE_ACCOUNT


class NoEncryption(TlsFailed):
    """The server, or the account, leaves the line open where it must not be."""


class CertificateRefused(TlsFailed):
    """The server did not prove that it is who we want to talk to."""


class SignInRefused(MailError):
    """Login or password are wrong, or may not be used: never tried again by itself."""

    reason_code = "auth_failed"
    outcome = Outcome.PAUSE_ACCOUNT


class ConsentLost(SignInRefused):
    """The provider gives no access token any more: whoever owns the account has to agree again."""

    reason_code = "consent_lost"


class NoWayToSignIn(SignInRefused):
    """The server does not take what we could sign in with; nothing secret was sent."""


class NoInbox(MailError):
    """Signed in, but without a mailbox that can be read."""


class CommandRefused(MailError):
    """The server of a mailbox says no to something; what it was, the sentence says."""


class FolderMissing(CommandRefused):
    """There is no such folder, or it cannot be opened."""


class RecipientRefused(MailError):
    """The server will never take this address: do not try again."""

    reason_code = "recipient_rejected"
    outcome = Outcome.FAILED


class ContentRefused(MailError):
    """The server will never take this message: do not try again."""

    reason_code = "content_rejected"
    outcome = Outcome.FAILED


class OverSize(ContentRefused):
    """The message is bigger than the server takes."""

    reason_code = "over_size"


class InvalidAddress(MailError):
    """This is no e-mail address."""

    status = 422
    reason_code = "invalid_address"
    outcome = Outcome.FAILED


class RenderError(MailError):
    """A text or a message cannot be made from what was given."""

    status = 422
    reason_code = "render_error"
    outcome = Outcome.FAILED


class UnsafeHeader(RenderError):
    """A header value holds what could start another header, or cannot be written at all."""


class UnknownFieldError(RenderError):
    """A text asks for a field, `name`, that it was not given."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no field “{name}”.")
        self.name = name


class MalformedField(RenderError):
    """A text has braces that enclose no field."""


class TextTooLong(RenderError):
    """A text is longer than an e-mail can sensibly be: than `most` characters."""

    def __init__(self, message: str, *, most: int) -> None:
        super().__init__(message)
        self.most = most


class TooManyElements(TextTooLong):
    """A text has more than `most` elements."""


class NestedTooDeeply(RenderError):
    """The elements of a text stand too deep inside one another."""


class UnreadableStyles(RenderError):
    """The style sheet of a text cannot be read."""
