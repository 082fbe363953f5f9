"""The invoices of a mailing, each with those who get it, and the very PDF that is attached (S1-13)."""

import uuid
from typing import Any

from flask import Response, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from admin_views.reader_formats import amount, day, number
from admin_views.screens.mailing_door import blueprint, console_url, the_mailing, trail
from admin_views.screens.mailing_revision import revision_words
from admin_views.screens.mailing_words import (
    count_words,
    customers_words,
    kinds_of,
    name_words,
    period_words,
    size_words,
)
from admin_views.state_badges import state_badge
from admin_views.stored_files import disposition
from jobs.mailings import workshop
from models.mailings.mailing import Mailing
from services.mailings.mailing_documents import DocumentPage, documents_of, file_of, sums_of
from services.mailings.progress import extent_of


@blueprint.get("/<uuid:public_id>/invoices")
def documents(public_id: uuid.UUID) -> ResponseReturnValue:
    """The period, the sums, and the table."""
    mailing = the_mailing(public_id)
    page = documents_of(mailing, after=request.args.get("after"), before=request.args.get("before"))
    extent = extent_of(mailing)
    title = _("Invoices of the mailing")
    trail((_("No. %(number)s", number=mailing.number), console_url(mailing)), (title, None))
    facts = (
        _("Period: %(period)s", period=period_words(mailing.period_start, mailing.period_end)),
        count_words(kinds_of(mailing), extent.documents),
        customers_words(extent.customers),
        size_words(extent.size_bytes),
    )
    return render_template(
        "admin/mailings/invoices.html",
        title=title,
        subtitle=" · ".join((name_words(mailing), *facts)),
        mailing=mailing,
        rows=[
            {
                "document": row,
                "url": url_for(
                    "mailing_console.gallery", public_id=mailing.public_id, document=row.id
                ),
                "day": day(row.issue_date),
                "total": amount(row.total, row.currency),
                "badge": state_badge(row.state),
            }
            for row in page.rows
        ],
        sums=[
            (
                count_words([each.kind], each.count),
                amount(each.total, each.currency),
                each.currency,
            )
            for each in sums_of(mailing)
        ],
        pager=_pager(mailing, page, extent.documents),
        revision=revision_words(mailing),
        return_url=console_url(mailing),
    )


@blueprint.get("/<uuid:public_id>/invoices/<int:document_id>.pdf")
def pdf(public_id: uuid.UUID, document_id: int) -> ResponseReturnValue:
    """The PDF as it was frozen."""
    mailing = the_mailing(public_id)
    sha256, name = file_of(mailing, document_id) or abort(404)
    answer = Response(workshop().store.read(sha256), mimetype="application/pdf")
    answer.headers["Content-Disposition"] = disposition("inline", name)
    return answer


def _pager(mailing: Mailing, page: DocumentPage, count: int) -> dict[str, Any] | None:
    if page.before is None and page.after is None:
        return None

    def url(**place: Any) -> str:
        return url_for("mailing_console.documents", public_id=mailing.public_id, **place)

    return {
        "text": _(
            "%(n)s of %(total)s",
            n=number(len(page.rows)),
            total=count_words(kinds_of(mailing), count),
        ),
        "first": url() if page.before else None,
        "previous": url(before=page.before) if page.before else None,
        "next": url(after=page.after) if page.after else None,
        "last": None,
    }
