"""The page on which a mailing is written."""

from typing import Any

from flask import render_template, url_for
from flask import request as asked
from flask_babel import get_locale
from flask_babel import gettext as _

from admin_views.reader_formats import day, number
from admin_views.screens.mailing_door import console_url, trail
from admin_views.screens.mailing_form import MailingForm
from admin_views.screens.mailing_proposal import (
    customers_of,
    languages_for,
    name_people,
    periods,
)
from admin_views.screens.mailing_saved import changed_words, saved_words
from admin_views.screens.mailing_summary import side_of
from admin_views.screens.mailing_texts import may_keep
from admin_views.screens.mailing_view import ListView, view_called
from errors import AppError
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.sales.document import Document, Invoice
from models.sales.statement import Statement
from services.mailings.fields import FIELDS


def page_of(
    form: MailingForm, *, mailing: Mailing | None = None, refused: AppError | None = None
) -> str:
    """The whole page; with the numbers at its side once something was sent, and with what was `refused` as it was typed."""
    page = _title(mailing)
    trail((page, None))
    customers_of(form)
    name_people(form)
    return render_template(
        "admin/mailings/form.html",
        title=page,
        subtitle=_(
            "Nothing leaves until you start it. First it is registered, checked and tested."
        ),
        form=form,
        **text_words(mailing),
        **_proposal_words(form),
        periods=[
            (key, label, first.isoformat(), last.isoformat(), f"{day(first)} – {day(last)}")
            for key, label, first, last in periods()
        ],
        return_url=console_url(mailing),
        action_url=asked.path if asked.method == "GET" or mailing else url_for(".new"),
        lookup_url=url_for("invoice.ajax_lookup", name="customer"),
        people_url=url_for("mailing_console.people"),
        counts=bool(form.has_limit),
        saved=saved_words(mailing),
        draft=mailing,
        version=form.draft_version.data,
        changed=changed_words(refused, mailing) if refused else None,
        refused=refused.message if refused else None,
        **side_of(form, mailing) if asked.method == "POST" else {"summary": None, "hint": None},
    )


def _title(mailing: Mailing | None) -> str:
    """What is written; somebody may have registered it meanwhile."""
    if mailing is None:
        return _("Register mailing")
    if mailing.state is MailingState.DRAFT and not mailing.is_being_registered:
        return _("Draft no. %(number)s", number=mailing.number)
    return _("Mailing no. %(number)s", number=mailing.number)


def text_words(mailing: Mailing | None) -> dict[str, Any]:
    """What the fields of the message need: the languages, and the data that may stand in a text."""
    locale = get_locale()
    lang, other = languages_for(mailing)
    names = {code: locale.languages.get(code, code) for code in (lang, other)}
    return {
        "fields": FIELDS,
        "text_lang": lang,
        "variant_lang": other,
        "language_names": names,
        "may_keep": may_keep(),
    }


def _proposal_words(form: MailingForm) -> dict[str, Any]:
    """What was brought along from the list of invoices, or from that of statements."""
    chosen, view = _brought(form.document_ids, form.view, Invoice)
    statements, statement_view = _brought(form.statement_ids, form.statement_view, Statement)
    return {
        "chosen_count": chosen,
        "view": view,
        "statement_count": statements,
        "statement_view": statement_view,
    }


def _brought(
    keys: list[int], field: Any, model: type[Document]
) -> tuple[str | None, ListView | None]:
    """How many, and the view if it is one."""
    if keys:
        return number(len(keys)), None
    if not field.data:
        return None, None
    view = view_called(field.data, model)
    return number(view.count), view
