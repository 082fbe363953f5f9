"""What is wrong with a message that was rehearsed, in sentences, and the result in one (N-06)."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from admin_views.reader_formats import number
from admin_views.screens.mailing_words import size_words
from models.mailings.mailing_state import MailingState
from models.mailings.rehearsal import MailingRehearsal, RehearsalProblem
from models.states import state_word
from services.mailings.rehearsal import Counts
from services.system.retelling import retold

_P = RehearsalProblem
# For the list.
SHORT = {
    _P.NOT_ARRIVED: _l("Did not arrive"),
    _P.DEFECT: _l("Malformed"),
    _P.RECIPIENTS: _l("Other recipients"),
    _P.FILES: _l("Other files"),
    _P.OVER_SIZE: _l("Too large"),
    _P.EMPTY_FIELD: _l("Field without value"),
    _P.WRONG_LINK: _l("Wrong link"),
    _P.SUPPRESSED: _l("On the suppression list"),
    _P.FOREIGN_DOCUMENT: _l("Another customer's document"),
    _P.VOID_DOCUMENT: _l("Void document"),
    _P.ON_HOLD: _l("Customer on hold"),
}
LONG = {
    _P.NOT_ARRIVED: _l("It could not be handed to the viewer, and would not leave either."),
    _P.DEFECT: _l("A mail program would object to the form of this message."),
    _P.RECIPIENTS: _l("The addresses on the envelope are not those that were registered."),
    _P.FILES: _l("The attached files are not those that were registered."),
    _P.OVER_SIZE: _l("It is larger than the account's server accepts."),
    _P.EMPTY_FIELD: _l("A field of the text was left without a value."),
    _P.WRONG_LINK: _l("A link to a document is missing, or does not lead to this installation."),
    _P.SUPPRESSED: _l("The address is on the suppression list: the message will be skipped."),
    _P.FOREIGN_DOCUMENT: _l("A document belongs to another customer: the message is held back."),
    _P.VOID_DOCUMENT: _l("A document was voided meanwhile: the message will be skipped."),
    _P.ON_HOLD: _l("The customer is on hold: the message will be skipped."),
}


def problem_words(problem: RehearsalProblem) -> str:
    return str(SHORT[problem])


def problem_sentence(problem: RehearsalProblem, detail: str | None) -> str:
    """What is wrong, with what was seen."""
    if not detail:
        return str(LONG[problem])
    seen = size_words(int(detail)) if problem is _P.OVER_SIZE else retold(detail)
    return _("%(sentence)s Seen: %(detail)s", sentence=str(LONG[problem]), detail=seen)


def result_sentence(rehearsal: MailingRehearsal, counts: Counts) -> str:
    """`120 of 120 messages arrived in the viewer; 2 with anomalies. Nothing has left.`"""
    arrived = ngettext(
        "%(n)s of %(total)s message arrived in the viewer",
        "%(n)s of %(total)s messages arrived in the viewer",
        rehearsal.planned,
        n=number(counts.arrived),
        total=number(rehearsal.planned),
    )
    if not counts.odd:
        return _("%(arrived)s. Nothing has left.", arrived=arrived)
    return ngettext(
        "%(arrived)s; %(n)s with an anomaly. Nothing has left.",
        "%(arrived)s; %(n)s with anomalies. Nothing has left.",
        counts.odd,
        arrived=arrived,
        n=number(counts.odd),
    )


def cut_off_sentence(problem: str) -> str:
    """Why it came to no end: the mailing has gone on meanwhile."""
    state = str(state_word(MailingState(problem)))
    return _("The rehearsal ended early: the mailing is “%(state)s” now.", state=state)
