"""The chain behind an answer, step by step: from the range to what the server said, with times and who."""

from collections.abc import Iterator, Sequence

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import or_, select

from models.base import db
from models.mailings.delivery import AttemptOutcome, Delivery, DeliveryAttempt
from models.mailings.delivery_copy import CopyState, DeliveryCopy
from models.mailings.suppression import Suppression
from models.people.contact import AddressState, ContactEmail, ContactRole, CustomerContact
from models.people.user import User
from models.sales.document_state import document_state_word
from models.states import state_word
from models.system.audit_event import AuditEvent
from services.mailings.explained_case import Case
from services.mailings.explained_range import not_chosen, out_of_range
from services.mailings.explained_reports import reported, reported_answers
from services.mailings.explained_step import Step, StepKind
from services.mailings.late import successor_of
from services.mailings.link_views import views_of
from services.mailings.partly_sent import MISSED
from services.mailings.reasons import sentence_for
from services.mailings.recipients import attempts_of
from services.system.retelling import retold

MOST_MOVES = 12
GOOD = {AddressState.OK, AddressState.UNVERIFIED}


def steps_of(case: Case) -> list[Step]:
    """What holds whenever one asks first; then what happened, in its order."""
    decided = [*_range(case), *_audience(case)]
    happened = [*_registered(case), *_moves(case), *_tries(case), *_decisions(case), *_copies(case)]
    happened += reported(case)
    steps = [*decided, *happened, *_address(case), *_corrections(case), *_views(case)]
    return sorted(steps, key=lambda step: step.at.timestamp() if step.at else 0.0)


def answers_of(case: Case) -> list[str]:
    """What the servers said, word by word; what we noted ourselves where they said nothing."""
    if case.delivery is None or case.state is None:
        return []
    said = [
        f"{attempt.n}. {attempt.smtp_code} {attempt.smtp_text or ''}".strip()
        for attempt in attempts_of(case.delivery)
        if attempt.smtp_code
    ]
    said += reported_answers(case)
    said = said or [retold(each) for each in filter(None, [case.state.reason_detail])]
    return [*said, case.delivery.message_id_header] if said else []


def _range(case: Case) -> Iterator[Step]:
    if case.delivery is not None:
        labels = ", ".join(document.label for document in case.documents)
        if labels:
            yield Step(StepKind.RANGE, _("In the mailing: %(documents)s", documents=labels))
        return
    for document in case.documents:
        kept_out = out_of_range(case.mailing, document)
        name = document.label if document.number else _("The draft")
        text = kept_out or _("%(document)s is in the range.", document=name)
        yield Step(StepKind.RANGE, text, is_wrong=kept_out is not None)
        word = document_state_word(document.kind, document.state)
        yield Step(StepKind.RANGE, _("%(document)s is: %(state)s", document=name, state=word))


def _audience(case: Case) -> Iterator[Step]:
    kept_out = not_chosen(case.mailing, case.customer) if case.delivery is None else None
    if kept_out is not None:
        yield Step(StepKind.AUDIENCE, kept_out, is_wrong=True)
    if case.customer.on_hold:
        yield Step(StepKind.AUDIENCE, _("The customer is on hold."), is_wrong=True)
    if case.contact is None:
        return
    link = db.session.scalars(
        select(CustomerContact).where(
            CustomerContact.customer_id == case.customer.id,
            CustomerContact.contact_id == case.contact.id,
        )
    ).one_or_none()
    labels = ContactRole.labels()
    roles = ", ".join(str(labels[ContactRole(role)]) for role in link.roles) if link else ""
    yield Step(
        StepKind.AUDIENCE,
        _("Recipient: %(name)s, %(roles)s", name=case.contact.name, roles=roles)
        if roles
        else _("Recipient: %(name)s, without a role", name=case.contact.name),
    )


def _address(case: Case) -> Iterator[Step]:
    if not case.address:
        return
    norm = case.address_norm or ""
    known = db.session.scalars(ContactEmail.at(norm).limit(1)).one_or_none()
    if known is not None and known.state not in GOOD:
        yield Step(
            StepKind.ADDRESS,
            _(
                "%(address)s: %(state)s %(code)s",
                address=case.address,
                state=state_word(known.state),
                code=f"({known.last_failure_code})" if known.last_failure_code else "",
            ).strip(),
            at=known.last_failure_at,
            is_wrong=True,
        )
    held = db.session.scalars(
        Suppression.in_force().where(Suppression.address_norm == norm).limit(1)
    ).one_or_none()
    if held is not None:
        yield Step(
            StepKind.ADDRESS,
            _(
                "%(address)s is on the suppression list. %(reason)s",
                address=case.address,
                reason=held.reason,
            ).strip(),
            at=held.created_at,
            is_wrong=True,
        )


def _corrections(case: Case) -> Iterator[Step]:
    """Who has put another address in the place of this one since."""
    if case.contact is None or not case.address_norm:
        return
    of_contact = select(ContactEmail.id).where(ContactEmail.contact_id == case.contact.id)
    events = db.session.scalars(
        select(AuditEvent)
        .where(
            AuditEvent.entity == "contact_email",
            AuditEvent.entity_id.in_(of_contact),
            AuditEvent.before["address_norm"].astext == case.address_norm,
        )
        .order_by(AuditEvent.id)
    )
    for event in events:
        address = (event.after or {}).get("address")
        if address:
            text = _("The address was corrected: %(address)s", address=address)
            yield Step(StepKind.ADDRESS, text, event.at, event.actor_name)


