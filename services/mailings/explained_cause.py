"""The one cause: why this customer has not received it, as a code and in sentences."""

from dataclasses import dataclass
from enum import StrEnum

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from models.base import db
from models.mailings.delivery import AttemptOutcome, DeliveryAttempt, DeliveryState, DeliveryStatus
from models.mailings.mailing_exclusion import MailingExclusion
from models.mailings.mailing_state import MailingState
from models.mailings.reason import ReasonCode
from models.sales.document_state import DocumentState
from services.mailings.explained_case import Case
from services.mailings.explained_range import not_chosen, out_of_range
from services.mailings.explained_reports import how_it_came_back
from services.mailings.late import Late, plan_of
from services.mailings.partly_sent import missed_recipients, reached_recipients
from services.mailings.reasons import sentence_for
from services.system.retelling import retold

NOT_SENDABLE = {
    DocumentState.DRAFT: ReasonCode.DOCUMENT_NOT_POSTED,
    DocumentState.VOID: ReasonCode.DOCUMENT_VOID,
}


class Verdict(StrEnum):
    """What the answer comes to."""

    RECEIVED = "received"
    WAITING = "waiting"
    FAILED = "failed"
    DOUBT = "doubt"
    EXCLUDED = "excluded"
    REPLACED = "replaced"
    OUTSIDE = "outside"  # neither a message nor an exclusion


@dataclass(frozen=True)
class Cause:
    """`sentence` answers the question; `detail` says more of this very case."""

    verdict: Verdict
    reason: ReasonCode | None
    sentence: str
    detail: str = ""


def cause_of(case: Case) -> Cause:
    """Look from the range to the server's answer, and stop at the first thing that explains it."""
    if case.state is not None:
        return _of_message(case, case.state)
    if case.exclusion is not None:
        return _of_exclusion(case, case.exclusion)
    return _of_nothing(case)


def obstacle_of(case: Case) -> ReasonCode | None:
    """What would keep a message from being made now, if it were sent once more; None if nothing would."""
    contact_id = case.contact.id if case.contact else None
    keys = [document.id for document in case.documents]
    if not keys:
        return None
    resolved = plan_of(case.mailing, Late(keys, contact_id))
    if resolved.messages:
        return None
    if not resolved.exclusions and not_chosen(case.mailing, case.customer):
        return (
            ReasonCode.DOCUMENT_EXCLUDED
        )  # the mailing is not for them: nothing about them is to be cured
    return resolved.exclusions[0].reason if resolved.exclusions else ReasonCode.NO_ROLE


def _of_message(case: Case, state: DeliveryState) -> Cause:
    reason = state.reason_code
    match state.state:
        case DeliveryStatus.SENT:
            if state.bounced_at is not None:
                reason = reason or ReasonCode.RECIPIENT_REJECTED
                return Cause(Verdict.FAILED, reason, sentence_for(reason), how_it_came_back(case))
            if case.missed is not None:
                return Cause(Verdict.FAILED, reason, sentence_for(reason), _others(case))
            sentence = _(
                "It was sent: the server for %(address)s accepted it.", address=case.address
            )
            by_hand = sentence_for(reason) if reason is ReasonCode.MANUAL else ""
            return Cause(Verdict.RECEIVED, reason, str(sentence), by_hand)
        case DeliveryStatus.FAILED:
            detail = how_it_came_back(case) or _tries(case)
            return Cause(Verdict.FAILED, reason, sentence_for(reason), detail)
        case DeliveryStatus.UNCONFIRMED:
            return Cause(Verdict.DOUBT, reason, sentence_for(reason), _doubt())
        case DeliveryStatus.SKIPPED:
            void = [each.label for each in case.documents if each.state is DocumentState.VOID]
            about = ", ".join(void) if reason is ReasonCode.DOCUMENT_VOID else ""
            late = _noticed_late()
            return Cause(
                Verdict.EXCLUDED,
                reason,
                sentence_for(reason),
                f"{about}. {late}" if about else late,
            )
        case DeliveryStatus.CANCELLED if reason is ReasonCode.MANUAL:
            sentence = _("It was sent to %(address)s instead.", address=state.reason_detail or "—")
            return Cause(Verdict.REPLACED, reason, str(sentence), sentence_for(reason))
        case DeliveryStatus.CANCELLED:
            return Cause(Verdict.EXCLUDED, reason, sentence_for(reason))
        case _:
            return _of_waiting(case, state)


def _others(case: Case) -> str:
    """Which of several addresses is meant, and who got the message."""
    assert case.delivery is not None  # a message was missed
    missed = ", ".join(copy.address for copy in missed_recipients(case.delivery.id))
    got = ", ".join(reached_recipients(case.delivery.id))
    return str(_("Not to %(missed)s; the same message reached %(got)s.", missed=missed, got=got))


