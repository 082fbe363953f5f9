"""What can be done about a step that went wrong: a code for which the screen has the words."""

import re
from dataclasses import dataclass
from enum import StrEnum

from mail.errors import (
    BadReply,
    CertificateRefused,
    ConsentLost,
    LineLost,
    MailError,
    NoEncryption,
    NoInbox,
    NotAllowed,
    NoWayToSignIn,
    OverSize,
    RecipientRefused,
    ServerRefused,
    SignInRefused,
    Throttled,
    TlsFailed,
    TooSlow,
)
from mail.reply import Reply
from mail.steps import Step
from mail.verdict import Stage, classify


class Advice(StrEnum):
    """The causes that are told apart."""

    NOT_ALLOWED = "not_allowed"
    NO_SUCH_NAME = "no_such_name"
    NAME_TOO_SLOW = "name_too_slow"
    PORT_CLOSED = "port_closed"
    NO_ANSWER = "no_answer"
    UNREACHABLE = "unreachable"
    WANTS_TLS = "wants_tls"
    WANTS_STARTTLS = "wants_starttls"
    NO_STARTTLS = "no_starttls"
    OPEN_LINE = "open_line"
    OTHER_PROTOCOL = "other_protocol"
    GARBAGE = "garbage"
    SILENT = "silent"
    TOO_SLOW = "too_slow"
    HUNG_UP = "hung_up"
    TLS_FAILED = "tls_failed"
    SELF_SIGNED = "self_signed"
    UNKNOWN_AUTHORITY = "unknown_authority"
    OTHER_NAME = "other_name"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    CERTIFICATE = "certificate"
    EXPIRES_SOON = "expires_soon"
    REFUSED = "refused"
    LATER = "later"
    GREYLISTED = "greylisted"
    PASSWORD = "password"
    APP_PASSWORD = "app_password"
    MODERN_SIGN_IN = "modern_sign_in"
    NO_WAY_TO_SIGN_IN = "no_way_to_sign_in"
    CONSENT_LOST = "consent_lost"
    NEEDS_SIGN_IN = "needs_sign_in"
    SENDER_REFUSED = "sender_refused"
    OWN_ADDRESS = "own_address"
    NO_SMTPUTF8 = "no_smtputf8"
    SMALL_LIMIT = "small_limit"
    TOO_BIG = "too_big"
    MAILBOX_FULL = "mailbox_full"
    MESSAGE_REFUSED = "message_refused"
    NO_INBOX = "no_inbox"
    IMPOSSIBLE = "impossible"
    INTERRUPTED = "interrupted"
    INTERNAL = "internal"


# What OpenSSL says of a certificate (X509_V_ERR_*).
OF_CERTIFICATE = {
    9: Advice.NOT_YET_VALID,
    10: Advice.EXPIRED,
    18: Advice.SELF_SIGNED,
    19: Advice.SELF_SIGNED,
    20: Advice.UNKNOWN_AUTHORITY,
    21: Advice.UNKNOWN_AUTHORITY,
    62: Advice.OTHER_NAME,
    64: Advice.OTHER_NAME,
}
OF_REASON = {
    "from_not_allowed": Advice.SENDER_REFUSED,
    "auth_failed": Advice.NEEDS_SIGN_IN,
    "tls_failed": Advice.NO_STARTTLS,
    "over_size": Advice.TOO_BIG,
    "quota": Advice.MAILBOX_FULL,
    "content_rejected": Advice.MESSAGE_REFUSED,
    "recipient_rejected": Advice.OWN_ADDRESS,
    "throttled": Advice.LATER,
    "connect_failed": Advice.REFUSED,
}
GREYLIST = re.compile(r"gr[ae]y-?\s?list", re.IGNORECASE)
# Other protocols by how their servers begin to speak.
PROTOCOLS = (
    (re.compile(r"HTTP/|<(!doctype|html)", re.IGNORECASE), "HTTP"),
    (re.compile(r"SSH-"), "SSH"),
    (re.compile(r"\* (OK|PREAUTH|BYE)"), "IMAP"),
    (re.compile(r"\+OK"), "POP3"),
    (re.compile(r"220[ -].*\bFTP", re.IGNORECASE), "FTP"),
    (re.compile(r"[2-5][0-9][0-9][ -]"), "SMTP"),
)


