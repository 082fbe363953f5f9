"""Why somebody did not receive it: the answer first, then what one can do, then the whole chain (N-01, X1-05)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from admin_views.identity import current_staff
from admin_views.reader_formats import moment, zone
from admin_views.screens.mail_door import allows as may_read_mail
from admin_views.screens.mailing_cures import CureButton, buttons_for
from admin_views.screens.mailing_door import blueprint, console_url, the_mailing, trail
from admin_views.screens.mailing_recipient import badge_of, roles_words
from admin_views.state_badges import Look, badge
from models.mailings.delivery import DeliveryStatus
from models.mailings.mailing import Mailing
from services.mailbox.conversation import name_to_read
from services.mailings.asking import candidates_for
from services.mailings.cures import cures_of, new_address_of
from services.mailings.explained_case import Case, case_named
from services.mailings.explained_cause import Verdict, cause_of
from services.mailings.explained_step import Step, StepKind
from services.mailings.explained_steps import answers_of, steps_of

ICONS = {
    StepKind.RANGE: "files",
    StepKind.AUDIENCE: "users",
    StepKind.ADDRESS: "at",
    StepKind.EXCLUDED: "user-off",
    StepKind.REGISTERED: "file-check",
    StepKind.STARTED: "player-play",
    StepKind.STOPPED: "player-stop",
    StepKind.ACCEPTED: "send",
    StepKind.LATER: "clock-pause",
    StepKind.REFUSED: "mail-x",
    StepKind.DOUBT: "mail-question",
    StepKind.DECIDED: "user-cog",
    StepKind.REPLACED: "mail-forward",
    StepKind.COPY: "copy",
    StepKind.CAME_BACK: "mail-x",
    StepKind.VIEWED: "eye-check",
}
LOOKS = {
    Verdict.RECEIVED: ("ok", "circle-check"),
    Verdict.WAITING: ("", "clock-pause"),
    Verdict.FAILED: ("bad", "mail-x"),
    Verdict.DOUBT: ("doubt", "mail-question"),
    Verdict.EXCLUDED: ("warn", "user-off"),
    Verdict.REPLACED: ("", "mail-forward"),
    Verdict.OUTSIDE: ("warn", "info-circle"),
}


@dataclass(frozen=True)
class Event:
    """A step as the timeline shows it."""

    icon: str
    text: str
    when: str
    moment: Any = None
    changes: Sequence[Any] = ()
    url: str = ""  # the message that says so, for whoever may read it


@dataclass(frozen=True)
class Why:
    """Everything that the panel and the page show."""

    title: str
    customer: str
    customer_url: str
    who: str
    now: str | None  # the address since then
    documents: Sequence[tuple[str, str]]
    badge: Any
    tone: str
    icon: str
    sentence: str
    detail: str
    cures: Sequence[CureButton]
    seen: str
    action_url: str
    page_url: str
    events: Sequence[Event]
    answers: Sequence[str]


@blueprint.get("/<uuid:public_id>/why/<key>")
def why(public_id: uuid.UUID, key: str) -> ResponseReturnValue:
    """The answer as a page of its own, to be sent as a link."""
    mailing = the_mailing(public_id)
    answer = why_of(case_named(mailing, key))
    trail(
        (_("No. %(number)s", number=mailing.number), console_url(mailing)),
        (_("List of recipients"), _list_url(mailing)),
        (answer.title, None),
    )
    return render_template(
        "admin/mailings/why.html",
        title=answer.title,
        subtitle=_("Mailing no. %(number)s, %(title)s", number=mailing.number, title=mailing.title),
        mailing=mailing,
        why=answer,
        close_url=None,
        back_url=request.full_path.rstrip("?"),
        return_url=_list_url(mailing),
        ask_url=url_for("mailing_console.ask", public_id=public_id),
    )


@blueprint.get("/<uuid:public_id>/why")
def ask(public_id: uuid.UUID) -> ResponseReturnValue:
    """Find the customer or the document that one asks about, whether the mailing has them or not."""
    mailing = the_mailing(public_id)
    words = request.args.get("q", "").strip()[:200]
    title = _("Why did somebody not receive it?")
    trail(
        (_("No. %(number)s", number=mailing.number), console_url(mailing)),
        (_("List of recipients"), _list_url(mailing)),
        (title, None),
    )
    return render_template(
        "admin/mailings/ask.html",
        title=title,
        subtitle=_("Mailing no. %(number)s, %(title)s", number=mailing.number, title=mailing.title),
        mailing=mailing,
        words=words,
        found=[
            (each, url_for("mailing_console.why", public_id=public_id, key=each.key))
            for each in candidates_for(mailing, words)
        ],
        return_url=_list_url(mailing),
    )


def why_of(case: Case) -> Why:
    """The answer in the reader's words."""
    cause = cause_of(case)
    tone, icon = LOOKS[cause.verdict]
    received = cause.verdict in {Verdict.RECEIVED, Verdict.REPLACED}
    return Why(
        title=_("What happened") if received else _("Why did they not receive it?"),
        customer=case.customer.name,
        customer_url=url_for("customer.details_view", id=case.customer.id),
        who=_who(case),
        now=new_address_of(case),
        documents=[(d.label or _("Draft"), _document_url(d)) for d in case.documents],
        badge=_badge(case),
        tone=tone,
        icon=icon,
        sentence=cause.sentence,
        detail=cause.detail,
        cures=buttons_for(case, cures_of(case, cause)),
        seen=case.state.state.value if case.state is not None else "",
        action_url=url_for("mailing_console.cure", public_id=case.mailing.public_id, key=case.key),
        page_url=url_for("mailing_console.why", public_id=case.mailing.public_id, key=case.key),
        events=[_event(step) for step in steps_of(case)],
        answers=answers_of(case),
    )


def _who(case: Case) -> str:
    roles = roles_words(case.delivery.contact_role) if case.delivery is not None else ""
    name = case.contact.name if case.contact is not None else None
    person = ", ".join(filter(None, [name, roles.lower()]))
    return " · ".join(filter(None, [case.address, person])) or _("no address")


def _badge(case: Case) -> Any:
    if case.state is not None:
        bounced = case.state.bounced_at is not None
        return badge_of(case.state.state, case.state.reason_code, bounced=bounced)
    if case.exclusion is not None:
        return badge_of(DeliveryStatus.SKIPPED, case.exclusion.reason_code)
    return badge(_("Not in this mailing"), Look("", "mail-off"))


def _document_url(document: Any) -> str:
    return url_for("document_address.document", public_id=document.public_id)


def _event(step: Step) -> Event:
    when = ""
    if step.at is not None:
        when = f"{moment(step.at)}:{step.at.astimezone(zone()):%S}"
    told = " · ".join(filter(None, [when, step.who]))
    icon = "alert-triangle" if step.is_wrong and step.kind in _DECIDED else ICONS[step.kind]
    return Event(icon, step.text, told, step.at, url=_message_url(step))


def _message_url(step: Step) -> str:
    if step.message_id is None or not may_read_mail("view"):
        return ""
    name = name_to_read(step.message_id, current_staff().user)
    return url_for("mail_area.message", public_id=name) if name is not None else ""


def _list_url(mailing: Mailing) -> str:
    return url_for("mailing_console.recipients", public_id=mailing.public_id)


_DECIDED = {StepKind.RANGE, StepKind.AUDIENCE, StepKind.ADDRESS}