def _of_waiting(case: Case, state: DeliveryState) -> Cause:
    """It has not been its turn; the mailing or the account says why."""
    mailing, account = case.mailing, case.mailing.account
    if mailing.state in {MailingState.STOPPED, MailingState.STOPPING}:
        reason = ReasonCode.STOPPED
    elif mailing.state in {MailingState.REGISTERED, MailingState.SCHEDULED}:
        sentence = (
            _("The mailing has not been started yet.")
            if mailing.state is MailingState.REGISTERED
            else _("The mailing is scheduled and starts automatically.")
        )
        return Cause(Verdict.WAITING, None, str(sentence))
    elif not account.is_active:
        reason = ReasonCode.ACCOUNT_DISABLED
    elif account.is_paused and account.paused_reason:
        reason = ReasonCode(account.paused_reason)
    elif state.reason_code is not None and state.reason_code is not ReasonCode.MANUAL:
        return Cause(
            Verdict.WAITING,
            state.reason_code,
            sentence_for(state.reason_code),
            str(_("It will be retried automatically.")),
        )
    else:
        before = _before(state)
        queue = ngettext(
            "%(n)s message is ahead of it.", "%(n)s messages are ahead of it.", before, n=before
        )
        return Cause(Verdict.WAITING, None, str(_("It is on its way.")), str(queue))
    return Cause(Verdict.WAITING, reason, sentence_for(reason), str(_("Nothing of it is lost.")))


def _of_exclusion(case: Case, exclusion: MailingExclusion) -> Cause:
    detail = retold(exclusion.detail or "")
    if exclusion.reason_code in NOT_SENDABLE.values() and case.documents:
        detail = str(
            _(
                "%(document)s: that is how it was when the mailing was registered.",
                document=case.documents[0].label,
            )
        )
    return Cause(
        Verdict.EXCLUDED, exclusion.reason_code, sentence_for(exclusion.reason_code), detail
    )


def _of_nothing(case: Case) -> Cause:
    """From the range on: the document, the customer, the contacts as they are now."""
    for document in case.documents:
        reason = NOT_SENDABLE.get(document.state)
        if reason is not None:
            return Cause(Verdict.OUTSIDE, reason, sentence_for(reason), document.label)
        kept_out = out_of_range(case.mailing, document)
        if kept_out is not None:
            return Cause(
                Verdict.OUTSIDE,
                ReasonCode.DOCUMENT_EXCLUDED,
                sentence_for(ReasonCode.DOCUMENT_EXCLUDED),
                kept_out,
            )
    kept_out = not_chosen(case.mailing, case.customer)
    if kept_out is not None:
        return Cause(Verdict.OUTSIDE, None, kept_out)
    if not case.documents:
        return Cause(
            Verdict.OUTSIDE,
            None,
            str(_("None of this customer's documents is in the range of the mailing.")),
        )
    reason = obstacle_of(case)
    if reason is not None:
        return Cause(Verdict.OUTSIDE, reason, sentence_for(reason))
    return Cause(
        Verdict.OUTSIDE,
        None,
        str(_("It came into the range after the mailing was registered.")),
    )


def _tries(case: Case) -> str:
    """How often and for how long it was tried."""
    if case.delivery is None:
        return ""
    refused = [AttemptOutcome.PERM_FAIL, AttemptOutcome.TEMP_FAIL]
    count, first, last = db.session.execute(
        select(
            func.count(), func.min(DeliveryAttempt.ended_at), func.max(DeliveryAttempt.ended_at)
        ).where(
            DeliveryAttempt.delivery_id == case.delivery.id,
            DeliveryAttempt.outcome.in_(refused),
        )
    ).one()
    if count < 2:
        return str(_("The message to %(address)s was permanently refused.", address=case.address))
    days = (last - first).days
    if days:
        return str(
            _(
                "The message to %(address)s was refused %(n)s times in %(days)s days; then we stopped trying.",
                address=case.address,
                n=count,
                days=days,
            )
        )
    return str(
        _(
            "The message to %(address)s was refused %(n)s times; then we stopped trying.",
            address=case.address,
            n=count,
        )
    )


def _doubt() -> str:
    return str(_("It is never resent automatically: a person decides."))


def _noticed_late() -> str:
    return str(_("This was noticed at the last moment, when it was about to leave."))


def _before(state: DeliveryState) -> int:
    """How many messages of the account come before this one."""
    return (
        db.session.scalar(
            select(func.count()).where(
                DeliveryState.account_id == state.account_id,
                DeliveryState.is_open,
                DeliveryState.state == DeliveryStatus.QUEUED,
                DeliveryState.delivery_id < state.delivery_id,
            )
        )
        or 0
    )
