"""Staff at their browsers."""

import contextvars
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from models.base import db
from models.people.membership import UserMembership
from models.people.organization import Organization
from models.people.user import User
from models.system.audit_event import AuditEvent
from models.tenancy import acting_in
from services.people.sign_in import open_session
from tests.factories.admin import Rows, make_rows
from tests.factories.people import make_organization, make_user

SignIn = Callable[..., FlaskClient]


class Browser(FlaskClient):
    """Each request in a context of its own, as a server would have it, whatever the test has open."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        kwargs.setdefault("buffered", True)  # a stream that nobody reads keeps its connection
        db.session.rollback()
        return contextvars.Context().run(super().open, *args, **kwargs)


@pytest.fixture
def sign_in(app: Flask, organization: Organization) -> Iterator[SignIn]:
    """A browser in which somebody with this role is signed in; forms need no token unless asked for."""

    def signed_in(
        role: str = "administrator",
        *,
        at: Organization | None = None,
        lang: str = "es",
        csrf: bool = False,
        **fields: Any,
    ) -> FlaskClient:
        app.config["WTF_CSRF_ENABLED"] = csrf
        place = at or organization
        is_global = fields.pop("is_global_admin", False)
        user: User = make_user(place, role=role, **fields)
        user.lang = lang
        user.is_global_admin = is_global
        row, token = open_session(user, hours=1)
        row.organization_id = place.id
        db.session.commit()
        client = Browser(app, app.response_class)
        with client.session_transaction() as session:
            session["_user_id"] = token
            session["_fresh"] = True
        return client

    yield signed_in
    app.config["WTF_CSRF_ENABLED"] = True


@pytest.fixture
def rows(organization: Organization) -> Rows:
    """One row of everything, in the organization one signs in to."""
    made = make_rows()
    db.session.commit()
    return made


@pytest.fixture
def foreign(organization: Organization) -> Rows:
    """One row of everything in another organization."""
    other = make_organization()
    db.session.commit()
    with acting_in(other.id):
        made = make_rows()
        user = make_user(other, role="clerk")
        made.add("user", user)
        made.add("user_membership", db.session.scalars(UserMembership.of_user(user)).one())
        made.add("organization", other)
        db.session.commit()
        own = select(AuditEvent).where(AuditEvent.organization_id == other.id)
        made.add("audit_event", db.session.scalars(own.limit(1)).one())
    return made
