"""What an IMAP client looks for: by number, mark, day and field of the header; all conditions have to be met."""

import email.policy
from collections.abc import Callable, Iterator, Sequence
from email import message_from_bytes

from embedded.mail_server.imap_fetching import moment_of
from embedded.mail_server.imap_words import Unreadable, Word, text_of
from embedded.mail_server.mailboxes import StoredMessage

FLAG_WORDS = ("SEEN", "FLAGGED", "ANSWERED", "DELETED", "DRAFT")

Test = Callable[[int, StoredMessage], bool]  # UID and message
Uids = Callable[[str, bool], set[int]]  # of a set of UIDs, or else of numbers


def tests_of(words: Sequence[Word], uids_of: Uids) -> list[Test]:
    """One for each condition. Raises Unreadable."""
    left = iter(words)
    try:
        return [_test(text_of(word).upper(), left, uids_of) for word in left]
    except StopIteration:
        raise Unreadable("The last word needs another.") from None


def _test(name: str, left: Iterator[Word], uids_of: Uids) -> Test:
    if name == "ALL":
        return lambda _uid, _message: True
    if (flag := name.removeprefix("UN")) in FLAG_WORDS:
        is_wanted, mark = not name.startswith("UN"), f"\\{flag.capitalize()}"
        return lambda _uid, message: (mark in message.flags.split()) is is_wanted
    if name in ("SINCE", "BEFORE"):
        limit, is_since = moment_of(text_of(next(left))).timestamp(), name == "SINCE"
        return lambda _uid, message: (message.received_at >= limit) is is_since
    if name in ("HEADER", "FROM", "TO", "SUBJECT"):
        field = text_of(next(left)) if name == "HEADER" else name
        value = text_of(next(left)).lower()
        return lambda _uid, message: value in _field(message.raw, field)
    is_uid = name == "UID"
    wanted = uids_of(text_of(next(left)) if is_uid else name, is_uid)
    return lambda uid, _message: uid in wanted


def _field(raw: bytes, name: str) -> str:
    head = message_from_bytes(raw.partition(b"\r\n\r\n")[0], policy=email.policy.default)
    return "\n".join(str(each) for each in head.get_all(name, [])).lower()
