"""Staff at their browsers."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from models.base import db
from models.people.organization import Organization
from models.people.user import User
from services.people.sign_in import open_session
from tests.factories.people import make_user

SignIn = Callable[..., FlaskClient]


@pytest.fixture
def sign_in(app: Flask, organization: Organization) -> SignIn:
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
        client = app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = token
            session["_fresh"] = True
        return client

    yield signed_in
    app.config["WTF_CSRF_ENABLED"] = True
