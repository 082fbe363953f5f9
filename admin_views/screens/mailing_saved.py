"""A mailing that is being written is kept every few seconds, as it stands, right or wrong."""

import uuid
from contextlib import suppress

from flask import render_template, url_for
from flask import request as asked
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from admin_views.reader_formats import zone
from admin_views.screens.mailing_door import blueprint, require
from admin_views.screens.mailing_form import MailingForm
from admin_views.screens.mailing_proposal import languages_for, mailing_form
from errors import AppError, NotFound
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.mailing import Mailing
from services.mailings.draft import keep_form, write_draft
from services.mailings.mailing_list import mailing_known_as

NOT_KEPT = {"csrf_token", "draft"}
UNTITLED = 120


@blueprint.post("/draft")
def keep() -> ResponseReturnValue:
    """Keep the form; answers with the time, and with the address at which it can be found again."""
    require("create")
    form = mailing_form()
    try:
        mailing = kept(form, draft_in(form))
    except AppError as problem:
        db.session.rollback()
        return render_template("admin/mailings/_saved.html", draft=None, saved=problem.message)
    db.session.commit()
    url = url_for("mailing_console.edit", public_id=mailing.public_id)
    part = render_template("admin/mailings/_saved.html", draft=mailing, saved=saved_words(mailing))
    return part, {"HX-Replace-Url": url}


def kept(form: MailingForm, mailing: Mailing | None) -> Mailing:
    """The draft with the form as it stands; a new one at first. The caller commits.

    Raises Conflict for one that is registered, NotFound where no mail account exists.
    """
    account = _account(form)
    title = (form.title.data or "").strip()[:UNTITLED]
    subject = (form.subject.data or "").strip()
    if mailing is None:
        lang, _other = languages_for()
        mailing = write_draft(
            account, title=title, subject=subject, body_html="", ranges=(), lang=lang
        )
    keep_form(mailing, account, typed_in(form), title=title, subject=subject)
    return mailing


def typed_in(form: MailingForm) -> dict[str, list[str]]:
    """What was typed, field by field, right or wrong."""
    names = [name for name in form._fields if name in asked.form and name not in NOT_KEPT]
    return {name: asked.form.getlist(name) for name in names}


def draft_in(form: MailingForm) -> Mailing | None:
    """The draft that the page was kept as, if it was."""
    with suppress(ValueError):
        return mailing_known_as(uuid.UUID(form.draft.data or ""))
    return None


def saved_words(mailing: Mailing | None) -> str:
    """When it was kept, or that it will be."""
    if mailing is None or mailing.draft_form is None:
        return _("Kept as a draft while you write.")
    time = f"{mailing.updated_at.astimezone(zone()):%H:%M}"
    return _("Kept as a draft while you write. Saved at %(time)s.", time=time)


def _account(form: MailingForm) -> MailAccount:
    """The chosen account, or any: a draft has one, and the form says whether it was chosen."""
    for value, _label in form.account.choices:
        if value and form.account.data in (value, "", None):
            return db.session.get_one(MailAccount, int(value))
    raise NotFound(_("There is no mail account yet: nothing can be kept."))
