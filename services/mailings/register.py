"""Registering a mailing: who gets what is settled, and every message is frozen; nothing is sent."""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import delete, insert, null, select, update

from errors import Conflict, Invalid
from models.audit_trail import record_event
from models.base import db, utc_now
from models.mailings.delivery import Delivery, DeliveryKind
from models.mailings.mailing import Mailing
from models.mailings.mailing_exclusion import MailingExclusion
from models.mailings.mailing_state import MailingState
from models.mailings.reason import ReasonCode
from models.tenancy import current_scope
from services.mailbox.senders import may_send_as, person_in_scope, refusal_of
from services.mailings.anomalies import find_anomalies
from services.mailings.audience import Choice, Resolved, resolve
from services.mailings.document_ranges import documents_in
from services.mailings.frozen_rows import content_hash_of, key_of
from services.mailings.message import check_account_texts, text_problems
from services.mailings.objections import Excluded
from services.mailings.preparing import chunks, drawn_ahead, prepare
from services.mailings.reasons import sentence_for
from services.sales.pdf import Workshop
from services.system.alone import alone

logger = logging.getLogger(__name__)
REGISTERING_LOCK = 8_002
MOST_TOLD = 3  # reasons

Progress = Callable[[int, int], None]


class NotNow(Conflict):
    """It is registered already, or somebody is at it."""


@dataclass(frozen=True)
class Registered:
    """What registering came to."""

    messages: int
    excluded: dict[ReasonCode, int]


def check_mailing(mailing: Mailing) -> list[Invalid]:
    """Everything that keeps the mailing from being registered, each at its field (S1-11)."""
    problems = []
    if not mailing.subject.strip():
        problems.append(Invalid(_("A subject is needed."), field="subject"))
    if not mailing.body_html.strip():
        problems.append(Invalid(_("A message is needed."), field="body_html"))
    if not mailing.ranges:
        problems.append(Invalid(_("Choose which documents are sent."), field="ranges"))
    if not mailing.account.is_active:
        problems.append(Invalid(_("This mail account is switched off."), field="account_id"))
    person = person_in_scope()
    if not may_send_as(mailing.account_id, person):
        problems.append(Invalid(refusal_of(mailing.account, person), field="account_id"))
    texts = [("", mailing.subject, mailing.body_html)]
    texts += [
        ("variants.", each["subject"], each["body_html"]) for each in mailing.variants.values()
    ]
    for place, subject, body_html in texts:
        problems += [
            Invalid(problem.message, field=f"{place}{problem.field}")
            for problem in text_problems(subject, body_html)
        ]
    try:
        check_account_texts(mailing.account)
    except Invalid as problem:
        sentence = _(
            "In the texts around every message of this account: %(problem)s",
            problem=problem.message,
        )
        problems.append(Invalid(sentence, field="account_id"))
    return problems


def register_mailing(
    mailing: Mailing,
    workshop: Workshop,
    *,
    progress: Progress | None = None,
    begin: Callable[[], None] | None = None,
) -> Registered:
    """Freeze every message of a draft; commits as it goes.

    Can be called again after an interruption: what is prepared stays. `begin` is called first, once nobody else can
    register it. Raises Invalid with the field, or NotNow if it is registered or being registered.
    """
    _check_draft(mailing)
    for problem in check_mailing(mailing):
        raise problem
    with alone(REGISTERING_LOCK, mailing.id) as is_alone:
        if not is_alone:
            raise NotNow(_("This mailing is being registered at this moment."))
        _check_draft(mailing)  # somebody may have ended meanwhile, and it may even be sending
        if begin:
            begin()
        resolved = resolve(Choice.of(mailing))
        if not resolved.messages:
            raise Invalid(_nobody(mailing, resolved.exclusions), field="ranges")
        keys = {
            key_of(mailing.id, message, mailing.one_mail_per): message
            for message in resolved.messages
        }
        prepared = _keep_prepared(mailing, set(keys))
        note(mailing, planned_count=len(keys), register_error=None, **_period(mailing, resolved))
        db.session.commit()
        done = len(prepared)
        exclusions = resolved.exclusions
        waiting = [(key, keys[key]) for key in keys if key not in prepared]
        with workshop.opened(makes_parts=True) as opened:
            for chunk in drawn_ahead(list(chunks(waiting)), opened):
                exclusions += prepare(mailing, chunk, opened)
                _stay_draft(mailing)
                db.session.commit()
                done += len(chunk)
                if progress:
                    progress(done, len(keys))
        return _finish(mailing, exclusions)


def _stay_draft(mailing: Mailing) -> None:
    """Somebody may give the mailing up meanwhile; from here to the commit they wait. Raises NotNow."""
    state = db.session.scalar(
        select(Mailing.state).where(Mailing.id == mailing.id).with_for_update(key_share=True)
    )
    if state is not MailingState.DRAFT:
        raise NotNow(_("This mailing was cancelled while it was registered."))


