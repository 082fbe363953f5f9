"""Mail accounts."""

import sys

import click

from commands.group import SentenceGroup, in_organization
from models.base import db
from models.mailbox.mail_sign_in import MailSecurity
from services.mailbox.accounts import add_account
from services.mailbox.cell_doubts import doubts_of

account = SentenceGroup("account", help="Mail accounts.")


@account.command("add")
@click.option("--organization", "code", required=True)
@click.option("--address", required=True)
@click.option("--smtp-host", required=True)
@click.option("--smtp-port", required=True, type=int)
@click.option(
    "--security", required=True, type=click.Choice([security.value for security in MailSecurity])
)
@click.option("--login")
@click.option("--connections", type=int)
@click.option("--name", default="", help="The sender's name as readers see it.")
def account_add(
    code: str,
    address: str,
    smtp_host: str,
    smtp_port: int,
    security: str,
    login: str | None,
    connections: int | None,
    name: str,
) -> None:
    """Add a mail account; with --login the password is read from standard input."""
    in_organization(code)
    password = sys.stdin.readline().rstrip("\r\n") if login else None
    made = add_account(
        address,
        smtp_host=smtp_host,
        smtp_port=smtp_port,
        security=MailSecurity(security),
        login=login,
        password=password,
        connections=connections,
        display_name=name,
    )
    db.session.commit()
    if made.smtp_security is MailSecurity.NONE:
        click.echo(
            "Warning: without encryption everybody on the way can read the messages.", err=True
        )
    for sentence in doubts_of(made):
        click.echo(sentence, err=True)
    click.echo(f"Account {made.address} was added.")
