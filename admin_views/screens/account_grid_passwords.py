"""Asking the ticked users of the grid for the passwords of their accounts (X4-06)."""

import json

from flask import Response, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views.identity import current_staff, settings
from admin_views.screens.account_grid import blueprint
from admin_views.screens.account_grid_form import KEPT_AS, chosen_people
from admin_views.screens.account_grid_part import Grid
from admin_views.screens.account_grid_words import asked_words
from admin_views.screens.account_tabs import RESOURCE, require_accounts
from errors import AppError
from jobs.mailings import deliver_due
from models.base import db
from services.mailbox.account_cells import PASSWORD
from services.mailbox.password_asking import Asked, ask_passwords, asked_at


@blueprint.post("/passwords")
def ask() -> ResponseReturnValue:
    """A message with a link for everybody who is ticked and whose account lacks a password."""
    require_accounts()
    staff = current_staff()
    staff.rights.require(RESOURCE, "edit", KEPT_AS[PASSWORD])
    grid = Grid()
    rows = grid.rows.of(chosen_people())
    accounts = [row.account for row in rows.values() if row.account]
    try:
        asked = ask_passwords(accounts, asked_by=staff.user, base_url=settings().public_base_url)
    except AppError as problem:
        db.session.rollback()
        if "HX-Request" in request.headers:
            return _toast(problem.message, "bad")
        flash(problem.message, "error")
        return redirect(grid.url())
    db.session.commit()
    deliver_due.enqueue()
    sentence = asked_sentence(asked, without=len(rows) - len(accounts))
    if "HX-Request" in request.headers:
        return _answer(asked, sentence)
    flash(sentence)
    return redirect(grid.url())


def _answer(asked: Asked, sentence: str) -> Response:
    """The cells say since when it is waited for; what is being typed in them stays."""
    moments = asked_at([account.id for account in asked.accounts])
    cells = {str(each.owner_id): asked_words(moments[each.id]) for each in asked.accounts}
    answer = _toast(sentence)
    answer.headers["HX-Trigger"] = json.dumps({"passwords-asked": {"cells": cells}})
    return answer


def _toast(sentence: str, tone: str = "") -> Response:
    return make_response(render_template("admin/mailbox/_said.html", sentence=sentence, tone=tone))


def asked_sentence(asked: Asked, *, without: int = 0) -> str:
    """“2 users are asked for the password. 1 user was passed over: …”"""
    count, passed_over = len(asked.accounts), asked.passed_over + without
    parts = [
        ngettext(
            "%(num)d user is asked for the password by e-mail.",
            "%(num)d users are asked for the password by e-mail.",
            count,
        )
        if count
        else _("Nobody was asked.")
    ]
    if passed_over:
        parts.append(
            ngettext(
                "%(num)d was passed over: without a saved account, with a password already, or asked a moment ago.",
                "%(num)d were passed over: without a saved account, with a password already, or asked a moment ago.",
                passed_over,
            )
        )
    return " ".join(map(str, parts))
