"""Try again what has failed: the question says how many and what stays as it is (X1-10)."""

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views.reader_formats import number
from admin_views.screens.mailing_door import allows, blueprint, console_url, the_mailing, trail
from admin_views.screens.mailing_words import emails_words, reason_words
from errors import Conflict, Forbidden
from jobs.mailings import deliver_due
from models.base import db
from models.mailings.mailing import Mailing
from models.mailings.mailing_state import MailingState
from models.tenancy import because
from services.mailings.recipient_counts import RecipientCounts
from services.mailings.recipient_views import Outcome
from services.mailings.retry import HELPED_BY_TRYING, retriable, retry_failed

NEVER = {MailingState.DRAFT, MailingState.CANCELLED}


@blueprint.get("/<uuid:public_id>/retry")
def retry(public_id: uuid.UUID) -> ResponseReturnValue:
    """The question: how many, for which reasons, and what is left to decide one by one."""
    mailing = the_mailing(public_id, "resolve")
    reasons = retriable(mailing.id)
    count = sum(reasons.values())
    title = _("Retry what failed in mailing no. %(number)s?", number=mailing.number)
    back = _list_url(mailing)
    trail(
        (_("No. %(number)s", number=mailing.number), console_url(mailing)),
        (_("List of recipients"), back),
        (_("Try again"), None),
    )
    return render_template(
        "admin/mailings/retry.html",
        dialog=request.headers.get("HX-Request") == "true",
        title=title,
        emails=emails_words(count),
        count=count,
        reasons=[(reason_words(reason), number(n)) for reason, n in reasons.items()],
        action_url=request.path,
        return_url=back,
    )


@blueprint.post("/<uuid:public_id>/retry")
def really_retry(public_id: uuid.UUID) -> ResponseReturnValue:
    mailing = the_mailing(public_id, "resolve")
    why = request.form.get("why", "").strip()[:500]
    if why:
        because(why)
    try:
        count = retry_failed(mailing)
    except (Conflict, Forbidden) as problem:
        db.session.rollback()
        flash(problem.message)
        return redirect(_list_url(mailing))
    db.session.commit()
    deliver_due.enqueue()
    flash(
        ngettext(
            "%(n)s message will be retried.", "%(n)s messages will be retried.", count, n=count
        )
    )
    return redirect(_list_url(mailing))


def retry_url(mailing: Mailing, counts: RecipientCounts) -> str | None:
    """Where the question is, if trying again may help anybody."""
    if not _has_failed(mailing, counts) or not _may_help(counts):
        return None
    return url_for("mailing_console.retry", public_id=mailing.public_id)


def no_retry_words(mailing: Mailing, counts: RecipientCounts) -> str | None:
    """Why there is nothing to try again although something has failed."""
    if not _has_failed(mailing, counts) or _may_help(counts):
        return None
    return _(
        "Trying again would change nothing: what has failed was refused for good. Open a line to correct the address,"
        " or to send it to another contact."
    )


def _has_failed(mailing: Mailing, counts: RecipientCounts) -> bool:
    """Whether somebody may decide what becomes of what has failed."""
    return bool(mailing.state not in NEVER and allows("resolve") and counts.views[Outcome.FAILED])


def _may_help(counts: RecipientCounts) -> bool:
    return any(counts.reasons[reason] for reason in HELPED_BY_TRYING)


def _list_url(mailing: Mailing) -> str:
    return url_for("mailing_console.recipients", public_id=mailing.public_id, show="failed")