def _check_draft(mailing: Mailing) -> None:
    state = db.session.scalar(select(Mailing.state).where(Mailing.id == mailing.id))
    if state is not MailingState.DRAFT:
        raise NotNow(_("This mailing is registered already."))


def _keep_prepared(mailing: Mailing, keys: set[str]) -> set[str]:
    """What an interrupted run has prepared; what is not wanted any more goes."""
    of_mailing = select(Delivery.id, Delivery.idempotency_key).where(
        Delivery.mailing_id == mailing.id, Delivery.kind == DeliveryKind.BULK
    )
    found = {key: id_ for id_, key in db.session.execute(of_mailing).all()}
    strangers = [id_ for key, id_ in found.items() if key not in keys]
    if strangers:
        db.session.execute(delete(Delivery).where(Delivery.id.in_(strangers)))
    return found.keys() & keys


def _period(mailing: Mailing, resolved: Resolved) -> dict[str, object]:
    """Where numbers say which documents are meant, their own dates are the period (S1-13)."""
    if mailing.period_start or mailing.period_end:
        return {}
    days = {found.issue_date for message in resolved.messages for found in message.documents}
    return {"period_start": min(days), "period_end": max(days)}


def _finish(mailing: Mailing, exclusions: Sequence[Excluded]) -> Registered:
    """One transaction: exclusions, hash, state, audit."""
    _stay_draft(mailing)
    db.session.execute(delete(MailingExclusion).where(MailingExclusion.mailing_id == mailing.id))
    if exclusions:
        now = utc_now()
        rows = [
            _exclusion_row(mailing, each) | {"created_at": now, "updated_at": now}
            for each in exclusions
        ]
        db.session.execute(insert(MailingExclusion), rows)
    messages = len(_keys_of(mailing))
    if not messages:
        raise Invalid(_nobody(mailing, exclusions), field="ranges")
    is_scheduled = mailing.scheduled_at is not None
    find_anomalies(mailing)
    note(
        mailing,
        state=MailingState.SCHEDULED if is_scheduled else MailingState.REGISTERED,
        draft_form=null(),
        planned_count=messages,
        registered_at=utc_now(),
        registered_by_id=_person(),
        content_hash=content_hash_of(mailing.id),
    )
    excluded = dict(Counter(each.reason for each in exclusions))
    record_event(
        db.session(),
        entity="mailing",
        entity_id=mailing.id,
        action="register",
        before={"state": MailingState.DRAFT.value},
        after={"messages": messages, "excluded": {k.value: n for k, n in excluded.items()}},
    )
    db.session.commit()
    logger.info("registered mailing %s: %d messages", mailing.id, messages)
    return Registered(messages, excluded)


def _keys_of(mailing: Mailing) -> Sequence[str]:
    return db.session.scalars(
        select(Delivery.idempotency_key).where(
            Delivery.mailing_id == mailing.id, Delivery.kind == DeliveryKind.BULK
        )
    ).all()


def note(mailing: Mailing, **values: object) -> None:
    """Past the session, which would audit every step; whoever edits at the same time hears of it."""
    db.session.execute(
        update(Mailing)
        .where(Mailing.id == mailing.id)
        .values(version=Mailing.version + 1, **values)
        .execution_options(synchronize_session=False)
    )
    db.session.expire(mailing)


def _exclusion_row(mailing: Mailing, each: Excluded) -> dict[str, object]:
    return {
        "organization_id": mailing.organization_id,
        "mailing_id": mailing.id,
        "customer_id": each.customer_id,
        "document_id": each.document_id,
        "contact_id": each.contact_id,
        "address": each.address,
        "reason_code": each.reason,
        "detail": each.detail,
        "document_ids": list(each.document_ids),
    }


def _nobody(mailing: Mailing, exclusions: Sequence[Excluded]) -> str:
    """That nobody would get it, and why: how many for each reason, the most frequent first."""
    if not exclusions and documents_in(mailing.ranges):  # whoever was chosen may be gone
        return str(
            _(
                "There are documents in this range, but none is of the recipients that were chosen. Choose again."
            )
        )
    if not exclusions:
        return str(_("There are no documents in this range."))
    told = [str(_("Nobody would get this mailing: everything in the range is excluded."))]
    for reason, count in Counter(each.reason for each in exclusions).most_common(MOST_TOLD):
        details = Counter(
            each.detail for each in exclusions if each.reason is reason and each.detail
        )
        words = [sentence_for(reason), *(detail for detail, _count in details.most_common(1))]
        told.append(f"{count}: {' '.join(words)}")
    return " ".join(told)


def _person() -> int | None:
    actor = current_scope().actor
    return actor.id if actor.kind == "user" else None
