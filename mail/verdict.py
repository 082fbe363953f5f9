"""What an SMTP server's answer means for the message and for its account."""

import re
from dataclasses import dataclass
from enum import StrEnum

from mail.reply import Reply


class Stage(StrEnum):
    """Where in the conversation the server said it."""

    CONNECT = "connect"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    BODY = "body"  # the answer to the final dot


class Outcome(StrEnum):
    """What the sender does with it."""

    SENT = "sent"
    FAILED = "failed"  # this recipient, for good
    RETRY = "retry"  # this recipient, later
    PAUSE_ACCOUNT = "pause_account"  # nobody, until a person or time has cured it


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome and why; `reason_code` is None only for what was sent."""

    outcome: Outcome
    reason_code: str | None


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table below; what is left empty fits everything."""

    outcome: Outcome
    reason_code: str
    stages: frozenset[Stage] = frozenset(Stage)
    codes: str = ""  # beginning of the three digits: "5", "421"; several with |
    enhanced: str = ""  # beginning of the RFC 3463 code: "4.7.", "5.2.2"; several with |
    text: str = ""  # regular expression, in any case

    def fits(self, stage: Stage, reply: Reply) -> bool:
        if stage not in self.stages or not str(reply.code).startswith(tuple(self.codes.split("|"))):
            return False
        if self.enhanced and not (reply.enhanced or "").startswith(tuple(self.enhanced.split("|"))):
            return False
        return not self.text or re.search(self.text, reply.text, re.IGNORECASE) is not None


SENT, FAILED = Outcome.SENT, Outcome.FAILED
RETRY, PAUSE = Outcome.RETRY, Outcome.PAUSE_ACCOUNT
GREETING = frozenset({Stage.CONNECT, Stage.EHLO})
STARTTLS, AUTH, MAIL, RCPT = (
    frozenset({stage}) for stage in (Stage.STARTTLS, Stage.AUTH, Stage.MAIL, Stage.RCPT)
)
CONTENT = frozenset({Stage.DATA, Stage.BODY})
MAIL_OR_CONTENT = MAIL | CONTENT

# The first rule that fits decides (RFC 5321 4.2, RFC 3463; wordings of Gmail, Exchange, Postfix).
RULES = (
    # Greylisting asks one recipient's sender to come back; many say 4.7.1 with it.
    Rule(RETRY, "throttled", stages=RCPT | CONTENT, codes="45", text=r"gr[ae]y-?\s?list"),
    Rule(PAUSE, "tls_failed", codes="4|5", text=r"must issue a starttls|starttls (is )?required"),
    Rule(PAUSE, "tls_failed", stages=STARTTLS, codes="4|5"),
    Rule(PAUSE, "auth_failed", codes="530|534|535|538"),
    Rule(PAUSE, "auth_failed", stages=AUTH, codes="5"),
    Rule(RETRY, "connect_failed", codes="421|451", enhanced="4.4.2"),  # an idle line was closed
    Rule(RETRY, "connect_failed", codes="421", text=r"time[d -]?\s?out|\bidle\b"),
    Rule(PAUSE, "throttled", codes="421|432"),
    Rule(PAUSE, "throttled", enhanced="4.7.|4.3.2"),
    Rule(PAUSE, "throttled", codes="4|5", enhanced="4.4.5|5.4.5"),  # Gmail's daily limit
    Rule(PAUSE, "throttled", stages=AUTH, codes="4"),
    Rule(PAUSE, "throttled", stages=GREETING, codes="4"),
    Rule(PAUSE, "connect_failed", stages=GREETING, codes="5"),
    Rule(PAUSE, "from_not_allowed", codes="5", enhanced="5.7.60|5.1.8|5.1.7"),
    Rule(PAUSE, "from_not_allowed", codes="5", text=r"send ?as ?denied|sender address rejected"),
    # Nobody has signed in, or may not send to other domains: true of every recipient to come.
    Rule(
        PAUSE,
        "auth_failed",
        codes="5",
        text=r"relay(ing)?( access)? (is )?(denied|not (permitted|allowed))|unable to relay",
    ),
    Rule(FAILED, "quota", codes="5", enhanced="5.2.2"),
    Rule(FAILED, "over_size", codes="5", enhanced="5.2.3|5.3.4"),
    Rule(FAILED, "recipient_rejected", codes="5", enhanced="5.6.7"),  # no SMTPUTF8 further on
    Rule(FAILED, "quota", stages=RCPT, codes="552"),
    Rule(FAILED, "over_size", stages=MAIL_OR_CONTENT, codes="552"),
    Rule(PAUSE, "auth_failed", stages=MAIL, codes="5", text=r"\bauth"),
    Rule(PAUSE, "from_not_allowed", stages=MAIL, codes="5"),
    Rule(FAILED, "recipient_rejected", stages=RCPT, codes="5"),
    Rule(FAILED, "recipient_rejected", stages=CONTENT, codes="5", enhanced="5.1."),
    Rule(FAILED, "content_rejected", stages=CONTENT, codes="5"),
    Rule(RETRY, "quota", codes="4", enhanced="4.2.2"),
    Rule(RETRY, "throttled", codes="4"),
)


def classify(stage: Stage, reply: Reply) -> Verdict:
    """What to do after `reply`: a refusal at any stage, or the answer to the final dot.

    Raises ValueError for an answer that decides nothing yet (a 250 to MAIL, a 354 to DATA).
    """
    if stage is Stage.BODY and reply.is_positive:
        return Verdict(SENT, None)
    for rule in RULES:
        if rule.fits(stage, reply):
            return Verdict(rule.outcome, rule.reason_code)
    raise ValueError(f"{reply.code} at {stage} is no refusal")
