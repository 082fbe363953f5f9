"""Register a mailing: the form, and handing over to the worker that prepares it (S1-11)."""

import uuid
from typing import Any

from flask import flash, jsonify, redirect, render_template
from flask import request as asked
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from admin_views.screens.mailing_choice import (
    audience_of,
    check_moment,
    choice_of,
    languages_of,
    options_of,
    ranges_of,
    text_of,
)
from admin_views.screens.mailing_door import (
    blueprint,
    console_url,
    keep_invoices_url,
    require,
    the_mailing,
)
from admin_views.screens.mailing_form import MailingForm
from admin_views.screens.mailing_page import page_of, text_words
from admin_views.screens.mailing_proposal import (
    customers_of,
    languages_for,
    mailing_form,
    propose,
    tidy_numbers,
    use_period,
)
from admin_views.screens.mailing_saved import draft_in, is_in_hand, kept, typed_in, writing_in
from admin_views.screens.mailing_texts import keep_template, use_template
from admin_views.screens.mailing_words import period_words
from errors import Conflict, Forbidden
from jobs.mailings import register
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.mailing import Mailing, OneMailPer
from models.people.contact import Contact
from services.mailings.audience import resolve
from services.mailings.draft import begun_on, change_draft, write_draft
from services.mailings.message import text_problems
from services.mailings.register import check_mailing
from services.mailings.registration import ask_to_register
from services.mailings.summary import period_of

PLACES = {
    "subject": "subject",
    "body_html": "body",
    "ranges": "series",
    "account_id": "account",
    "variants.subject": "variant_subject",
    "variants.body_html": "variant_body",
}
# Who would get it can be told although something is wrong with these.
BESIDE_THE_CHOICE = {
    *("title", "account", "reply_to", "subject", "body", "variant_subject", "variant_body"),
    *("template_name", "day", "time", "zone"),
}
REFUSED = 422
MOST_FOUND = 20


@blueprint.get("/new")
def new() -> ResponseReturnValue:
    """The form, with the view of the list of invoices as a proposal."""
    require("create")
    keep_invoices_url()
    form = mailing_form()
    propose(form)
    return page_of(form)


@blueprint.post("/new")
def really_new() -> ResponseReturnValue:
    require("create")
    form = mailing_form()
    return _answer(form, draft_in(form))


@blueprint.get("/<uuid:public_id>/edit")
def edit(public_id: uuid.UUID) -> ResponseReturnValue:
    """A draft: to go on writing, or to correct what could not be registered."""
    mailing = the_mailing(public_id, "create")
    return page_of(mailing_form(mailing), mailing=mailing)


@blueprint.post("/<uuid:public_id>/edit")
def really_edit(public_id: uuid.UUID) -> ResponseReturnValue:
    mailing = the_mailing(public_id, "create")
    return _answer(mailing_form(mailing), mailing)


@blueprint.post("/new/text")
def text() -> ResponseReturnValue:
    """The fields of the message, filled from a saved text."""
    require("create")
    form = mailing_form()
    use_template(form, *languages_for(draft_in(form)))
    words = text_words(draft_in(form))
    return render_template("admin/mailings/_text.html", form=form, **words)


@blueprint.get("/new/people")
def people() -> ResponseReturnValue:
    """Contacts by name, for the look-up."""
    require("create")
    typed = asked.args.get("query", "").strip()[:100]
    query = select(Contact.id, Contact.name).where(Contact.is_active)
    for word in typed.split():
        query = query.where(Contact.name.icontains(word, autoescape=True))
    found = db.session.execute(query.order_by(Contact.name, Contact.id).limit(MOST_FOUND))
    return jsonify([[key, name] for key, name in found])


