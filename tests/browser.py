"""A test client that behaves like a browser: each request stands alone, forms carry their CSRF token."""

import contextvars
import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from models.base import db
from models.people.organization import Branch, Organization
from models.people.user import User
from services.people.places import choose_place
from services.people.sign_in import open_session
from tests.factories.people import PASSWORD

CSRF_FIELD = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Browser(FlaskClient):
    """Requests run outside of the test's own application context, so `g` and the session start anew."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return contextvars.Context().run(super().open, *args, **kwargs)

    def submit(
        self,
        path: str,
        fields: dict[str, Any] | None = None,
        *,
        form_at: str | None = None,
        **kwargs: Any,
    ) -> TestResponse:
        """Post a form with the token of the page it stands on."""
        token = self.csrf_token(form_at or path)
        return self.post(path, data={"csrf_token": token, **(fields or {})}, **kwargs)

    def csrf_token(self, path: str = "/sign-in") -> str:
        page = self.get(path).text
        found = CSRF_FIELD.search(page) or CSRF_FIELD.search(self.get("/account").text)
        assert found, f"no form at {path}"
        return found[1]

    def sign_in(self, email: str, password: str = PASSWORD, **fields: str) -> TestResponse:
        """Through the door, as a person does."""
        return self.submit("/sign-in", {"email": email, "password": password, **fields})

    def enter_as(
        self, user: User, organization: Organization | None = None, branch: Branch | None = None
    ) -> "Browser":
        """Be signed in at once; commits what the test has made so far."""
        row, token = open_session(user, hours=1)
        if organization is not None:
            choose_place(user, row, organization.id, branch.id if branch else None)
        db.session.commit()
        with self.session_transaction() as cookie:
            cookie["_user_id"] = token
        return self


def new_browser(app: Flask) -> Browser:
    """One more browser, with an empty cookie jar."""
    return Browser(app, app.response_class)
