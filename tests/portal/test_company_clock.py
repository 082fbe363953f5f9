"""Days in the portal are those on the wall of the company."""

from datetime import UTC, datetime

from models.people.organization import Organization
from portal.company_clock import there


def test_an_evening_in_bogota_is_not_tomorrow(organization: Organization) -> None:
    organization.timezone = "America/Bogota"
    late = datetime(2026, 11, 28, 3, 30, tzinfo=UTC)

    assert there(late, organization).date().isoformat() == "2026-11-27"
