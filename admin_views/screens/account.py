"""My account: password, second step, the browsers where one is signed in."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import DataRequired, Length

from admin_views.identity import current_staff, leave_session, settings
from admin_views.reader_formats import ago
from admin_views.screens.mail_purposes import choose_purposes, purposes_of
from admin_views.screens.own_letterhead import may_write_own
from admin_views.shell import lead_to
from errors import AppError, Forbidden, NotFound
from extensions import limiter
from models.base import db
from models.mailbox.mail_account import MailAccount
from services.mailbox.password_warning import wants_permission
from services.mailbox.password_writing import waiting_for
from services.mailbox.senders import accounts_to_send_as
from services.mailbox.tokens import has_permission
from services.people.browser_names import browser_name
from services.people.credentials import note_failure
from services.people.password_links import forget_links
from services.people.passwords import password_fits, set_password
from services.people.recovery_codes import new_recovery_codes, recovery_codes_left
from services.people.sign_in import end_other_sessions, end_session, sessions_of
from services.people.totp import offer_secret, qr_code, secret_of_offer, switch_off, switch_on

PER_SESSION = "10 per 15 minutes"
blueprint = Blueprint("account", __name__, url_prefix="/account")


class PasswordForm(FlaskForm):
    """The current password and the one after it."""

    current = PasswordField(_l("Current password"), [DataRequired(), Length(max=1024)])
    password = PasswordField(
        _l("New password"),
        [DataRequired(), Length(max=1024)],
        description=_l("12 characters or more; a sentence is easy to remember."),
    )


class ConfirmForm(FlaskForm):
    """The current password, before something that matters."""

    confirmation = PasswordField(_l("Password"), [DataRequired(), Length(max=1024)])


class SecondStepForm(FlaskForm):
    """The first code of a new app; `offer` is the sealed secret that the page shows."""

    offer = HiddenField()
    code = StringField(_l("Code"), [DataRequired(), Length(max=10)])


@blueprint.get("")
def account() -> ResponseReturnValue:
    return _page()


@blueprint.post("/password")
@limiter.limit(PER_SESSION)
def password() -> ResponseReturnValue:
    staff, form = current_staff(), PasswordForm()
    if not form.validate_on_submit():
        return _page(form)
    if not _is_own_password(form.current.data):
        form.current.errors = [_("This is not your current password.")]
        return _page(form)
    try:
        set_password(staff.user, form.password.data)
    except AppError as problem:
        form.password.errors = [problem.message]
        return _page(form)
    ended = end_other_sessions(staff.user, keep=staff.session)
    forget_links(staff.user)
    db.session.commit()
    flash(
        ngettext(
            "The password was changed. One other session was ended.",
            "The password was changed. %(num)d other sessions were ended.",
            ended,
        )
        if ended
        else _("The password was changed.")
    )
    return redirect(url_for("account.account"))


@blueprint.post("/mail")
def mail() -> ResponseReturnValue:
    """From which account one writes, per purpose."""
    choose_purposes(current_staff().user)
    db.session.commit()
    flash(_("Your accounts were kept."))
    return redirect(url_for("account.account"))


@blueprint.post("/sessions/<int:session_id>/end")
def end(session_id: int) -> ResponseReturnValue:
    staff = current_staff()
    if session_id == staff.session.id:
        leave_session()
        return redirect(url_for("sign_in.sign_in"))
    if not end_session(staff.user, session_id):
        raise NotFound(_("This session has ended already."))
    db.session.commit()
    flash(_("The session was ended."))
    return redirect(url_for("account.account"))


@blueprint.post("/sessions/end-all")
def end_all() -> ResponseReturnValue:
    end_other_sessions(current_staff().user)
    db.session.commit()
    leave_session()
    flash(_("You have signed out everywhere."))
    return redirect(url_for("sign_in.sign_in"))


@blueprint.route("/second-step", methods=["GET", "POST"])
@limiter.limit(PER_SESSION, methods=["POST"])
def second_step() -> ResponseReturnValue:
    user, form = current_staff().user, SecondStepForm()
    if user.needs_totp:
        return redirect(url_for("account.account"))
    if request.method != "POST":
        form.offer.data = offer_secret(user)
    secret = secret_of_offer(user, form.offer.data or "")
    codes: list[str] = []
    if form.validate_on_submit():
        try:
            codes = switch_on(user, secret, "".join(form.code.data.split()))
            db.session.commit()
        except AppError as problem:
            form.code.errors = [problem.message]
    return _second_step_page(form=form, recovery_codes=codes, secret=secret)


@blueprint.post("/second-step/off")
@limiter.limit(PER_SESSION)
def second_step_off() -> ResponseReturnValue:
    _require_own_password()
    switch_off(current_staff().user)
    db.session.commit()
    flash(_("You sign in with the password only now."))
    return redirect(url_for("account.account"))


@blueprint.post("/second-step/codes")
@limiter.limit(PER_SESSION)
def recovery_codes() -> ResponseReturnValue:
    _require_own_password()
    if not current_staff().user.needs_totp:
        raise NotFound(_("The second step is not switched on."))
    codes = new_recovery_codes(current_staff().user)
    db.session.commit()
    return _second_step_page(recovery_codes=codes)


def _is_own_password(written: str) -> bool:
    """A wrong one counts like a failed sign-in: whoever sits at a forgotten browser may not guess on."""
    user = current_staff().user
    if user.is_locked or not password_fits(user, written):
        note_failure(user)
        db.session.commit()
        return False
    return True


def _require_own_password() -> None:
    form = ConfirmForm()
    if not form.validate_on_submit() or not _is_own_password(form.confirmation.data):
        raise Forbidden(_("This is not your current password. Nothing was changed."))


def _page(form: PasswordForm | None = None) -> ResponseReturnValue:
    staff = current_staff()
    lead_to((_("My account"), None))
    sessions = sessions_of(staff.user, idle_minutes=settings().session_idle_minutes)
    page = render_template(
        "admin/account/account.html",
        title=_("My account"),
        staff=staff,
        form=form or PasswordForm(formdata=None),
        confirm=ConfirmForm(formdata=None),
        codes_left=recovery_codes_left(staff.user) if staff.user.needs_totp else 0,
        ago=ago,
        mail_accounts=[
            (account, _permission_of(account)) for account in accounts_to_send_as(staff.user)
        ],
        asked_accounts=waiting_for(staff.user),
        letterhead_url=url_for("own_letterhead.index") if may_write_own() else None,
        purposes=purposes_of(staff.user),
        sessions=[(row, browser_name(row.user_agent)) for row in sessions],
    )
    return page, 422 if form else 200


def _permission_of(account: MailAccount) -> tuple[str, str] | None:
    """The way to the permission of one's own account (X4-02), which its owner gives without further rights."""
    if account.owner_id != current_staff().user.id:
        return None
    is_given = has_permission(account)
    if not is_given and not wants_permission(account):
        return None
    label = _("Permission") if is_given else _("Give permission")
    return label, url_for("mail_permission.page", public_id=account.public_id)


def _second_step_page(
    *, recovery_codes: list[str], form: SecondStepForm | None = None, secret: str = ""
) -> ResponseReturnValue:
    user = current_staff().user
    page = render_template(
        "admin/auth/totp_setup.html",
        form=form,
        recovery_codes=recovery_codes,
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        qr=qr_code(user, secret) if secret else "",
        back_url=url_for("account.account"),
    )
    return page, 422 if form and form.errors else 200
