"""Doing what cures a case; each deed says in a sentence what happened, the door commits."""

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import gettext as _

from errors import Conflict, Invalid
from models.base import db
from models.mailings.delivery import Delivery, DeliveryKind, DeliveryState, DeliveryStatus
from models.mailings.mailing import AudienceMode, Mailing, OneMailPer
from models.people.contact import ContactRole
from models.sales.document_state import DocumentState
from services.mailings.cures import Cure, cures_of
from services.mailings.explained_case import Case
from services.mailings.explained_cause import cause_of
from services.mailings.late import send_document, send_excluded, send_to_contact
from services.mailings.resolve import Resolution, resolve_doubt
from services.mailings.retry import resend
from services.mailings.suppressions import free_address
from services.people.contacts import (
    activate,
    add_address,
    correct_address,
    give_role,
    write_again,
)
from services.sales.pdf import Workshop
from services.sales.posting import post_document


@dataclass(frozen=True)
class Said:
    """What the person has filled in; `seen` is the state that they saw."""

    seen: DeliveryStatus | None = None
    contact_id: int | None = None
    address: str = ""
    name: str = ""
    why: str = ""


def do_cure(case: Case, cure: Cure, said: Said, workshop: Workshop) -> str:
    """Do it; raises Conflict if it does not fit any more, Invalid with the field for what is missing."""
    sending: dict[Cure, Callable[[], str]] = {
        Cure.SEND_NOW: lambda: _send_now(case, said, workshop),
        Cure.ANY_LANGUAGE: lambda: _send_now(case, said, workshop, any_language=True),
        Cure.RETRY: lambda: _resend(case, said, usual=_("Tried again by hand")),
        Cure.RESEND: lambda: _resend(case, said),
        Cure.OTHER_CONTACT: lambda: _other_contact(case, said, workshop),
        Cure.SETTLE_SENT: lambda: _settle(case, said, Resolution.SENT),
        Cure.SETTLE_RESEND: lambda: _settle(case, said, Resolution.RESEND),
    }
    correcting: dict[Cure, Callable[[], str]] = {
        Cure.ADD_ADDRESS: lambda: _add_address(case, said),
        Cure.CORRECT_ADDRESS: lambda: _correct_address(case, said),
        Cure.FREE_ADDRESS: lambda: _free_address(case),
        Cure.GIVE_ROLE: lambda: _give_role(case, said),
        Cure.ACTIVATE_CONTACT: lambda: _activate(case),
        Cure.WRITE_AGAIN: lambda: _write_again(case),
        Cure.POST_DOCUMENT: lambda: _post(case),
        Cure.END_HOLD: lambda: _end_hold(case),
    }
    deed = {**sending, **correcting}.get(cure)
    if deed is None:
        raise Conflict(_("This is done on another page."))
    if cure not in {offered.cure for offered in cures_of(case, cause_of(case))}:
        raise Conflict(_("Somebody else was faster: look at it again."))
    return deed()


def role_wanted(mailing: Mailing) -> ContactRole:
    """The role that the mailing looks for."""
    for way in mailing.audience:
        if way.mode is AudienceMode.ROLES and way.roles:
            return ContactRole(way.roles[0])
    return ContactRole.BILLING


def _send_now(case: Case, said: Said, workshop: Workshop, *, any_language: bool = False) -> str:
    mailing = case.mailing
    if case.delivery is not None and case.contact is not None:
        contact_id = None if _was_for_all(case) else case.contact.id
        made = [_instead(case, case.delivery, contact_id, said, workshop)]
    elif case.exclusion is not None:
        documents = [document.id for document in case.documents]
        made = send_excluded(
            mailing, case.exclusion, documents, workshop, any_language=any_language
        )
    elif case.documents:
        made = send_document(mailing, case.documents[0], workshop)
    else:
        raise Conflict(_("There is no document to send."))
    return _on_its_way(made[0])


def _resend(case: Case, said: Said, *, usual: str = "") -> str:
    delivery = _delivery(case)
    if said.seen is None:
        raise Conflict(_("Somebody else was faster: look at it again."))
    resend(delivery, seen=said.seen, why=said.why or usual)
    return _on_its_way(delivery.id)


