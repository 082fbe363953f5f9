"""Addresses for people who have none yet: proposed, shown, and taken only then (S4-11)."""

from collections.abc import Collection, Iterable

from sqlalchemy import select

from errors import Invalid
from models.base import db
from models.mailbox.mail_account import MailAccount
from services.mailbox.account_cells import TypedRow
from services.mailbox.account_rows import AccountRow
from services.mailbox.address_pattern import propose
from services.mailbox.cell_rules import address_in


def propose_addresses(
    rows: Iterable[AccountRow],
    pattern: str,
    *,
    typed: Iterable[TypedRow] = (),
    wanted: Collection[int] = (),
) -> dict[int, str]:
    """By person, an address that nobody of the organization has and that stands in no other row.

    For those in `wanted`, or else for everybody without an address. Raises Invalid for the pattern.
    """
    people = list(rows)
    written = {row.user_id: row.cells["address"] for row in typed if row.cells.get("address")}
    chosen = [
        row
        for row in people
        if (row.user.id in wanted if wanted else not (row.account or written.get(row.user.id)))
    ]
    keys = {row.user.id for row in chosen}
    domains = {row.user.id: row.domain for row in people}
    own = {row.account.id for row in chosen if row.account}
    taken = {
        norm
        for key, norm in db.session.execute(select(MailAccount.id, MailAccount.address_norm))
        if key not in own
    }
    for key, text in written.items():
        if key not in keys:
            try:
                taken.add(address_in(text, domains.get(key, "")).normalised)
            except Invalid:
                continue  # what is no address yet takes none away
    return propose(
        [(row.user.id, row.user.name, row.domain) for row in chosen], pattern, taken=taken
    )
