"""Register a mailing: the form, the summary at its side, and handing over to the worker that prepares it (S1-11)."""

import uuid
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask import request as asked
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from admin_views.reader_formats import amount, number
from admin_views.screens.mailing_door import (
    blueprint,
    console_url,
    keep_invoices_url,
    require,
    the_mailing,
    trail,
)
from admin_views.screens.mailing_form import MailingForm, audience_of, choice_of, range_of
from admin_views.screens.mailing_proposal import (
    customers_of,
    mailing_form,
    propose,
    tidy_numbers,
    use_template,
)
from admin_views.screens.mailing_words import period_words, reason_words
from jobs.mailings import register
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.mailing import Mailing, OneMailPer
from services.mailings.draft import change_draft, write_draft
from services.mailings.fields import FIELDS
from services.mailings.plain_text import as_html
from services.mailings.register import check_mailing
from services.mailings.registration import ask_to_register
from services.mailings.summary import Summary, period_of, summary_of

TEXT_FIELDS = {"title", "account", "template", "subject", "body", "csrf_token"}
PLACES = {"subject": "subject", "body_html": "body", "ranges": "series", "account_id": "account"}
REFUSED = 422


@blueprint.get("/new")
def new() -> ResponseReturnValue:
    """The form, with the view of the list of invoices as a proposal."""
    require("create")
    keep_invoices_url()
    form = mailing_form()
    propose(form)
    return _page(form)


@blueprint.post("/new")
def really_new() -> ResponseReturnValue:
    require("create")
    return _answer(mailing_form(), None)


@blueprint.get("/<uuid:public_id>/edit")
def edit(public_id: uuid.UUID) -> ResponseReturnValue:
    """A draft that could not be registered, to be corrected."""
    mailing = the_mailing(public_id, "create")
    return _page(mailing_form(mailing), mailing=mailing)


@blueprint.post("/<uuid:public_id>/edit")
def really_edit(public_id: uuid.UUID) -> ResponseReturnValue:
    mailing = the_mailing(public_id, "create")
    return _answer(mailing_form(mailing), mailing)


@blueprint.post("/new/summary")
def summary() -> ResponseReturnValue:
    """The numbers at the side of the form, as it is filled in now; writes nothing."""
    require("create")
    form = mailing_form()
    return render_template("admin/mailings/_summary.html", **_summary_of(form))


@blueprint.post("/new/text")
def text() -> ResponseReturnValue:
    """The fields of the message, filled from a saved text."""
    require("create")
    form = mailing_form()
    use_template(form)
    return render_template("admin/mailings/_text.html", form=form, fields=FIELDS)


def _answer(form: MailingForm, mailing: Mailing | None) -> ResponseReturnValue:
    """Register; or (without script) put a saved text in, or count."""
    if "use" in asked.form:
        use_template(form)
        return _page(form, mailing=mailing)
    if "calculate" in asked.form:
        return _page(form, mailing=mailing)
    written = _written(form, mailing)
    if written is None:
        return _page(form, mailing=mailing), REFUSED
    ask_to_register(written)
    db.session.commit()
    register.enqueue(written.id)
    flash(_("Mailing no. %(number)s is being prepared.", number=written.number))
    return redirect(console_url(written))


def _written(form: MailingForm, mailing: Mailing | None) -> Mailing | None:
    """The draft, or None with every error at its field."""
    is_good = form.validate()
    chosen = customers_of(form)
    tidy_numbers(form)
    if chosen.unknown:
        words = ", ".join(chosen.unknown[:10])
        _refuse(
            form, "customer_numbers", _("Nobody has these numbers: %(numbers)s.", numbers=words)
        )
        is_good = False
    if not is_good:
        return None
    if not summary_of(choice_of(form, chosen.keys)).messages:
        _refuse(
            form, "series", _("Nobody would get this mailing. See the summary for the reasons.")
        )
        return None
    draft = _draft(form, chosen.keys, mailing)
    problems = check_mailing(draft)
    for problem in problems:
        _refuse(form, PLACES.get(problem.field or "", "series"), problem.message)
    if problems:
        db.session.rollback()
    return None if problems else draft


