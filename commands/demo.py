"""What `script/server` calls for the demo."""

import os
from datetime import date

import click
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select, update

from commands.system import system
from embedded.mail_server.mailboxes import Mailboxes, mailboxes_file
from errors import Conflict
from extensions.logs import configure_logging
from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.people.organization import Organization
from models.portal.portal_settings import PortalSettings
from models.tenancy import acting_in
from seed.accounts import HOST, DemoServer
from seed.demo import is_made, make_demo, organizations_of_demo
from seed.mailboxes import fill_mailboxes
from seed.mailing import register_demo_mailing
from seed.portal import LOGIN
from seed.staff import DEMO_PASSWORD, SIGN_INS
from services.sales.pdf import Workshop
from settings import Settings


@system.command("demo")
def demo() -> None:
    """Make the demo company, or tell an existing one where the demo's mail server is now."""
    settings: Settings = current_app.extensions["settings"]
    configure_logging(settings.log_level, settings.ventanilla_data / "log" / "cli.log")
    server = DemoServer(
        smtp_port=int(os.environ.get("DEMO_SMTP_PORT") or 2525),
        imap_port=int(os.environ.get("DEMO_IMAP_PORT") or 2143),
    )
    if is_made():
        for organization in organizations_of_demo():
            with acting_in(organization.id):
                db.session.execute(
                    update(MailAccount)
                    .where(MailAccount.smtp_host == HOST)
                    .values(smtp_port=server.smtp_port)
                )
                db.session.execute(
                    update(MailAccount)
                    .where(MailAccount.imap_host == HOST)
                    .values(imap_port=server.imap_port)
                )
    elif db.session.scalar(select(Organization.id).limit(1)) is not None:
        raise Conflict(
            _("The database holds other organizations: the demo would mix with them. Use --empty.")
        )
    else:
        make_demo(today=date.today(), server=server)  # noqa: DTZ011  # the reader's calendar
    db.session.commit()
    workshop = Workshop(settings.files_url, settings.public_base_url)
    company = organizations_of_demo()[0]
    register_demo_mailing(company, workshop)
    mailboxes = Mailboxes(mailboxes_file(settings.ventanilla_data))
    fill_mailboxes(company, mailboxes, workshop, utc_now())
    mailboxes.close()
    db.session.commit()


@system.command("demo-accounts")
def demo_accounts() -> None:
    """Say whom to sign in as, and where the demo's mail arrives."""
    settings: Settings = current_app.extensions["settings"]
    click.echo(f"Demo company. Sign in at {settings.public_base_url} as one of")
    for email, name, role in SIGN_INS:
        click.echo(f"  {email:<26} {name} ({role})")
    click.echo(f"  password: {DEMO_PASSWORD}")
    company = organizations_of_demo()[0]
    with acting_in(company.id):
        portal = db.session.scalars(select(PortalSettings.name)).one()
    click.echo(
        f"The customers' portal of {company.name}: {settings.public_base_url}/portal/{portal}/"
    )
    click.echo(f"  user name: {LOGIN}, the same password")
    if mail_port := os.environ.get("DEMO_MAIL_PORT"):
        click.echo(
            f"What the demo sends arrives at http://127.0.0.1:{mail_port} and is answered there"
        )
