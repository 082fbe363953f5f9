"""Organizations and staff users."""

import sys

import click
from flask import current_app
from flask_babel import gettext as _

from commands.group import SentenceGroup
from errors import NotFound
from models.base import db
from models.people.user import User
from services.people.leaving import switch_off, switch_on
from services.people.password_links import invite, offer_reset, was_never_here
from services.people.staff import create_organization, create_user, organization_with_code

user = SentenceGroup("user", help="Staff users.")
organization = SentenceGroup("organization", help="Organizations.")


@organization.command("create")
@click.option("--code", required=True)
@click.option("--name", required=True)
@click.option("--tax-id")
@click.option("--currency", default="EUR")
def organization_create(code: str, name: str, tax_id: str | None, currency: str) -> None:
    """Make an organization."""
    made = create_organization(code, name, tax_id=tax_id, currency=currency)
    db.session.commit()
    click.echo(f"Organization {made.code} was created.")


@user.command("create")
@click.option("--email", required=True)
@click.option("--name", required=True)
@click.option("--role", required=True, type=click.Choice(["administrator", "clerk", "reader"]))
@click.option("--organization", "code", required=True)
def user_create(email: str, name: str, role: str, code: str) -> None:
    """Make a staff user; the password is read from standard input."""
    place = organization_with_code(code)
    password = sys.stdin.readline().rstrip("\n")
    create_user(email, name, password=password, role_code=role, organization=place)
    db.session.commit()
    click.echo(f"{name} may sign in as {email}.")


@user.command("link")
@click.option("--email", required=True)
def user_link(email: str) -> None:
    """Print a link by which a user chooses a password; for whoever cannot get one by e-mail."""
    found = _user_with(email)
    make = invite if was_never_here(found) else offer_reset
    link = make(found, base_url=current_app.extensions["settings"].public_base_url)
    db.session.commit()
    click.echo(link.url)


@user.command("deactivate")
@click.option("--email", required=True)
def user_deactivate(email: str) -> None:
    """Sign a user out everywhere and let them in no more; ends what they were named for, too."""
    switch_off(_user_with(email))
    db.session.commit()
    click.echo(f"{email} may not sign in any more.")


@user.command("activate")
@click.option("--email", required=True)
def user_activate(email: str) -> None:
    """Let a user sign in again."""
    switch_on(_user_with(email))
    db.session.commit()
    click.echo(f"{email} may sign in again.")


def _user_with(email: str) -> User:
    found: User | None = db.session.scalar(User.by_email(email))
    if found is None:
        raise NotFound(_("There is no user with the address %(email)s.", email=email))
    return found
