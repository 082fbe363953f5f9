"""Users by the command line."""

from flask import Flask

from models.base import db
from models.people.organization import Organization
from services.people.password_links import link_with_token
from tests.factories.people import make_user


def test_a_link_for_a_password_is_printed(app: Flask, organization: Organization) -> None:
    """The way in when no e-mail gets through."""
    user = make_user(organization, email="only@example.com")
    db.session.commit()
    runner = app.test_cli_runner()

    made = runner.invoke(args=["user", "link", "--email", "Only@example.com"])
    unknown = runner.invoke(args=["user", "link", "--email", "nobody@example.com"])

    address, _slash, token = made.output.strip().rpartition("/")
    assert (made.exit_code, address) == (0, "http://localhost/password")
    assert link_with_token(token).user_id == user.id
    assert (unknown.exit_code, unknown.output.count("\n")) == (2, 1)
