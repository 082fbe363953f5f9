"""A mailing that is being written is kept every few seconds, as it stands, right or wrong."""

import uuid
from contextlib import suppress
from typing import Any

from flask import render_template, url_for
from flask import request as asked
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from admin_views.identity import current_staff
from admin_views.reader_formats import moment, zone
from admin_views.screens.mailing_door import blueprint, require
from admin_views.screens.mailing_form import MailingForm
from admin_views.screens.mailing_proposal import languages_for, mailing_form
from errors import AppError, NotFound
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from services.mailbox.senders import NotTheirAccount
from services.mailings.draft import begun_on, keep_form, write_draft
from services.mailings.draft_pen import DraftChanged, Writing, made_by, version_of
from services.mailings.mailing_list import mailing_known_as, name_of_person

NOT_KEPT = {"csrf_token", "draft", "page", "draft_version"}
UNTITLED = 120
LONGEST_NAME = 40


@blueprint.post("/draft")
def keep() -> ResponseReturnValue:
    """Keep the form; answers with the time, and with the address at which it can be found again."""
    require("create")
    form = mailing_form()
    draft = draft_in(form)
    try:
        mailing = kept(form, draft)
    except AppError as problem:
        db.session.rollback()
        return render_template(
            "admin/mailings/_saved.html",
            draft=draft,
            version=form.draft_version.data,
            saved=_("Not saved: %(problem)s", problem=problem.message),
            is_part=True,
            changed=changed_words(problem, draft),
        )
    db.session.commit()
    url = url_for("mailing_console.edit", public_id=mailing.public_id)
    part = render_template(
        "admin/mailings/_saved.html",
        draft=mailing,
        version=version_of(mailing),
        saved=saved_words(mailing),
        is_part=True,
        changed=None,
    )
    return part, {"HX-Replace-Url": url}


def kept(form: MailingForm, mailing: Mailing | None) -> Mailing:
    """The draft with the form as it stands; a new one at first, one for each page. The caller commits.

    Raises Conflict for one that is registered, DraftChanged for one that somebody else has saved since, NotFound where
    no mail account can be chosen, NotTheirAccount for one as which this person may not send.
    """
    account = _account(form)
    title = (form.title.data or "").strip()[:UNTITLED]
    subject = (form.subject.data or "").strip()
    writing = writing_in(form)
    mailing = mailing or begun_on(writing.page)
    if mailing is None:
        lang, _other = languages_for()
        mailing = write_draft(
            account,
            title=title,
            subject=subject,
            body_html="",
            ranges=(),
            lang=lang,
            page=writing.page,
        )
    keep_form(mailing, account, typed_in(form), writing, title=title, subject=subject)
    return mailing


def writing_in(form: MailingForm) -> Writing:
    """The page that saves, and what it has seen; `over` is what its reader has been shown and wants to replace."""
    seen = asked.form.get("over") or form.draft_version.data or ""
    version = int(seen) if seen.isdecimal() and len(seen) < 10 else 0
    return Writing(page=(form.page.data or "")[:LONGEST_NAME], version=version)


def typed_in(form: MailingForm) -> dict[str, list[str]]:
    """What was typed, field by field, right or wrong."""
    names = [name for name in form._fields if name in asked.form and name not in NOT_KEPT]
    return {name: asked.form.getlist(name) for name in names}


def draft_in(form: MailingForm) -> Mailing | None:
    """The draft that the page was kept as, if it was; the page may not have heard of it yet."""
    with suppress(ValueError):
        return mailing_known_as(uuid.UUID(form.draft.data or ""))
    return made_by(writing_in(form).page)


def is_in_hand(form: MailingForm, mailing: Mailing) -> bool:
    """Whether it is registered, or being registered, with just these words."""
    is_fixed = mailing.is_being_registered or mailing.state is not MailingState.DRAFT
    return is_fixed and mailing.draft_form == typed_in(form)


def saved_words(mailing: Mailing | None) -> str:
    """When it was kept, or that it will be."""
    if mailing is None or mailing.draft_form is None:
        return _("Kept as a draft while you write.")
    time = f"{mailing.updated_at.astimezone(zone()):%H:%M}"
    return _("Kept as a draft while you write. Saved at %(time)s.", time=time)


def changed_words(problem: AppError, mailing: Mailing | None) -> dict[str, Any] | None:
    """Who has saved it meanwhile and when, and what one can do about it."""
    if not isinstance(problem, DraftChanged) or mailing is None:
        return None
    time = moment(problem.at)
    if problem.by_id == current_staff().user.id:
        sentence = _("You saved this draft in another window (%(time)s).", time=time)
    else:
        name = name_of_person(problem.by_id) or _("Somebody else")
        sentence = _(
            "%(name)s saved this draft after you had opened it (%(time)s).", name=name, time=time
        )
    return {
        "sentence": sentence,
        "version": problem.version,
        "url": url_for("mailing_console.edit", public_id=mailing.public_id),
    }


def _account(form: MailingForm) -> MailAccount:
    """The chosen account, or any: a draft has one, and the form says whether it was chosen.

    Raises NotTheirAccount for one as which this person may not send, NotFound where there is none.
    """
    if form.account.refusal:
        raise NotTheirAccount(form.account.refusal)
    for value, _label in form.account.choices:
        if value and form.account.data in (value, "", None):
            return db.session.get_one(MailAccount, int(value))
    raise NotFound(_("There is no mail account that you may send from yet: nothing can be kept."))
