"""Who hears of what customers do in the portal: at once, once a day, or nobody (S2-08 to S2-12).

The rows of `portal_event` that nobody decided about yet are the queue. A row is marked in the transaction that writes its e-mails, and the
same cause is written about once, so it may run twice.
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from mail.envelope import EmailAddress
from models.base import db, utc_now
from models.mailbox.mail_account import MailAccount
from models.people.organization import Organization
from models.portal.portal_event import PortalEvent, PortalEventKind
from models.portal.portal_settings import PortalSettings, WhenTold
from models.tenancy import Actor, across_organizations, acting_in, current_scope
from services.portal.activity_emails import activity_of_a_day, activity_took_place
from services.portal.activity_words import when_told
from services.portal.group_levels import GroupSettings

MOST_AT_ONCE = 500
logger = logging.getLogger(__name__)


def tell_everybody() -> int:
    """In every organization; each one is committed. Returns how many e-mails were written; twice does no harm."""
    with across_organizations():
        keys = db.session.scalars(
            select(PortalEvent.organization_id).where(PortalEvent.told_at.is_(None)).distinct()
        ).all()
    written = 0
    for key in keys:
        db.session.rollback()
        with acting_in(key, actor=Actor(source="job", name="portal")):
            try:
                written += tell_staff()
                db.session.commit()
            except Exception:  # another organization's staff must hear all the same
                logger.exception("staff of organization %s was not told", key)
                db.session.rollback()
    return written


def tell_staff(now: datetime | None = None) -> int:
    """Write about what happened in the organization in scope; returns how many e-mails were written."""
    settings: PortalSettings = db.session.scalars(select(PortalSettings)).one()
    organization = db.session.get_one(Organization, current_scope().organization_id)
    now = now or utc_now()
    begin = _midnight(organization, now)
    to = settings.notify_emails or ([organization.email] if organization.email else [])
    account = GroupSettings(None).sender()
    written = 0
    of_days: dict[date, list[PortalEvent]] = defaultdict(list)
    for event in _untold(settings, begin):
        when = when_told(settings, event.kind) if settings.notify_of_activity else WhenTold.NEVER
        if when is WhenTold.NEVER or not to:
            event.told_at = now
        elif account is None:
            continue  # it waits until there is one
        elif when is WhenTold.AT_ONCE:
            written += sum(
                activity_took_place(account, event, each, organization) is not None for each in to
            )
            event.told_at = now
        elif event.at < begin:
            of_days[event.at.astimezone(ZoneInfo(organization.timezone)).date()].append(event)
    for day, events in of_days.items():
        assert account is not None
        written += _digest(account, day, events, to, organization)
        for event in events:
            event.told_at = now
    db.session.flush()
    return written


def _untold(settings: PortalSettings, begin: datetime) -> Sequence[PortalEvent]:
    """The oldest first, but for what is told tomorrow; locked, so that two workers do not write about the same."""
    daily = [kind for kind in PortalEventKind if when_told(settings, kind) is WhenTold.DAILY]
    is_due = or_(PortalEvent.kind.not_in(daily), PortalEvent.at < begin)
    found: Sequence[PortalEvent] = db.session.scalars(
        select(PortalEvent)
        .where(PortalEvent.told_at.is_(None), is_due)
        .order_by(PortalEvent.id)
        .limit(MOST_AT_ONCE)
        .with_for_update(of=PortalEvent, skip_locked=True)
        .options(joinedload(PortalEvent.customer), joinedload(PortalEvent.document))
    ).all()
    return found


def _digest(
    account: MailAccount,
    day: date,
    events: Sequence[PortalEvent],
    to: Sequence[str],
    organization: Organization,
) -> int:
    addresses = {EmailAddress.parse(each).normalised: each for each in to}
    return sum(
        activity_of_a_day(account, day, events, each, organization) is not None
        for each in addresses.values()
    )


def _midnight(organization: Organization, now: datetime) -> datetime:
    """When this day began where the organization is: what was before is told today."""
    here = now.astimezone(ZoneInfo(organization.timezone))
    return here.replace(hour=0, minute=0, second=0, microsecond=0)
