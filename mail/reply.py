"""One answer of an SMTP server (RFC 5321, section 4.2)."""

import re
from dataclasses import dataclass

ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?=\s|$)")
# How the servers in use name the message in their queue; it helps their postmaster to find it.
QUEUE_IDS = (
    re.compile(r"queued as ([\w.+/=-]{4,80})", re.IGNORECASE),  # Postfix
    re.compile(r"\bid=([\w.-]{4,80})"),  # Exim
    re.compile(r"\[InternalId=(\d{1,40})"),  # Exchange
    re.compile(r"\b(\S{4,80}) Message accepted for delivery", re.IGNORECASE),  # Sendmail
    re.compile(r"\bOK\s+(\d+ \S{4,80}) - gsmtp", re.IGNORECASE),  # Gmail
    re.compile(r"^Ok:? ([0-9a-fA-F-]{16,100})$", re.IGNORECASE),  # Amazon SES
)


@dataclass(frozen=True, slots=True)
class Reply:
    """`code` has three digits; `text` is without codes, its lines separated by a line feed."""

    code: int
    text: str = ""

    @property
    def is_positive(self) -> bool:
        return 200 <= self.code < 300

    @property
    def enhanced(self) -> str | None:
        """The RFC 3463 code, if the server gave one of the same class: "5.7.1"."""
        match = ENHANCED.match(self.text)
        return match[0] if match and int(match[1]) == self.code // 100 else None

    @property
    def queue_id(self) -> str | None:
        """The server's own name for the message it has taken, if it told."""
        if not self.is_positive:
            return None
        text = self.text.removeprefix(self.enhanced or "").strip()
        return next((match[1] for form in QUEUE_IDS if (match := form.search(text))), None)

    def as_lines(self) -> str:
        """As the server wrote it: the code before each line."""
        lines = self.text.split("\n")
        marks = ["-"] * (len(lines) - 1) + [" "]
        return "\n".join(
            f"{self.code}{mark}{line}".rstrip() for mark, line in zip(marks, lines, strict=True)
        )

    def __str__(self) -> str:
        return f"{self.code} {self.text}".strip()