def _answer(form: MailingForm, mailing: Mailing | None) -> ResponseReturnValue:
    """Register; or (without script) put a saved text or a period in, count, keep."""
    if "use" in asked.form:
        use_template(form, *languages_for(mailing))
        return page_of(form, mailing=mailing)
    if "period" in asked.form:
        use_period(form, asked.form["period"])
        return page_of(form, mailing=mailing)
    if "calculate" in asked.form:
        return page_of(form, mailing=mailing)
    if "keep_text" in asked.form:
        is_kept = keep_template(form, *languages_for(mailing))
        return page_of(form, mailing=mailing), 200 if is_kept else REFUSED
    try:
        if "save" in asked.form or "over" in asked.form:
            draft = kept(form, mailing)
            db.session.commit()
            flash(_("Draft no. %(number)s is saved.", number=draft.number))
            return redirect(console_url(draft))
        written = _written(form, mailing)
    except (Conflict, Forbidden) as problem:
        db.session.rollback()  # what was typed stays in the form
        mailing = mailing or draft_in(form)
        if mailing is not None and is_in_hand(form, mailing):
            flash(
                _("This page has already registered mailing no. %(number)s.", number=mailing.number)
            )
            return redirect(console_url(mailing))
        return page_of(form, mailing=mailing, refused=problem), problem.status
    if written is None:
        return page_of(form, mailing=mailing), REFUSED
    db.session.commit()
    register.enqueue(written.id)
    flash(_("Mailing no. %(number)s is being prepared.", number=written.number))
    return redirect(console_url(written))


def _written(form: MailingForm, mailing: Mailing | None) -> Mailing | None:
    """The draft, asked to be registered; or None with every error at its field, all of them at once."""
    lang, other = languages_for(mailing)
    form.validate()
    check_moment(form)
    tidy_numbers(form)
    _check_texts(form, lang, other)
    chosen = customers_of(form)
    if chosen.unknown:
        words = ", ".join(chosen.unknown[:10])
        refuse(
            form,
            "customer_numbers",
            _("No customer has these numbers: %(numbers)s.", numbers=words),
        )
    if form.errors.keys() <= BESIDE_THE_CHOICE:
        languages = languages_of(form, lang, other) if form.needs_own_language.data else None
        if not resolve(choice_of(form, chosen.keys, languages=languages)).messages:
            refuse(
                form, "series", _("Nobody would get this mailing. See the summary for the reasons.")
            )
    if form.errors:
        return None
    draft = _draft(form, chosen.keys, mailing, (lang, other))
    problems = check_mailing(draft)
    for problem in problems:
        refuse(form, PLACES.get(problem.field or "", "series"), problem.message)
    if problems:
        db.session.rollback()
        return None
    ask_to_register(draft)
    return draft


def _check_texts(form: MailingForm, lang: str, other: str) -> None:
    """Put what cannot be filled in at its field; a text that is missing is refused already."""
    text = text_of(form, lang, other)
    texts = [("", text)] + [("variants.", variant) for variant in text["variants"].values()]
    for place, words in texts:
        for problem in text_problems(words["subject"], words["body_html"]):
            refuse(form, PLACES[f"{place}{problem.field}"], problem.message)


def _draft(
    form: MailingForm, customers: list[int], mailing: Mailing | None, languages: tuple[str, str]
) -> Mailing:
    ranges, audience = ranges_of(form), audience_of(form, customers)
    account = db.session.get_one(MailAccount, int(form.account.data))
    period = period_of(ranges)
    words: dict[str, Any] = {
        "title": (form.title.data or "").strip() or _title(form, period),
        "one_mail_per": OneMailPer(form.one_mail_per.data),
        **text_of(form, *languages),
    }
    writing = writing_in(form)
    mailing = mailing or begun_on(writing.page)
    if mailing is None:
        mailing = write_draft(
            account,
            ranges=ranges,
            audience=audience,
            period=period,
            page=writing.page,
            **words,
            **options_of(form),
        )
    else:
        words |= {"account_id": account.id, "period_start": period[0], "period_end": period[1]}
        change_draft(
            *(mailing, words | options_of(form)),
            ranges=ranges,
            audience=audience,
            writing=writing,
        )
    mailing.draft_form = typed_in(form)
    return mailing


def _title(form: MailingForm, period: tuple[Any, Any]) -> str:
    """What the mailing is called if nobody says."""
    first, last = form.number_from.data, form.number_to.data
    if first and last:
        series = f"{form.series.data}-" if form.series.data else ""
        return _("%(first)s to %(last)s", first=f"{series}{first}", last=f"{series}{last}")
    words = period_words(*period)
    if form.has_statements and not form.has_invoices:
        return _("Statements of account of %(period)s", period=words)
    return _("Invoices of %(period)s", period=words)


def refuse(form: MailingForm, name: str, sentence: str) -> None:
    field = form[name]
    field.errors = [*field.errors, sentence]
