"""The buttons that cure what kept a message from somebody, and the door behind them (N-01, X1-05, X1-10)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from admin_views.identity import current_staff
from admin_views.next_page import is_inside
from admin_views.screens.mailing_door import blueprint, the_mailing
from errors import AppError
from jobs.mailings import deliver_due, workshop
from models.base import db
from models.mailbox.mail_account import MailAccount
from models.mailings.delivery import DeliveryStatus
from models.mailings.reason import ReasonCode
from models.people.contact import ContactRole
from models.tenancy import because
from services.mailings.cure_deeds import Said, do_cure, role_wanted
from services.mailings.cures import Cure, Offered
from services.mailings.explained_case import Case, case_named

MAILING = ("mailing", "resolve")
CONTACT = ("contact", "edit")
RIGHTS: dict[Cure, tuple[str, str]] = {
    Cure.ADD_ADDRESS: CONTACT,
    Cure.CORRECT_ADDRESS: CONTACT,
    Cure.GIVE_ROLE: CONTACT,
    Cure.ACTIVATE_CONTACT: CONTACT,
    Cure.WRITE_AGAIN: CONTACT,
    Cure.FREE_ADDRESS: ("suppression", "delete"),
    Cure.POST_DOCUMENT: ("document", "post"),
    Cure.END_HOLD: ("customer", "edit"),
    Cure.OPEN_ACCOUNT: ("mail_account", "view"),
    Cure.START: ("mailing", "start"),
}
LABELS = {
    Cure.SEND_NOW: (_l("Send it now"), "send"),
    Cure.RETRY: (_l("Try again now"), "refresh"),
    Cure.RESEND: (_l("Send again"), "refresh"),
    Cure.OTHER_CONTACT: (_l("Send to another contact"), "send"),
    Cure.ADD_ADDRESS: (_l("Add an address"), "plus"),
    Cure.CORRECT_ADDRESS: (_l("Correct the address"), "edit"),
    Cure.FREE_ADDRESS: (_l("The address works: take it off the list"), "circle-check"),
    Cure.GIVE_ROLE: (_l("Give a contact the role"), "user-cog"),
    Cure.ACTIVATE_CONTACT: (_l("Activate the contact"), "circle-check"),
    Cure.WRITE_AGAIN: (_l("Send e-mails to this contact again"), "mail-check"),
    Cure.POST_DOCUMENT: (_l("Post the document"), "file-check"),
    Cure.END_HOLD: (_l("Take the customer off hold"), "player-play"),
    Cure.ANY_LANGUAGE: (_l("Send it in the language of the mailing"), "language"),
    Cure.OPEN_ACCOUNT: (_l("Open the mail account"), "at"),
    Cure.START: (_l("Start or resume the mailing"), "player-play"),
    Cure.SETTLE_SENT: (_l("It was sent"), "circle-check"),
    Cure.SETTLE_RESEND: (_l("Send again"), "refresh"),
}
ASKS = {
    Cure.ADD_ADDRESS: ("address", "name"),
    Cure.CORRECT_ADDRESS: ("address",),
    Cure.GIVE_ROLE: ("contact",),
    Cure.OTHER_CONTACT: ("contact",),
    Cure.RESEND: ("why",),
    Cure.SETTLE_SENT: ("why",),
    Cure.SETTLE_RESEND: ("why",),
}


@dataclass(frozen=True)
class CureButton:
    """A link (`url`), or a form that posts; `fields` are what it asks for first."""

    cure: Cure
    label: str
    icon: str
    url: str | None = None
    asks: bool = False
    fields: Sequence[str] = ()
    contacts: Sequence[tuple[int, str]] = ()
    contact_id: int | None = None
    address: str = ""  # what there is to correct
    hint: str = ""


@blueprint.post("/<uuid:public_id>/cure/<key>")
def cure(public_id: uuid.UUID, key: str) -> ResponseReturnValue:
    """Do what the button says, and say what happened; who comes second hears it calmly."""
    mailing = the_mailing(public_id, "resolve")
    asked = request.form.get("cure", "")
    if asked not in set(Cure):
        abort(404)
    wanted = Cure(asked)
    current_staff().rights.require(*RIGHTS.get(wanted, MAILING))
    case = case_named(mailing, key)
    said = _said()
    if said.why:
        because(said.why)
    try:
        told = do_cure(case, wanted, said, workshop())
    except AppError as problem:
        db.session.rollback()
        flash(problem.message, "bad")
        return redirect(_back(mailing.public_id, key))
    db.session.commit()
    deliver_due.enqueue()
    flash(told)
    return redirect(_back(mailing.public_id, key))


def buttons_for(case: Case, offered: Sequence[Offered]) -> list[CureButton]:
    """What this reader may do, as buttons."""
    rights = current_staff().rights
    if not rights.allows(*MAILING):
        return []
    return [
        _button(case, each) for each in offered if rights.allows(*RIGHTS.get(each.cure, MAILING))
    ]


def _may_give_permission(account: MailAccount) -> bool:
    """As the page of the permission asks: its owner, and who may edit accounts."""
    staff = current_staff()
    return account.owner_id == staff.user.id or staff.rights.allows("mail_account", "edit")


def _button(case: Case, offered: Offered) -> CureButton:
    cure, (label, icon) = offered.cure, LABELS[offered.cure]
    public_id = case.mailing.public_id
    if cure is Cure.OPEN_ACCOUNT:
        account = case.mailing.account
        if account.paused_reason == ReasonCode.CONSENT_LOST and _may_give_permission(account):
            url = url_for("mail_permission.page", public_id=account.public_id)
            return CureButton(cure, _("Give permission"), "key", url=url)
        url = url_for("mail_account.details_view", id=account.id)
        return CureButton(cure, str(label), icon, url=url)
    if cure is Cure.START:
        url = url_for("mailing_console.start", public_id=public_id)
        return CureButton(cure, str(label), icon, url=url, asks=True)
    fields = list(ASKS.get(cure, ()))
    contacts = [
        (entry.contact_id, f"{entry.name} · {entry.address or _('no address')}")
        for entry in offered.contacts
    ]
    words, only = str(label), None
    if cure is Cure.OTHER_CONTACT and len(contacts) == 1:
        fields, only = [], contacts[0][0]
        words = _("Send to %(name)s", name=offered.contacts[0].name)
    if cure is Cure.ADD_ADDRESS and case.contact is not None:
        fields.remove("name")
    return CureButton(
        cure,
        words,
        icon,
        fields=fields,
        contacts=contacts,
        contact_id=only,
        address=(case.address or "") if cure is Cure.CORRECT_ADDRESS else "",
        hint=_hint(case, cure),
    )


def _hint(case: Case, cure: Cure) -> str:
    if cure is Cure.GIVE_ROLE:
        role = str(ContactRole.labels()[role_wanted(case.mailing)])
        return _("The mailing looks for the role “%(role)s”.", role=role)
    if cure in {Cure.SETTLE_SENT, Cure.SETTLE_RESEND}:
        return _("For example: the customer has it; or: the customer says that nothing came.")
    return ""


def _said() -> Said:
    form: Any = request.form
    contact, seen = form.get("contact", ""), form.get("seen", "")
    return Said(
        seen=DeliveryStatus(seen) if seen in set(DeliveryStatus) else None,
        contact_id=int(contact) if contact.isdecimal() and len(contact) < 18 else None,
        address=form.get("address", "").strip()[:254],
        name=form.get("name", "").strip()[:200],
        why=form.get("why", "").strip()[:500],
    )


def _back(public_id: uuid.UUID, key: str) -> str:
    asked = request.form.get("back", "")
    if is_inside(asked):
        return asked
    return url_for("mailing_console.why", public_id=public_id, key=key)