def _registered(case: Case) -> Iterator[Step]:
    mailing = case.mailing
    if case.delivery is not None:
        count = len(case.documents)
        text = ngettext(
            "Registered with %(n)s document", "Registered with %(n)s documents", count, n=count
        )
        is_late = mailing.registered_at is not None and case.delivery.follows_id is not None
        who = None if is_late else _name_of(mailing.registered_by_id)
        yield Step(StepKind.REGISTERED, str(text), case.delivery.created_at, who)
    elif case.exclusion is not None:
        yield Step(
            StepKind.EXCLUDED,
            _(
                "Left out when registering: %(reason)s",
                reason=sentence_for(case.exclusion.reason_code),
            ),
            mailing.registered_at,
            _name_of(mailing.registered_by_id),
            is_wrong=True,
        )
    elif mailing.registered_at is not None:
        yield Step(
            StepKind.REGISTERED,
            _("The mailing was registered without it."),
            mailing.registered_at,
            _name_of(mailing.registered_by_id),
        )


def _moves(case: Case) -> Iterator[Step]:
    """What people and the clock did with the mailing since."""
    words = {
        "start": (StepKind.STARTED, _("The mailing was started")),
        "go_on": (StepKind.STARTED, _("The mailing was resumed")),
        "stop": (StepKind.STOPPED, _("The mailing was stopped")),
        "cancel": (StepKind.STOPPED, _("The mailing was cancelled")),
        "schedule": (StepKind.STARTED, _("The mailing was scheduled")),
        "retry": (StepKind.STARTED, _("What had failed was retried")),
    }
    events = db.session.scalars(
        AuditEvent.history_of("mailing", case.mailing.id)
        .where(AuditEvent.action.in_(words))
        .limit(MOST_MOVES)
    )
    for event in events:
        kind, text = words[event.action]
        yield Step(kind, _with_reason(text, event), event.at, event.actor_name)


def _tries(case: Case) -> Iterator[Step]:
    attempts: Sequence[DeliveryAttempt] = attempts_of(case.delivery) if case.delivery else ()
    for attempt in attempts:
        kind, text = {
            AttemptOutcome.OK: (StepKind.ACCEPTED, _("Attempt %(n)s: accepted", n=attempt.n)),
            AttemptOutcome.TEMP_FAIL: (StepKind.LATER, _("Attempt %(n)s: not now", n=attempt.n)),
            AttemptOutcome.PERM_FAIL: (
                StepKind.REFUSED,
                _("Attempt %(n)s: permanently refused", n=attempt.n),
            ),
            AttemptOutcome.UNCONFIRMED: (
                StepKind.DOUBT,
                _("Attempt %(n)s: interrupted, nobody knows whether it arrived", n=attempt.n),
            ),
        }[attempt.outcome]
        wrong = attempt.outcome is not AttemptOutcome.OK
        account = case.mailing.account.address
        yield Step(kind, text, attempt.ended_at, account, is_wrong=wrong)


def _decisions(case: Case) -> Iterator[Step]:
    """What people decided about this very message."""
    if case.delivery is None:
        return
    words = {
        "resolve": _("A doubt was settled"),
        "resend": _("Sent again by hand"),
        "send": _("Sent by hand"),
    }
    events = db.session.scalars(
        AuditEvent.history_of("delivery", case.delivery.id).where(AuditEvent.action.in_(words))
    )
    for event in events:
        text = _with_reason(words[event.action], event)
        yield Step(StepKind.DECIDED, text, event.at, event.actor_name)
    before, after = _followed(case.delivery), successor_of(case.delivery)
    if before is not None:
        text = _("It follows the message to %(address)s", address=before.recipient)
        yield Step(StepKind.REPLACED, text, case.delivery.created_at)
    if after is not None:
        text = _("After it, one was sent to %(address)s", address=after.recipient)
        yield Step(StepKind.REPLACED, text, after.created_at)


def _copies(case: Case) -> Iterator[Step]:
    if case.delivery is None:
        return
    copies = db.session.scalars(
        select(DeliveryCopy)
        .where(
            DeliveryCopy.delivery_id == case.delivery.id,
            or_(DeliveryCopy.n > 0, DeliveryCopy.state.in_(MISSED)),
        )
        .order_by(DeliveryCopy.n)
    )
    for copy in copies:
        refused = copy.state is CopyState.REFUSED
        answer = f": {copy.smtp_code} {copy.smtp_text or ''}".rstrip() if refused else ""
        text = f"{state_word(copy.role)} {copy.address}, {state_word(copy.state)}{answer}"
        yield Step(StepKind.COPY, text, case.state.sent_at if case.state else None, None, refused)


def _views(case: Case) -> Iterator[Step]:
    """A document of it was looked at, through the link of this very message."""
    views = views_of([case.delivery.id]).values() if case.delivery is not None else ()
    for each in views:
        words = ngettext(
            "Viewed through its link",
            "Viewed %(n)s times through its link",
            each.count,
            n=each.count,
        )
        yield Step(StepKind.VIEWED, str(words), each.last_at)


def _followed(delivery: Delivery) -> Delivery | None:
    return db.session.get(Delivery, delivery.follows_id) if delivery.follows_id else None


def _name_of(user_id: int | None) -> str | None:
    if user_id is None:
        return None
    return db.session.scalar(select(User.name).where(User.id == user_id))


def _with_reason(text: str, event: AuditEvent) -> str:
    return f"{text}: {event.reason}" if event.reason else text
