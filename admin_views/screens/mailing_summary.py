"""The numbers at the side of the form, as it is filled in now; writes nothing (S1-07, S1-08)."""

from collections import Counter
from datetime import timedelta
from typing import Any

from flask import render_template
from flask import request as asked
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views.reader_formats import amount, number
from admin_views.screens.mailing_checks import checks_of
from admin_views.screens.mailing_choice import (
    attach_mode_of,
    choice_of,
    languages_of,
    moment_of,
)
from admin_views.screens.mailing_door import blueprint, require
from admin_views.screens.mailing_forecast import forecast_words
from admin_views.screens.mailing_form import MailingForm
from admin_views.screens.mailing_proposal import customers_of, languages_for, mailing_form
from admin_views.screens.mailing_range import range_words
from admin_views.screens.mailing_saved import draft_in
from admin_views.screens.mailing_words import size_words
from errors import Invalid
from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.mailings.mailing import AttachMode, Mailing
from models.sales.document_file import DocumentFileKind
from models.sales.document_state import DocumentKind
from services.mailbox.server_limits import largest_message_of
from services.mailings.account_load import load_of
from services.mailings.audience_counts import AudienceCounts, audience_counts
from services.mailings.forecast import forecast
from services.mailings.message import LARGEST_MESSAGE
from services.mailings.message_size import Sizes, sizes_of
from services.mailings.summary import Summary, summary_of

RANGES = (
    *("series", "number_from", "number_to", "date_from", "date_to"),
    *("credit_series", "credit_from", "credit_to", "credit_date_from", "credit_date_to"),
    *("statement_series", "statement_from", "statement_to"),
    *("statement_date_from", "statement_date_to"),
)
# What is wrong with these keeps one from counting; all else only from registering.
COUNTED = {*RANGES, "groups", "customers", "customer_numbers", "roles", "people"}
LETTER_BYTES = 4_000  # headers and what stands around the text


@blueprint.post("/new/summary")
def summary() -> ResponseReturnValue:
    """The part at the side, and beside it the sentences that stand in the form."""
    require("create")
    form = mailing_form()
    form.validate()
    return render_template(
        "admin/mailings/_summary.html", is_part=True, form=form, **side_of(form, draft_in(form))
    )


def side_of(form: MailingForm, mailing: Mailing | None) -> dict[str, Any]:
    """The numbers, or why there are none yet; the form was validated before, if it was refused."""
    is_count = asked.path.endswith("/summary") or "calculate" in asked.form
    if is_count and not asked.path.endswith("/summary"):
        form.validate()
    wrong = {name: str(form[name].errors[0]) for name in form.errors if name in COUNTED}
    if is_count:
        for field in form:
            field.errors = []
    if not form.has_limit or wrong:
        usual = _("Say which invoices, and see here what would leave.")
        if not form.has_limit:
            return {"summary": None, "hint": usual}
        ranges = {name: wrong[name] for name in RANGES if name in wrong}
        return {"summary": None, "hint": next(iter(wrong.values())), "wrong": ranges}
    lang, other = languages_for(mailing)
    languages = languages_of(form, lang, other)
    strict = bool(form.needs_own_language.data)
    keys = customers_of(form).keys
    choice = choice_of(form, keys, languages=languages if strict else None)
    counted = summary_of(choice)
    account = _account(form)
    sizes = _sizes(form, counted, account)
    reach = audience_counts(choice.ranges, choice.audience)
    return {
        "summary": counted,
        "hint": None,
        "found": range_words(choice.ranges),
        "reach": _reach_words(reach),
        "figures": _figures(counted),
        "totals": [
            (amount(total, currency), currency) for currency, total in counted.totals.items()
        ],
        "size": _size_words(sizes) if counted.messages else "",
        "files": _file_words(sizes, len(counted.documents)),
        "forecast": _forecast(form, account, len(counted.messages)) if account else (),
        "checks": checks_of(form, counted, sizes, account, languages=languages, lang=lang),
        "bar": _bar(counted),
    }


