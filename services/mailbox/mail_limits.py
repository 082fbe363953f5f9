"""What fits into a message of an account: its size, and the kinds of files (S3-37)."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from errors import Invalid
from models.mailbox.mail_account import MailAccount
from services.mailbox.server_limits import largest_message_of
from services.mailings.message import LARGEST_MESSAGE
from services.system.uploads import ANY_KIND, clean_name, size_words

# What the large providers refuse, whatever is in it (Gmail and Outlook, autumn 2026).
BLOCKED = frozenset(
    [
        "ade",
        "adp",
        "apk",
        "appx",
        "bat",
        "cab",
        "chm",
        "cmd",
        "com",
        "cpl",
        "dll",
        "dmg",
        "exe",
        "hta",
        "ins",
        "iso",
        "isp",
        "jar",
        "js",
        "jse",
        "lib",
        "lnk",
        "mde",
        "msc",
        "msi",
        "msix",
        "msp",
        "mst",
        "nsh",
        "pif",
        "ps1",
        "scr",
        "sct",
        "shb",
        "sys",
        "vb",
        "vbe",
        "vbs",
        "vhd",
        "vxd",
        "wsc",
        "wsf",
        "wsh",
        "xll",
    ]
)
LINE_BYTES, ENCODED_LINE_BYTES = 57, 78  # of a file, in each line of base64
AROUND_A_FILE = 600
FOR_THE_TEXT = 60_000  # that a message needs besides its files


@dataclass(frozen=True)
class MailLimits:
    """`largest` is the whole message as it goes over the wire."""

    largest: int
    account: str

    @property
    def room(self) -> int:
        """Bytes that all files together may have on a disk."""
        return max(0, (self.largest - FOR_THE_TEXT) * LINE_BYTES // ENCODED_LINE_BYTES)

    @property
    def words(self) -> str:
        return str(
            _(
                "A message from %(account)s can carry files of up to %(size)s in total.",
                size=size_words(self.room),
                account=self.account,
            )
        )


def limits_of(account: MailAccount | None) -> MailLimits:
    """Those of the account and of its server, and of the large providers where nothing is said."""
    if account is None:
        return MailLimits(LARGEST_MESSAGE, str(_("an account")))
    return MailLimits(largest_message_of(account, LARGEST_MESSAGE), account.address)


def encoded_size(size_bytes: int) -> int:
    """What a file takes in a message."""
    return size_bytes * ENCODED_LINE_BYTES // LINE_BYTES + AROUND_A_FILE


def refuse_blocked(filename: str) -> None:
    """Raise Invalid for a file that no server would let through, with its name."""
    name = clean_name(filename)
    ending = name.rpartition(".")[2].lower()
    if ending in BLOCKED:
        raise Invalid(
            _(
                "“%(file)s” cannot be sent: mail servers refuse files that end in .%(ending)s, as they can run. "
                "Put it where it can be fetched, and send the link.",
                file=name,
                ending=ending,
            )
        )


def require_room(limits: MailLimits, sizes: Sequence[int], name: str, size: int) -> None:
    """Raise Invalid if the file does not fit beside those of these sizes, with its name and the limit."""
    if sum(sizes) + size > limits.room:
        raise Invalid(
            _(
                "“%(file)s” (%(size)s) does not fit: a message from %(account)s can carry %(most)s, and %(used)s are "
                "taken. Send a link to it instead.",
                file=clean_name(name),
                size=size_words(size),
                account=limits.account,
                most=size_words(limits.room),
                used=size_words(sum(sizes)),
            )
        )


KINDS = ANY_KIND
