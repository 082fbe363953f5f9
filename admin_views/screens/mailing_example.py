"""A look at one message before anything is registered: by the renderer that makes all of them (S1-10)."""

import uuid
from typing import Any

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from admin_views.screens.mailing_choice import (
    choice_of,
    languages_of,
    one_mail_per_of,
    options_of,
    text_of,
)
from admin_views.screens.mailing_door import blueprint, require, the_mailing, trail
from admin_views.screens.mailing_form import MailingForm
from admin_views.screens.mailing_page import page_of
from admin_views.screens.mailing_proposal import (
    customers_of,
    languages_for,
    mailing_form,
)
from admin_views.screens.mailing_saved import draft_in, kept
from errors import Conflict, Invalid
from jobs.mailings import workshop
from mail.errors import MailError
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.mailing import Mailing
from services.mailings.example import Example, example_of
from services.mailings.summary import period_of
from services.mailings.unmade import unmade_words

# The message is somebody's HTML: no script, no form, nothing but its own styles and pictures.
MESSAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data: https:;"
    " frame-ancestors 'self'; sandbox"
)


@blueprint.post("/example")
def make_example() -> ResponseReturnValue:
    """Keep the form and show a message of it."""
    require("create")
    form = mailing_form()
    draft = draft_in(form)
    try:
        mailing = kept(form, draft)
    except Conflict as problem:
        db.session.rollback()
        if draft is None or request.headers.get("HX-Request") == "true":
            raise
        return page_of(form, mailing=draft, refused=problem), problem.status
    db.session.commit()
    return _page(mailing)


@blueprint.get("/<uuid:public_id>/example")
def example(public_id: uuid.UUID) -> ResponseReturnValue:
    """The same for another third party."""
    return _page(the_mailing(public_id, "create"))


@blueprint.get("/<uuid:public_id>/example/message")
def example_message(public_id: uuid.UUID) -> ResponseReturnValue:
    """Only the message, for the frame that shows it."""
    mailing = the_mailing(public_id, "create")
    try:
        shown = _example(mailing, mailing_form(mailing)).html
    except (Invalid, MailError):
        shown = ""
    answer = Response(shown, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = MESSAGE_POLICY
    return answer


def _page(mailing: Mailing) -> ResponseReturnValue:
    page = _("An example")
    form = mailing_form(mailing) if request.method != "POST" else mailing_form()
    trail((page, None))
    context: dict[str, Any] = {"example": None, "problem": None}
    try:
        context["example"] = _example(mailing, form)
    except Invalid as problem:
        context["problem"] = problem.message
    except MailError as problem:
        context["problem"] = unmade_words(problem)
    return render_template(
        "admin/mailings/example.html",
        dialog=request.headers.get("HX-Request") == "true",
        title=page,
        draft=mailing,
        form=form,
        return_url=url_for("mailing_console.edit", public_id=mailing.public_id),
        **context,
    )


def _example(mailing: Mailing, form: MailingForm) -> Example:
    """Of the form as it was kept; nothing of it is written to the mailing."""
    form.validate()
    asked = request.args.get("customer", "")
    lang, other = languages_for(mailing)
    languages = languages_of(form, lang, other) if form.needs_own_language.data else None
    choice = choice_of(form, customers_of(form).keys, languages=languages)
    try:
        options = options_of(form)
    except Invalid:
        options = {}
    period = period_of(choice.ranges)
    imagined = Mailing(
        number=mailing.number,
        title=form.title.data or "",
        account_id=mailing.account_id,
        one_mail_per=one_mail_per_of(form),
        period_start=period[0],
        period_end=period[1],
        **text_of(form, lang, other),
        **options,
    )
    return example_of(
        imagined,
        db.session.get_one(MailAccount, mailing.account_id),
        choice,
        base_url=workshop().base_url,
        customer_id=int(asked) if asked.isdecimal() and len(asked) < 19 else None,
    )
