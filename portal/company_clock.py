"""Moments as the clock on the company's wall shows them: an evening in Bogotá is the next day in UTC."""

from datetime import datetime
from zoneinfo import ZoneInfo

from models.people.organization import Organization
from portal.guard import current_portal


def there(at: datetime, organization: Organization | None = None) -> datetime:
    """The moment at this company; without one, at the company whose portal this is."""
    where = organization or current_portal().organization
    return at.astimezone(ZoneInfo(where.timezone))
