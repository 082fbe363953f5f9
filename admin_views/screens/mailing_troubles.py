"""Why messages of a mailing did not arrive, counted, and the part of its list that shows them."""

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from admin_views.reader_formats import number
from admin_views.screens.mailing_words import reason_words
from models.mailings.delivery import DeliveryStatus
from models.mailings.mailing import Mailing
from services.mailings.progress import Progress, Trouble
from services.mailings.recipient_views import Outcome

TONES = {
    DeliveryStatus.SENT: "warn",  # it reached somebody, or the first server
    DeliveryStatus.FAILED: "bad",
    DeliveryStatus.UNCONFIRMED: "doubt",
}


@dataclass(frozen=True)
class Bar:
    """How many for one reason."""

    label: str
    percent: float
    text: str
    tone: str
    url: str


def lines_url(mailing: Mailing, outcome: Outcome, reason: str | None = None) -> str:
    """The list of those it became this of."""
    return url_for(
        "mailing_console.recipients",
        public_id=mailing.public_id,
        show=outcome.value,
        reason=reason,
    )


def bars_of(mailing: Mailing, progress: Progress) -> list[Bar]:
    """The most frequent reasons, each with the list of its messages."""
    most = max((trouble.count for trouble in progress.troubles), default=1)
    return [
        Bar(
            label=_trouble_words(trouble),
            percent=100 * trouble.count / most,
            text=number(trouble.count),
            tone=TONES[trouble.state],
            url=lines_url(mailing, _view_of(trouble), trouble.reason.value),
        )
        for trouble in progress.troubles[:6]
    ]


def _view_of(trouble: Trouble) -> Outcome:
    return Outcome.CAME_BACK if trouble.came_back else Outcome(trouble.state.value)


def _trouble_words(trouble: Trouble) -> str:
    """The reason; that it came back later, or, of a message to several, that the others have it."""
    reason = reason_words(trouble.reason)
    if trouble.came_back:
        return _("%(reason)s, bounced later", reason=reason)
    if trouble.state is DeliveryStatus.SENT:
        return _("%(reason)s, the others got it", reason=reason)
    return reason
