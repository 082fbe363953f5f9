"""Saving the rows of the grid: all of them or, where that was chosen, those that can be (S4-16)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, text

from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sign_in import MailSecurity
from services.mailbox.account_cells import PASSWORD
from services.mailbox.account_checking import CheckedRow
from services.mailbox.account_grants import settle_owner
from services.mailbox.accounts import usual_limits
from services.mailbox.asking_again import ask_again_if_corrected

PLAIN = ("smtp_host", "smtp_port", "smtp_security", "per_day")
INCOMING = ("imap_host", "imap_port", "imap_security", "imap_login", "sync_days")


class Outcome(StrEnum):
    """What became of a row."""

    SAVED = "saved"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    HELD_BACK = "held_back"

    @classmethod
    def labels(cls) -> dict["Outcome", Any]:
        return {
            cls.SAVED: _l("Saved"),
            cls.UNCHANGED: _l("Unchanged"),
            cls.REFUSED: _l("Not saved"),
            cls.HELD_BACK: _l("Waits for the others"),
        }


@dataclass(frozen=True)
class RowResult:
    """A row and what became of it; a row that held nothing wrong waits if all or nothing was chosen."""

    checked: CheckedRow
    outcome: Outcome


def lock_accounts(user_ids: Sequence[int]) -> None:
    """Keep the accounts of these people as they are until the end of the transaction."""
    query = select(MailAccount).where(MailAccount.owner_id.in_(user_ids)).order_by(MailAccount.id)
    db.session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()


def save_rows(checked: Sequence[CheckedRow], *, only_valid: bool = False) -> list[RowResult]:
    """Write the rows that were changed; with one that cannot be saved none is, unless `only_valid`."""
    good = [each for each in checked if each.is_changed and each.can_be_saved]
    is_saving = only_valid or all(each.can_be_saved for each in checked)
    if is_saving and good:
        # Addresses may go round among the rows: who has which is looked at when all are written.
        db.session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        for each in good:
            _write(each)
        db.session.flush()
        db.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    return [RowResult(each, _outcome(each, is_saving)) for each in checked]


def _outcome(checked: CheckedRow, is_saving: bool) -> Outcome:
    if not checked.can_be_saved:
        return Outcome.REFUSED
    if not checked.is_changed:
        return Outcome.UNCHANGED
    return Outcome.SAVED if is_saving else Outcome.HELD_BACK


def _write(checked: CheckedRow) -> None:
    values, account = checked.values, checked.row.account
    names: set[str] = checked.typed
    if account is None:
        account, names = _new_account(checked), set(checked.cells)
        settle_owner(account)
    followed = account.login in (None, account.address)
    if "address" in names:
        account.address = str(values["address"])
        account.address_norm = values["address"].normalised
    for name in PLAIN:
        if name in names and (name != "per_day" or name in checked.typed):
            setattr(account, name, values[name])
    for name in INCOMING:
        if name in names:
            setattr(account, name, values[name])
    if values.get(PASSWORD) or checked.forgets:
        account.password = values.get(PASSWORD)
    if "login" in checked.typed:
        account.login = values["login"]
        followed = account.login is None
    if followed:
        signs_in = account.password_sealed is not None or account.uses_permission
        account.login = account.address if signs_in else None
    ask_again_if_corrected(account)
    db.session.add(account)


def _new_account(checked: CheckedRow) -> MailAccount:
    """The person's own account under their name, with the limits that its provider is known for."""
    values, user = checked.values, checked.row.user
    # Only a near server is spoken to without encryption, and that was looked up already.
    is_near = values["smtp_security"] is MailSecurity.NONE
    return MailAccount(
        address=str(values["address"]),
        owner=user,
        display_name=user.name,
        smtp_host=values["smtp_host"],
        **usual_limits(values["smtp_host"], is_near=is_near),
    )