def _other_contact(case: Case, said: Said, workshop: Workshop) -> str:
    if said.contact_id is None:
        raise Invalid(_("Choose a contact."), field="contact")
    return _on_its_way(_instead(case, _delivery(case), said.contact_id, said, workshop))


def _instead(
    case: Case, delivery: Delivery, contact_id: int | None, said: Said, workshop: Workshop
) -> int:
    """The key of a message that stands in for one that did not arrive."""
    seen = said.seen or DeliveryStatus.FAILED
    return send_to_contact(
        case.mailing, delivery, contact_id, workshop, seen=seen, missed=case.missed
    )


def _was_for_all(case: Case) -> bool:
    """Whether nobody got what was to go to all contacts of the customer together."""
    is_joint = case.mailing.one_mail_per is OneMailPer.CUSTOMER
    was_skipped = case.state is not None and case.state.state is DeliveryStatus.SKIPPED
    is_bulk = case.delivery is not None and case.delivery.kind is DeliveryKind.BULK
    return is_joint and was_skipped and is_bulk


def _settle(case: Case, said: Said, resolution: Resolution) -> str:
    if not said.why.strip():
        raise Invalid(_("Say why: it is kept with the decision."), field="why")
    resolve_doubt(_delivery(case), resolution)
    if resolution is Resolution.SENT:
        return str(_("Noted: it was sent."))
    return _on_its_way(_delivery(case).id)


def _add_address(case: Case, said: Said) -> str:
    contact = add_address(case.customer, case.contact, said.address, name=said.name)
    return str(
        _(
            "%(name)s has the address %(address)s now.",
            name=contact.name,
            address=said.address.strip(),
        )
    )


def _correct_address(case: Case, said: Said) -> str:
    if case.contact is None:
        raise Conflict(_("This customer has no such contact."))
    correct_address(case.contact, case.address, said.address)
    return str(
        _(
            "%(name)s has the address %(address)s now.",
            name=case.contact.name,
            address=said.address.strip(),
        )
    )


def _free_address(case: Case) -> str:
    address = case.address_norm or ""
    free_address(address)
    return str(_("%(address)s is written to again.", address=address))


def _give_role(case: Case, said: Said) -> str:
    if said.contact_id is None:
        raise Invalid(_("Choose a contact."), field="contact")
    role = role_wanted(case.mailing)
    contact = give_role(case.customer, said.contact_id, role)
    word = str(ContactRole.labels()[role])
    return str(_("%(name)s has the role “%(role)s” now.", name=contact.name, role=word))


def _activate(case: Case) -> str:
    if case.contact is None:
        raise Conflict(_("This customer has no such contact."))
    activate(case.contact)
    return str(_("%(name)s is active again.", name=case.contact.name))


def _write_again(case: Case) -> str:
    if case.contact is None:
        raise Conflict(_("This customer has no such contact."))
    write_again(case.customer, case.contact.id)
    return str(_("%(name)s gets e-mails again.", name=case.contact.name))


def _post(case: Case) -> str:
    for document in case.documents:
        if document.state is DocumentState.DRAFT:
            post_document(document)
            return str(_("“%(name)s” was posted.", name=document.label))
    raise Conflict(_("Only a draft can be posted."))


def _end_hold(case: Case) -> str:
    case.customer.on_hold = False
    db.session.flush()
    return str(_("%(name)s is not on hold any more.", name=case.customer.name))


def _on_its_way(delivery_id: int) -> str:
    """Whether it leaves at once or with the start of the mailing."""
    recipient = db.session.get_one(Delivery, delivery_id).recipient
    state = db.session.get_one(DeliveryState, delivery_id, populate_existing=True)
    if state.state is DeliveryStatus.QUEUED:
        return str(_("It is on its way to %(address)s.", address=recipient))
    return str(_("It leaves for %(address)s as soon as the mailing is resumed.", address=recipient))


def _delivery(case: Case) -> Delivery:
    if case.delivery is None:
        raise Conflict(_("There is no such message in this mailing."))
    return case.delivery
