"""The owner of a mail account writes its password: by the link of a message, or from *My account* (X4-06).

Public with a token: whoever reads the owner's mail may write, and nobody may read. Looking changes nothing.
"""

from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField
from wtforms.validators import DataRequired, Length

from admin_views.identity import current_staff
from admin_views.screens.account_check_page import badge_of, trouble_of, wants_password
from errors import Conflict, Invalid
from extensions import limiter
from jobs.checks import check_accounts
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailbox.mail_sign_in import MailSecurity
from models.people.organization import Organization
from models.tenancy import Actor, Scope, current_scope, enter
from services.mailbox.password_writing import (
    AskedPassword,
    asked_by_link,
    asked_of,
    organization_of_link,
    write_password,
)

PER_IP = "10 per minute; 60 per hour"
REFUSED = 422
blueprint = Blueprint("mail_password", __name__)


class MailPasswordForm(FlaskForm):
    """The password; `lines` is what the page has shown of the servers."""

    lines = HiddenField()
    password = PasswordField(_l("Password of the mail account"), [DataRequired(), Length(max=1000)])
    wants_test = BooleanField(_l("Test at once whether it works"), default=True)


@blueprint.route("/mail-password/<token>", methods=["GET", "POST"])
@limiter.limit("60 per minute", methods=["GET"])
@limiter.limit(PER_IP, methods=["POST"])
def link(token: str) -> ResponseReturnValue:
    """By the link alone: who sits here is not even asked for."""
    g.is_identity_unknown = True
    enter(
        Scope(
            organization_id=organization_of_link(token),
            actor=Actor(kind="link", source="ui", request_id=g.get("request_id")),
        )
    )
    asked = asked_by_link(token)
    return _answer(asked, url_for(".link", token=token))


@blueprint.route("/account/mail/<uuid:public_id>/password", methods=["GET", "POST"])
@limiter.limit(PER_IP, methods=["POST"])
def mine(public_id: UUID) -> ResponseReturnValue:
    """Signed in: the same page, for an account of one's own that one was asked about."""
    asked = asked_of(current_staff().user, public_id)
    return _answer(
        asked, url_for(".mine", public_id=public_id), back_url=url_for("account.account")
    )


def _answer(asked: AskedPassword, url: str, back_url: str | None = None) -> ResponseReturnValue:
    form = MailPasswordForm()
    if not asked.is_open or not form.validate_on_submit():
        return _page(asked, form, url, back_url)
    scope = current_scope()
    try:
        write_password(
            asked,
            form.password.data,
            lines=form.lines.data or "",
            wants_test=form.wants_test.data,
        )
        db.session.commit()
    except (Conflict, Invalid) as problem:
        db.session.rollback()
        enter(scope)
        form.password.errors = [problem.message]
        return _page(asked, form, url, back_url)
    if form.wants_test.data:
        check_accounts.enqueue()
    return redirect(url)


def _page(
    asked: AskedPassword, form: MailPasswordForm, url: str, back_url: str | None
) -> ResponseReturnValue:
    account, check = asked.account, asked.check
    is_tested = check is not None and not check.is_open
    form.lines.data = asked.lines
    page = render_template(
        "admin/auth/mail_password.html",
        form=form,
        url=url,
        back_url=back_url,
        account=account,
        places=places_of(account),
        asked_by=asked.link.asked_by.name,
        organization=db.session.get_one(Organization, account.organization_id).name,
        is_open=asked.is_open,
        is_testing=check is not None and not is_tested,
        tested=badge_of(check) if is_tested else None,
        is_refused=check is not None and is_tested and wants_password(check),
        trouble=trouble_of(check) if check is not None and is_tested else "",
    )
    return page, REFUSED if request.method == "POST" and form.errors else 200


def places_of(account: MailAccount) -> list[tuple[str, str]]:
    """Where the password goes: the servers, each with how its line is protected."""
    words = {**MailSecurity.labels(), MailSecurity.NONE: _("not encrypted")}
    out = f"{account.smtp_host} · {words[account.smtp_security]}"
    places = [(_("Outgoing server"), out)]
    if account.imap_host:
        places.append(
            (_("Incoming server"), f"{account.imap_host} · {words[account.imap_security]}")
        )
    return places
