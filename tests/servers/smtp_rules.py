"""What the recording SMTP server can do, where it fails, and what it remembers."""

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Self

# The points at which a rule can strike, in the order of a conversation:
# connect, banner, ehlo, starttls, tls, auth, mail, rcpt, data (the verb), body_half (in the middle
# of the message), dot (complete, not recorded), recorded (recorded, not answered yet), replied.
POINTS = (
    *("connect", "banner", "ehlo", "starttls", "tls", "auth", "mail", "rcpt", "data"),
    *("body_half", "dot", "recorded", "replied", "rset", "quit"),
)


@dataclass(kw_only=True)
class Rule:
    """What to do at `point` in place of the right thing.

    `action`: "reply" (say `reply`, which may have several lines or be garbage; "\\r\\n" is added),
    "drop" (hang up), "reset" (hang up with RST), "hang" (say nothing for `seconds`, then hang up),
    "drip" (say `reply` or the right thing with `seconds` between bytes), "delay" (wait `seconds`,
    then do the right thing). It strikes when all given conditions hold: `recipient` is part of the
    address, this is the point's `nth` time (from 1) or each `every`-th time, and it has struck
    less than `times` times. Counting is over the whole life of the server.
    """

    point: str
    action: str = "reply"
    reply: str = ""
    recipient: str | None = None
    nth: int | None = None
    every: int | None = None
    times: int | None = None
    seconds: float = 60
    seen: int = 0
    struck: int = 0

    def __post_init__(self) -> None:
        assert self.point in POINTS, self.point

    def strikes(self, recipients: list[str]) -> bool:
        if self.recipient is not None and not any(self.recipient in each for each in recipients):
            return False
        self.seen += 1
        fits = (
            (self.nth is None or self.seen == self.nth)
            and (self.every is None or self.seen % self.every == 0)
            and (self.times is None or self.struck < self.times)
        )
        self.struck += fits
        return fits


@dataclass(kw_only=True)
class ServerOptions:
    """What the server can do and how it fails; `certificate` is a PEM file with key."""

    has_pipelining: bool = True
    has_starttls: bool = False  # needs a certificate
    has_implicit_tls: bool = False  # needs a certificate
    has_size: bool = True
    has_8bitmime: bool = True
    has_smtputf8: bool = True
    longest_message: int = 0  # bytes; 0 names no limit
    certificate: str | None = None
    login: str | None = None
    password: str | None = None
    sign_in_methods: str = "PLAIN LOGIN"
    tokens: dict[str, str] = field(
        default_factory=dict
    )  # access token -> whose; "*" is everybody's
    reply_delay_seconds: float = 0
    rules: list[Rule] = field(default_factory=list)
    keep_messages_in: str | None = None  # a folder for the raw messages

    @classmethod
    def from_json(cls, text: str) -> Self:
        fields = json.loads(text)
        return cls(**{**fields, "rules": [Rule(**rule) for rule in fields.get("rules", [])]})

    def as_json(self) -> str:
        return json.dumps(dataclasses.asdict(self))


@dataclass
class Accepted:
    """One message that got, or was about to get, its 250."""

    message_id: str
    delivery_id: str
    sender: str
    recipients: list[str]
    size: int
    at: float
    login: str | None
    is_encrypted: bool
    raw: bytes = b""  # only in the list of the thread, not in the record file

    def as_json(self) -> str:
        return json.dumps({k: v for k, v in dataclasses.asdict(self).items() if k != "raw"})
