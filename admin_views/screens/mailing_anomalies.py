"""What looks odd, in sentences, each with its cure; and that somebody found it in order (N-03)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from admin_views.identity import current_staff
from admin_views.next_page import is_inside
from admin_views.reader_formats import ago
from admin_views.screens.mailing_anomaly_words import ICONS, WORDS
from admin_views.screens.mailing_door import allows, blueprint, the_mailing
from admin_views.screens.mailing_gallery_place import gallery_url
from models.base import db
from models.mailings.anomaly import AnomalyKind
from models.mailings.mailing import Mailing
from services.mailings.review import AnomalyInReview, dismiss, reopen

_K = AnomalyKind


@dataclass(frozen=True)
class AnomalyLine:
    """An anomaly as a person reads it."""

    key: int
    icon: str
    tone: str
    title: str
    text: str
    cure: tuple[str, str] | None  # words and address
    url: str | None  # where "it is fine" posts; none for who may not say so
    dismissed: str | None  # who found it in order, and when


@blueprint.post("/<uuid:public_id>/anomalies/<int:anomaly_id>")
def anomaly(public_id: uuid.UUID, anomaly_id: int) -> ResponseReturnValue:
    """*It is fine*, or (`again`) not after all; then back to where it was read."""
    mailing = the_mailing(public_id, "create")
    (reopen if "again" in request.form else dismiss)(mailing, anomaly_id)
    db.session.commit()
    back = request.form.get("back", "")
    return redirect(back if is_inside(back) else gallery_url(mailing, is_review=True))


def anomaly_lines(mailing: Mailing, anomalies: Sequence[AnomalyInReview]) -> list[AnomalyLine]:
    """Those that wait first."""
    return [_line(mailing, each) for each in anomalies]


def _line(mailing: Mailing, found: AnomalyInReview) -> AnomalyLine:
    anomaly = found.anomaly
    title, text = WORDS[anomaly.kind](anomaly.detail)
    url = url_for("mailing_console.anomaly", public_id=mailing.public_id, anomaly_id=anomaly.id)
    dismissed = None
    if anomaly.dismissed_at is not None:
        name = found.dismissed_by or _("the system")
        dismissed = _(
            "Marked as fine by %(name)s, %(time)s", name=name, time=ago(anomaly.dismissed_at)
        )
    return AnomalyLine(
        key=anomaly.id,
        icon=ICONS[anomaly.kind],
        tone="bad" if anomaly.kind is _K.NO_ADDRESS else "warn",
        title=title,
        text=text,
        cure=_cure(found),
        url=url if allows("create") else None,
        dismissed=dismissed,
    )


def _cure(found: AnomalyInReview) -> tuple[str, str] | None:
    """A page where it can be put right, or looked into; none that the role may not open."""
    anomaly, rights = found.anomaly, current_staff().rights
    if anomaly.kind is _K.SENT_BEFORE:
        words = _("Open mailing no. %(number)s", number=anomaly.detail["number"])
        return words, url_for("mailing_console.console", mailing=anomaly.detail["mailing"])
    if found.document_key is not None:
        if not rights.allows("document", "view"):
            return None
        url = url_for("document_address.document", public_id=found.document_key)
        return _("Open the document"), url
    if anomaly.customer_id is None or not rights.allows("customer", "edit"):
        return None
    words = {_K.NO_ADDRESS: _("Add an address"), _K.BOUNCED_BEFORE: _("Correct the address")}
    url = url_for("customer.edit_view", id=anomaly.customer_id)
    return words.get(anomaly.kind, _("Open the customer")), url
