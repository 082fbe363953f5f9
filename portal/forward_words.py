"""What became of the documents that a customer passed on, as the document's page says it."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from models.mailings.delivery import DeliveryStatus
from models.sales.document import Document
from portal.comment_thread import shown_moment
from portal.document_words import StateWord
from services.portal.forwards import ForwardState, forwards_of

WAITS = StateWord(_l("On its way"), "clock")
SENT = StateWord(_l("Sent"), "send", "ok")
FAILED = StateWord(_l("Not sent"), "mail-x", "bad")
WORDS = {
    DeliveryStatus.SENT: SENT,
    DeliveryStatus.FAILED: FAILED,
    DeliveryStatus.SKIPPED: FAILED,
    DeliveryStatus.CANCELLED: FAILED,
    DeliveryStatus.UNCONFIRMED: StateWord(_l("Not certain"), "mail-question", "doubt"),
}


@dataclass(frozen=True)
class ForwardWords:
    """One forward: when, and each receiver with a state."""

    when: str
    note: str
    problem: str
    receivers: Sequence[tuple[str, StateWord]]


def forward_words(document: Document) -> list[ForwardWords]:
    """The last forwards of a document."""
    return [_words(each) for each in forwards_of(document)]


def _words(one: ForwardState) -> ForwardWords:
    forward = one.forward
    return ForwardWords(
        when=shown_moment(forward.created_at),
        note=forward.note,
        problem=forward.problem or "",
        receivers=[
            (address, FAILED if forward.problem else WORDS.get(state, WAITS) if state else WAITS)
            for address, state in one.states
        ],
    )
