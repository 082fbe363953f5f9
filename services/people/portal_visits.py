"""When somebody of a customer was last in the portal, and on how many days of theirs this month (mockup 16)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Date, cast, distinct, func, select, tuple_

from models.base import db, utc_now
from models.people.customer import Customer
from models.portal.portal_event import EventActor, PortalEvent

MOST_LOOKED_AT = 2_000  # of the newest events: a month of a very busy customer


def last_visit(customer: Customer) -> PortalEvent | None:
    """The last thing that somebody of the customer did in the portal."""
    found: PortalEvent | None = db.session.scalar(
        select(PortalEvent)
        .where(PortalEvent.customer_id == customer.id, PortalEvent.actor != EventActor.MAIL)
        .order_by(PortalEvent.id.desc())
        .limit(1)
    )
    return found


def visits_this_month(customer: Customer, zone: str) -> int:
    """What one person does on one day, in this time zone, is a visit; a session may last for weeks and tells nothing."""
    here = utc_now().astimezone(ZoneInfo(zone))
    begins = datetime(here.year, here.month, 1, tzinfo=here.tzinfo)
    newest = (
        select(PortalEvent.portal_user_id, PortalEvent.actor_name, PortalEvent.at)
        .where(PortalEvent.customer_id == customer.id, PortalEvent.actor != EventActor.MAIL)
        .order_by(PortalEvent.id.desc())
        .limit(MOST_LOOKED_AT)
        .subquery()
    )
    day = cast(func.timezone(zone, newest.c.at), Date)
    visit = tuple_(func.coalesce(newest.c.portal_user_id, 0), newest.c.actor_name, day)
    query = select(func.count(distinct(visit))).where(newest.c.at >= begins)
    return db.session.scalar(query) or 0
