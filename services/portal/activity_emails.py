"""The e-mails about activity in the portal: to staff what customers did, to customers what staff commented."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from flask_babel import force_locale

from mail.headers import Mailbox
from models.people.organization import Organization
from models.portal.portal_event import PortalEvent, PortalEventKind
from services.mailings.notices import Notice, email
from services.portal.activity_words import documents_in
from services.portal.mail_words import day_in_words
from services.portal.portal_addresses import base_url


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """One event in words."""

    what: str
    customer: str
    who: str
    when: str
    document: str
    ip: str
    link: str


@email("portal-activity")
def activity_took_place(event: PortalEvent, to: str, organization: Organization) -> Notice:
    lang = organization.default_lang
    return Notice(
        cause=f"portal_event:{event.id}:{to.lower()}",
        to=Mailbox(to),
        lang=lang,
        values={"line": line_of(event, organization), "organization": organization.name},
    )


@email("portal-activity-day")
def activity_of_a_day(
    day: date, events: Sequence[PortalEvent], to: str, organization: Organization
) -> Notice:
    lang = organization.default_lang
    # Further events of a day that were written late make a mail of their own.
    cause = f"portal_day:{day.isoformat()}:{events[0].id}:{to.lower()}"
    return Notice(
        cause=cause,
        to=Mailbox(to),
        lang=lang,
        values={
            "day": day_in_words(day, lang),
            "lines": [line_of(event, organization) for event in events],
            "organization": organization.name,
        },
    )


def line_of(event: PortalEvent, organization: Organization) -> ActivityLine:
    """An event as staff reads it, in the language and on the clock of the organization."""
    lang = organization.default_lang
    with force_locale(lang):
        what, about = str(PortalEventKind.labels()[event.kind]), documents_in(event)
    document = event.document
    link = (
        f"{base_url()}/admin/{document.kind.value}/details/?id={document.id}"
        if document is not None
        else f"{base_url()}/admin/customer/details/?id={event.customer_id}"
    )
    return ActivityLine(
        what=what,
        customer=event.customer.name,
        who=event.actor_name,
        when=_moment(event.at, organization),
        document=about,
        ip=event.ip or "",
        link=link,
    )


def _moment(at: datetime, organization: Organization) -> str:
    here = at.astimezone(ZoneInfo(organization.timezone))
    return str(format_datetime(here, "medium", locale=organization.default_lang))
