"""How the account of a person stands: what the sub-title of the grid counts (S4-10)."""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from models.mailbox.account_check import AccountCheck, CheckState
from models.mailbox.mail_account import MailAccount
from services.mailbox.account_rows import AccountRow


class Standing(StrEnum):
    """Whether mail leaves from somebody's account, as far as is known."""

    WITHOUT = "without"
    OFF = "off"
    TROUBLED = "troubled"
    TESTING = "testing"
    UNTESTED = "untested"
    READY = "ready"


def standing_of(row: AccountRow, check: AccountCheck | None) -> Standing:
    """How a person's account stands."""
    return standing_of_account(row.account, check)


def check_tells(standing: Standing, check: AccountCheck | None) -> bool:
    """Whether the newest test says how it stands: not if it is off, waits for a person, or has worked since."""
    is_bad = check is not None and check.state is CheckState.BAD
    return {
        Standing.TESTING: True,
        Standing.READY: check is not None and not is_bad,
        Standing.TROUBLED: is_bad,
    }.get(standing, False)


def standing_of_account(account: MailAccount | None, check: AccountCheck | None) -> Standing:
    """By its newest test; an account that has sent since needs none."""
    if account is None:
        return Standing.WITHOUT
    if not account.is_active:
        return Standing.OFF
    if check is not None and check.ended_at is None:
        return Standing.TESTING
    if account.is_paused and account.paused_until is None:
        return Standing.TROUBLED
    good, bad = account.last_good_at, account.last_bad_at
    if check is not None and check.ended_at is not None:
        if check.state is CheckState.BAD:
            has_worked_since = good is not None and good > check.ended_at
            return Standing.READY if has_worked_since else Standing.TROUBLED
        return Standing.READY
    if bad is not None and (good is None or bad > good):
        return Standing.TROUBLED
    return Standing.READY if good is not None else Standing.UNTESTED


def counted(standings: Iterable[Standing]) -> Counter[Standing]:
    """How many of each."""
    return Counter(standings)
