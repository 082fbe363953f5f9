"""Mailboxes: read now, and counted against their servers."""

import sys

import click
from sqlalchemy import select

from commands.group import SentenceGroup
from errors import NotFound
from jobs.mailbox import sync_tools
from mail.errors import MailError
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.tenancy import across_organizations
from services.mailbox.mailbox_balance import FolderBalance, mailboxes_to_verify, verify_mailbox
from services.mailbox.mailbox_sync import sync_mailbox

mailbox = SentenceGroup("mailbox", help="The mail of accounts.")


@mailbox.command("read")
@click.option("--address", required=True)
def mailbox_read(address: str) -> None:
    """Bring a mailbox up to date, both ways."""
    for _organization_id, account_id in _mailboxes(address):
        while sync_mailbox(account_id, sync_tools()):
            click.echo("...")


@mailbox.command("verify")
@click.option("--address", help="Of one account; all of them without.")
def mailbox_verify(address: str | None) -> None:
    """Count mailboxes against their servers: accepted = placed + dead letters. What is missing is fetched by the next reading."""
    is_even = True
    for organization_id, account_id in _mailboxes(address) if address else mailboxes_to_verify():
        try:
            found = verify_mailbox(organization_id, account_id, sync_tools())
        except MailError as problem:
            db.session.rollback()
            click.echo(f"account {account_id}: {problem.message}", err=True)
            is_even = False
            continue
        for each in found or ():
            click.echo(_line(each))
            is_even = is_even and each.is_even
        if found is None:
            click.echo(f"account {account_id}: somebody reads it now")
    if not is_even:
        sys.exit(1)


def _line(balance: FolderBalance) -> str:
    difference = (
        "" if balance.is_even else f"  missing {balance.missing}, too many {balance.too_many}"
    )
    return (
        f"account {balance.account_id}  {balance.path}: {balance.accepted} accepted ="
        f" {balance.placed} placed + {balance.dead} dead letters{difference}"
    )


def _mailboxes(address: str) -> list[tuple[int, int]]:
    with across_organizations():
        rows = db.session.execute(
            select(MailAccount.organization_id, MailAccount.id).where(
                MailAccount.address_norm == address.strip().lower()
            )
        ).all()
    db.session.rollback()
    if not rows:
        raise NotFound(f"There is no account {address}.")
    return [(organization_id, account_id) for organization_id, account_id in rows]
