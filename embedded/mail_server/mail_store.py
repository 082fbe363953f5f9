"""Where the demo's messages lie: one file each, newest first."""

import itertools
import os
import time
from dataclasses import dataclass
from email import message_from_binary_file, policy
from email.message import EmailMessage
from pathlib import Path

KEPT_MESSAGES = 20_000


@dataclass(frozen=True)
class Arrived:
    """One message as the list shows it."""

    key: str
    recipient: str
    sender: str
    subject: str
    size_bytes: int
    at: float  # seconds since 1970


class MailStore:
    """A folder of `.eml` files; a message is there whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._numbers = itertools.count(1)
        self._seen: dict[str, Arrived] = {}

    def keep(self, sender: str, recipients: list[str], content: bytes) -> str:
        """Store a message before it is acknowledged; returns its key."""
        key = f"{time.time_ns():020}-{next(self._numbers)}"
        envelope = f"X-Demo-Sender: {sender}\r\nX-Demo-Recipients: {', '.join(recipients)}\r\n"
        draft = self.folder / f".{key}"
        draft.write_bytes(envelope.encode("utf-8", "replace") + content)
        os.replace(draft, self._path(key))
        return key

    def newest(self, wanted: str = "", limit: int = 200) -> list[Arrived]:
        """The newest messages whose recipient or subject contains `wanted`."""
        found = []
        for path in sorted(self.folder.glob("*.eml"), reverse=True)[:KEPT_MESSAGES]:
            arrived = self._arrived(path)
            if wanted.lower() in f"{arrived.recipient} {arrived.subject}".lower():
                found.append(arrived)
            if len(found) == limit:
                break
        return found

    def count(self) -> int:
        return sum(1 for _ in self.folder.glob("*.eml"))

    def message(self, key: str) -> EmailMessage | None:
        """The parsed message, or None if there is no such key."""
        path = self._path(key)
        if not key.replace("-", "").isdecimal() or not path.exists():
            return None
        with path.open("rb") as file:
            return message_from_binary_file(file, policy=policy.default)

    def source(self, key: str) -> bytes | None:
        """The message as it came over the wire, without the envelope that we put before it."""
        if self.message(key) is None:
            return None
        lines = self._path(key).read_bytes().split(b"\r\n", 2)
        return lines[2]

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.eml"

    def _arrived(self, path: Path) -> Arrived:
        known = self._seen.get(path.stem)
        if known is None:
            with path.open("rb") as file:
                head = message_from_binary_file(file, policy=policy.default)
            known = self._seen[path.stem] = Arrived(
                key=path.stem,
                recipient=str(head["X-Demo-Recipients"] or ""),
                sender=str(head["From"] or ""),
                subject=str(head["Subject"] or ""),
                size_bytes=path.stat().st_size,
                at=int(path.stem.partition("-")[0]) / 1e9,
            )
        return known
