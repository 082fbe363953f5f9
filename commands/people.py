"""Organizations and staff users."""

import sys

import click

from commands.group import SentenceGroup
from models.base import db
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
