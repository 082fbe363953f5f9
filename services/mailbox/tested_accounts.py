"""All mail accounts of an organization with how they stand, those that want a person first (X4-03)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from models.base import db, utc_now
from models.mailbox.account_check import AccountCheck, CheckState
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sign_in import MailSecurity
from services.mailbox.account_states import Standing, check_tells, standing_of_account
from services.mailbox.checks import newest_checks

OLD_PASSWORD = timedelta(days=365)
WORST_FIRST = (Standing.TROUBLED, Standing.TESTING, Standing.UNTESTED, Standing.READY)


@dataclass(frozen=True, kw_only=True)
class ListedAccount:
    """An active account with its newest test, if it has one."""

    account: MailAccount
    check: AccountCheck | None
    standing: Standing

    @property
    def has_failed(self) -> bool:
        """Whether its newest test has: what *test again* tests."""
        return self.check is not None and self.check.state is CheckState.BAD

    @property
    def shows_check(self) -> bool:
        return check_tells(self.standing, self.check)

    @property
    def is_open_line(self) -> bool:
        """Whether anybody on the way can read what goes to one of its servers (X4-09)."""
        account = self.account
        incoming = account.imap_security if account.imap_host else None
        return MailSecurity.NONE in (account.smtp_security, incoming)

    @property
    def has_old_password(self) -> bool:
        """Whether its password was written more than a year ago (X4-09)."""
        written = self.account.password_set_at
        return written is not None and written < utc_now() - OLD_PASSWORD


def tested_accounts() -> Sequence[ListedAccount]:
    """The active ones: what fails, is being tested, was never tested, works; by address."""
    accounts = db.session.scalars(
        select(MailAccount)
        .where(MailAccount.is_active)
        .options(joinedload(MailAccount.owner))
        .order_by(MailAccount.address_norm)
    ).all()
    checks = newest_checks([account.id for account in accounts])
    found = []
    for account in accounts:
        check = checks.get(account.id)
        standing = standing_of_account(account, check)
        found.append(ListedAccount(account=account, check=check, standing=standing))
    return sorted(found, key=lambda each: WORST_FIRST.index(each.standing))