def _draft(form: MailingForm, customers: list[int], mailing: Mailing | None) -> Mailing:
    ranges, audience = [range_of(form)], audience_of(form, customers)
    account = db.session.get_one(MailAccount, int(form.account.data))
    period = period_of(ranges)
    written: dict[str, Any] = {
        "title": (form.title.data or "").strip() or _title(form, period),
        "subject": form.subject.data,
        "body_html": as_html(form.body.data),
        "one_mail_per": OneMailPer(form.one_mail_per.data),
        "lang": str(get_locale()),
    }
    if mailing is None:
        return write_draft(account, ranges=ranges, audience=audience, period=period, **written)
    written |= {"account_id": account.id, "period_start": period[0], "period_end": period[1]}
    change_draft(mailing, written, ranges=ranges, audience=audience)
    return mailing


def _title(form: MailingForm, period: tuple[Any, Any]) -> str:
    """What the mailing is called if nobody says."""
    first, last = form.number_from.data, form.number_to.data
    if first and last:
        series = f"{form.series.data}-" if form.series.data else ""
        return _("%(first)s to %(last)s", first=f"{series}{first}", last=f"{series}{last}")
    return _("Invoices of %(period)s", period=period_words(*period))


def _refuse(form: MailingForm, name: str, sentence: str) -> None:
    field = form[name]
    field.errors = [*field.errors, sentence]


def _page(form: MailingForm, *, mailing: Mailing | None = None) -> str:
    page = (
        _("Correct mailing no. %(number)s", number=mailing.number)
        if mailing
        else _("Register mailing")
    )
    trail((page, None))
    customers_of(form)
    return render_template(
        "admin/mailings/form.html",
        title=page,
        subtitle=_(
            "Nothing leaves until you start it. First it is registered, checked and tested."
        ),
        form=form,
        fields=FIELDS,
        chosen_count=number(len(form.document_ids)) if form.document_ids else None,
        return_url=console_url(mailing),
        action_url=asked.path,
        lookup_url=url_for("invoice.ajax_lookup", name="customer"),
        counts=bool(form.has_limit),
        **_summary_of(form) if asked.method == "POST" else {"summary": None, "hint": None},
    )


def _summary_of(form: MailingForm) -> dict[str, Any]:
    """The numbers, or why there are none yet; errors of the text do not matter here."""
    errors = dict(form.errors)
    if asked.path.endswith("/summary") or "calculate" in asked.form:
        form.validate()
        errors = dict(form.errors)
        for field in form:
            field.errors = []
    wrong = [sentences[0] for name, sentences in errors.items() if name not in TEXT_FIELDS]
    if not form.has_limit or (wrong and asked.path.endswith("/summary")):
        hint = wrong[0] if wrong else _("Say which invoices, and you see here what would leave.")
        return {"summary": None, "hint": hint}
    counted = summary_of(choice_of(form, customers_of(form).keys))
    return {"summary": counted, "hint": None, **_words(counted)}


def _words(counted: Summary) -> dict[str, Any]:
    """The summary in the reader's notation."""
    return {
        "figures": [
            (_("Invoices"), number(counted.documents)),
            (_("Third parties"), number(counted.customers)),
            (_("E-mails"), number(counted.messages)),
        ],
        "totals": [
            (amount(total, currency), currency) for currency, total in counted.totals.items()
        ],
        "excluded": [(reason_words(reason), number(n)) for reason, n in counted.excluded.items()],
        "missing": number(counted.missing) if counted.missing else None,
        "gaps": [
            f"{gap.first}" if gap.count == 1 else f"{gap.first}–{gap.last}" for gap in counted.gaps
        ][:8],
        "others": [(name or "—", number(n)) for name, n in sorted(counted.other_series.items())],
        "sent_before": number(counted.sent_before) if counted.sent_before else None,
    }
