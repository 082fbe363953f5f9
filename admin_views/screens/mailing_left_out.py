"""Who and what is left out of a mailing that is still being written, by name and with the cure (S1-07, S1-08)."""

from dataclasses import dataclass

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from admin_views.reader_formats import day, number
from admin_views.screens.mailing_choice import choice_of, languages_of
from admin_views.screens.mailing_door import blueprint, console_url, require, trail
from admin_views.screens.mailing_proposal import customers_of, languages_for, mailing_form
from admin_views.screens.mailing_range import gap_names
from admin_views.screens.mailing_saved import draft_in
from admin_views.screens.mailing_words import reason_words
from models.mailings.reason import ReasonCode
from services.mailings.address_book import customers_among
from services.mailings.audience import resolve
from services.mailings.document_ranges import gaps_in
from services.mailings.objections import Excluded
from services.mailings.range_counts import MOST_LISTED, LeftOutDocument, left_out_of


@dataclass(frozen=True)
class OutLine:
    """A document or a third party, and why it is left out."""

    name: str
    url: str
    detail: str
    reason: str


@blueprint.post("/new/left-out")
def left_out() -> ResponseReturnValue:
    """The lists: as a dialog with script, as a page without."""
    require("create")
    form = mailing_form()
    form.validate()
    mailing = draft_in(form)
    lang, other = languages_for(mailing)
    languages = languages_of(form, lang, other) if form.needs_own_language.data else None
    choice = choice_of(form, customers_of(form).keys, languages=languages)
    resolved = resolve(choice)
    parties = [each for each in resolved.exclusions if each.document_id is None]
    gaps = gap_names(gaps_in(choice.ranges)) if choice.ranges else []
    page = _("What is left out")
    trail((page, None))
    return render_template(
        "admin/mailings/left_out.html",
        dialog=request.headers.get("HX-Request") == "true",
        title=page,
        documents=[_document_line(each) for each in left_out_of(choice.ranges)],
        parties=_party_lines(parties[:MOST_LISTED]),
        more_parties=number(len(parties) - MOST_LISTED) if len(parties) > MOST_LISTED else None,
        gaps=gaps[:MOST_LISTED],
        return_url=console_url(mailing),
    )


def _document_line(each: LeftOutDocument) -> OutLine:
    is_taken = each.reason is ReasonCode.DOCUMENT_EXCLUDED
    return OutLine(
        name=each.label.rstrip("-") or _("Draft of %(day)s", day=day(each.issue_date)),
        url=url_for(f"{each.kind}.details_view", id=each.id),
        detail=f"{day(each.issue_date)} · {each.customer}",
        reason=_("Sent before") if is_taken else reason_words(each.reason),
    )


def _party_lines(parties: list[Excluded]) -> list[OutLine]:
    """Customers, or contacts of theirs, each with the page where one can put it right."""
    names = customers_among({each.customer_id for each in parties})
    lines = []
    for each in parties:
        customer = names.get(each.customer_id)
        url = url_for("customer.details_view", id=each.customer_id)
        if each.contact_id is not None:
            url = url_for("contact.details_view", id=each.contact_id)
        lines.append(
            OutLine(
                name=customer.name if customer else "—",
                url=url,
                detail=each.address or "",
                reason=reason_words(each.reason),
            )
        )
    return lines
