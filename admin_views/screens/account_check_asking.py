"""Asking the owner of a tested account for its password (X4-06), from the page that says that it is refused."""

from uuid import UUID

from flask import flash, redirect
from flask.typing import ResponseReturnValue

from admin_views.identity import current_staff, settings
from admin_views.screens.account_checks import (
    PER_STAFF,
    RESOURCE,
    blueprint,
    the_account,
    url_of,
    who,
)
from admin_views.screens.account_grid_passwords import asked_sentence
from errors import AppError
from extensions import limiter
from jobs.mailings import deliver_due
from models.base import db
from services.mailbox.password_asking import ask_passwords


@blueprint.post("/<uuid:public_id>/ask-password")
@limiter.limit(PER_STAFF, key_func=who)
def ask_password(public_id: UUID) -> ResponseReturnValue:
    """A message with a link for its owner."""
    account = the_account(public_id, "edit")
    staff = current_staff()
    staff.rights.require(RESOURCE, "edit", "password_sealed")
    try:
        asked = ask_passwords([account], asked_by=staff.user, base_url=settings().public_base_url)
    except AppError as problem:
        db.session.rollback()
        flash(problem.message, "error")
    else:
        db.session.commit()
        deliver_due.enqueue()
        flash(asked_sentence(asked))
    return redirect(url_of(account))
