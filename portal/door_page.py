"""The page with all ways in, with what somebody has written and what came of it; and its limits."""

import hashlib
from collections.abc import Callable
from typing import Any

from flask import render_template, request, url_for
from flask_wtf import FlaskForm

from portal.door_forms import (
    ForgottenNameForm,
    ForgottenPasswordForm,
    LinkForm,
    PasswordSignInForm,
)
from portal.guard import current_portal
from portal.next_page import asked_page
from services.portal.portal_addresses import base_url

REFUSED = 422
PER_NAME = "10 per 15 minutes"
ASKED_PER_NAME = "3 per 15 minutes"
CODES_PER_ADDRESS = "3 per 15 minutes; 20 per day"  # each can be guessed at five times
PER_IP = "20 per minute; 200 per hour"
WAYS: dict[str, type[FlaskForm]] = {
    "link": LinkForm,
    "password": PasswordSignInForm,
    "names": ForgottenNameForm,
    "forgotten": ForgottenPasswordForm,
}


def sign_in_page(
    way: str = "", form: FlaskForm | None = None, error: str | None = None, **more: Any
) -> tuple[str, int]:
    """The page; `form` is what somebody wrote into the form `way`, which stands open then."""
    forms = {name: kind(formdata=None) for name, kind in WAYS.items()}
    if form is not None:
        forms[way] = form
    page = render_template(
        "portal/door/sign_in.html",
        portal=current_portal(),
        forms=forms,
        way=way,
        form_error=error,
        next=asked_page(),
        staff_url=f"{base_url()}{url_for('sign_in.sign_in')}",
        **more,
    )
    return page, REFUSED if form is not None else 200


def was_refused(response: Any) -> bool:
    return bool(response.status_code == REFUSED)


def per_written(field: str, counter: str) -> Callable[[], str]:
    """The name of a counter for each name that is written; a hash, since names of counters are kept and logged.

    Who writes none counts for themselves alone.
    """

    def key() -> str:
        written = request.form.get(field, "").strip().lower() or str(request.remote_addr)
        return f"portal-{counter}:{hashlib.sha256(written.encode()).hexdigest()[:32]}"

    return key