@dataclass(frozen=True)
class SignInRule:
    """A refusal to sign in that means more than a wrong password; what is left empty fits everything."""

    advice: Advice
    text: str = ""
    host: str = ""

    def fits(self, host: str, answer: str) -> bool:
        return bool(
            re.search(self.text, answer, re.IGNORECASE)
            and re.search(self.host, host, re.IGNORECASE)
        )


# As Google, Microsoft, Yahoo and Apple answer; the first rule that fits decides.
SIGN_IN_RULES = (
    SignInRule(
        Advice.MODERN_SIGN_IN,
        text=r"(clientauthentication|basic ?auth\w*) is disabled|disabled for the (tenant|mailbox)",
    ),
    SignInRule(Advice.APP_PASSWORD, text=r"app(lication)?[ -](specific )?password"),
    SignInRule(Advice.APP_PASSWORD, text=r"InvalidSecondFactor|WebLoginRequired|BadCredentials"),
    SignInRule(Advice.APP_PASSWORD, host=r"(^|\.)(gmail|googlemail|yahoo|aol|me|icloud)\.\w+$"),
    SignInRule(Advice.APP_PASSWORD, host=r"\.(office365|outlook)\.com$", text=r"5\.7\.(3|139)"),
    SignInRule(Advice.MODERN_SIGN_IN, host=r"\.(office365|outlook)\.com$"),
)


def advice_for(step: Step, problem: MailError, host: str, answer: str) -> Advice:
    """The cause of a step's failure, as far as the error and the server's answer tell it."""
    match problem:
        case NotAllowed():
            return Advice.NOT_ALLOWED
        case CertificateRefused():
            code = getattr(problem.__cause__, "verify_code", 0)
            return OF_CERTIFICATE.get(code, Advice.CERTIFICATE)
        case NoWayToSignIn():
            return Advice.NO_WAY_TO_SIGN_IN
        case NoEncryption():
            return Advice.OPEN_LINE if step is Step.SIGN_IN else Advice.NO_STARTTLS
        case ConsentLost():
            return Advice.CONSENT_LOST
        case SignInRefused():
            return _of_sign_in(host, answer)
        case OverSize():
            return Advice.TOO_BIG
        case RecipientRefused():
            return Advice.NO_SMTPUTF8
        case NoInbox():
            return Advice.NO_INBOX
        case Throttled():
            return Advice.LATER
        case ServerRefused():
            return Advice.REFUSED
    return _of_line(step, problem)


def advice_for_reply(stage: Stage, reply: Reply) -> Advice:
    """The cause of a refusal of the envelope or of the message."""
    if GREYLIST.search(reply.text) and reply.code // 100 == 4:
        return Advice.GREYLISTED
    return OF_REASON[classify(stage, reply).reason_code or "connect_failed"]


def protocol_of(line: str) -> str | None:
    """Which protocol a server speaks, by its first line."""
    return next((name for form, name in PROTOCOLS if form.match(line)), None)


def _of_sign_in(host: str, answer: str) -> Advice:
    return next((rule.advice for rule in SIGN_IN_RULES if rule.fits(host, answer)), Advice.PASSWORD)


def _of_line(step: Step, problem: MailError) -> Advice:
    """Nobody spoke, or not in a way that we understand."""
    if step is Step.NAME:
        return Advice.NAME_TOO_SLOW if isinstance(problem, TooSlow) else Advice.NO_SUCH_NAME
    if step is Step.TCP:
        if isinstance(problem, TooSlow):
            return Advice.NO_ANSWER
        if isinstance(problem, LineLost):
            return Advice.HUNG_UP
        is_closed = isinstance(problem.__cause__, ConnectionRefusedError)
        return Advice.PORT_CLOSED if is_closed else Advice.UNREACHABLE
    if isinstance(problem, BadReply):
        return Advice.OTHER_PROTOCOL if protocol_of(problem.said) else Advice.GARBAGE
    if isinstance(problem, TooSlow):
        return Advice.TOO_SLOW
    if isinstance(problem, TlsFailed):
        return Advice.TLS_FAILED
    return Advice.HUNG_UP if isinstance(problem, LineLost) else Advice.UNREACHABLE
