"""What an SMTP server can do, by its own word (RFC 5321, section 4.1.1.1)."""

import re
from dataclasses import dataclass
from typing import Self

from mail.reply import Reply


@dataclass(frozen=True, slots=True)
class Features:
    """What the server said it can do; `longest_message` in bytes, None when it names no limit."""

    has_pipelining: bool = False
    has_8bitmime: bool = False
    has_smtputf8: bool = False
    has_starttls: bool = False
    has_size: bool = False
    longest_message: int | None = None
    sign_in_methods: frozenset[str] = frozenset()

    @classmethod
    def from_ehlo(cls, reply: Reply) -> Self:
        """Read the lines after the greeting; a feature we do not know is passed over."""
        words = [line.upper().split() for line in reply.text.split("\n")[1:]]
        named = {first: rest for first, *rest in filter(None, words)}
        # "AUTH=PLAIN" is how some old servers write it beside the right form.
        methods = re.findall(r"^AUTH[ =](.*)$", reply.text.upper(), re.MULTILINE)
        limit = next(iter(named.get("SIZE", [])), "0")
        return cls(
            has_pipelining="PIPELINING" in named,
            has_8bitmime="8BITMIME" in named,
            has_smtputf8="SMTPUTF8" in named,
            has_starttls="STARTTLS" in named,
            has_size="SIZE" in named,
            longest_message=(int(limit) or None) if re.fullmatch("[0-9]{1,18}", limit) else None,
            sign_in_methods=frozenset(" ".join(methods).split()),
        )

    def as_facts(self) -> dict[str, object]:
        """The same as plain values, for who watches a call."""
        return {
            "longest_message": self.longest_message,
            "smtputf8": self.has_smtputf8,
            "pipelining": self.has_pipelining,
            "sign_in_methods": sorted(self.sign_in_methods),
        }