def _account(form: MailingForm) -> MailAccount | None:
    values = [value for value, _label in form.account.choices if value]
    if form.account.data not in values:
        return None
    return db.session.get(MailAccount, int(form.account.data))


def _sizes(form: MailingForm, counted: Summary, account: MailAccount | None) -> Sizes:
    text = len(form.body.data or "") * 2 + LETTER_BYTES
    return sizes_of(
        counted.messages,
        form.files.data or [],
        largest_allowed=largest_message_of(account, LARGEST_MESSAGE)
        if account
        else LARGEST_MESSAGE,
        text_bytes=text,
        is_attached=attach_mode_of(form) is not AttachMode.LINK,
    )


def _figures(counted: Summary) -> list[tuple[str, str]]:
    kinds = Counter(document.kind for document in counted.documents)
    figures = [
        (label, number(kinds[kind]))
        for kind, label in (
            (DocumentKind.INVOICE, _("Invoices")),
            (DocumentKind.CREDIT_NOTE, _("Credit notes")),
            (DocumentKind.STATEMENT, _("Statements of account")),
        )
        if kinds[kind]
    ]
    return [
        *(figures or [(_("Invoices"), number(0))]),
        (_("Third parties"), number(counted.customers)),
        (_("E-mails"), number(len(counted.messages))),
    ]


def _size_words(sizes: Sizes) -> str:
    return _(
        "%(total)s · at most %(largest)s",
        total=size_words(sizes.total),
        largest=size_words(sizes.largest),
    )


def _file_words(sizes: Sizes, documents: int) -> dict[str, str]:
    """What stands under each kind of file."""
    words = {
        "pdf": str(
            ngettext(
                "%(n)s file, %(size)s on average",
                "%(n)s files, %(size)s on average",
                documents,
                n=number(documents),
                size=size_words(sizes.average_pdf),
            )
        )
    }
    for kind in (DocumentFileKind.XML.value, DocumentFileKind.ANNEX.value):
        missing = sizes.lacking(kind)
        if not documents or not missing:
            words[kind] = _("Every document has one") if documents else ""
        elif missing == documents:
            words[kind] = _("No document has one")
        else:
            words[kind] = str(
                ngettext(
                    "Missing for %(n)s document: it goes without",
                    "Missing for %(n)s documents: they go without",
                    missing,
                    n=number(missing),
                )
            )
    return words


def _reach_words(reach: AudienceCounts) -> dict[str, str]:
    """How many each card of a choice would reach, by the card's name."""

    def words(count: int) -> str:
        return str(ngettext("%(n)s third party", "%(n)s third parties", count, n=number(count)))

    billing = reach.roles.get("billing", 0)
    return {
        "who-all": words(reach.customers),
        "contacts-all": str(
            ngettext(
                "%(n)s third party has one; else the primary one",
                "%(n)s third parties have one; else the primary one",
                billing,
                n=number(billing),
            )
        ),
        "contacts-primary": words(reach.primary),
        "contacts-everybody": words(reach.with_contact),
        **{f"groups-{key}": number(count) for key, count in reach.groups.items()},
        **{f"roles-{role}": number(count) for role, count in reach.roles.items()},
    }


def _forecast(form: MailingForm, account: MailAccount, count: int) -> list[tuple[str, str, str]]:
    begins_in = 0.0
    try:
        moment = moment_of(form)
    except Invalid:
        moment = None
    if moment is not None:
        begins_in = (moment.at - utc_now()) / timedelta(seconds=1)
    seen = forecast(count, load_of(account), begins_in=max(begins_in, 0.0))
    return forecast_words(seen, is_scheduled=moment is not None) if count else []


def _bar(counted: Summary) -> tuple[str, str]:
    """The two figures of the bar on a phone."""
    documents, messages = len(counted.documents), len(counted.messages)
    return (
        str(ngettext("%(n)s document", "%(n)s documents", documents, n=number(documents))),
        str(ngettext("%(n)s e-mail", "%(n)s e-mails", messages, n=number(messages))),
    )
