"""Which time zones are offered, in which order, and what they are called."""

from datetime import UTC, datetime

from services.mailings.time_zones import zone_choices, zone_names


def test_zones_of_the_own_country_come_first_and_old_names_not_at_all() -> None:
    """S1-06."""
    names = zone_names("Europe/Madrid")

    assert names[:3] == ("Africa/Ceuta", "Atlantic/Canary", "Europe/Madrid")
    assert names[-1] == "UTC"
    assert len(names) == len(set(names))
    assert {"America/Bogota", "Asia/Kolkata"} <= set(names)
    assert not {"Asia/Calcutta", "America/Buenos_Aires", "EST"} & set(names)


def test_a_zone_of_no_country_puts_none_first() -> None:
    assert zone_names("UTC")[:2] == ("Africa/Abidjan", "Africa/Accra")


def test_a_zone_says_how_far_it_is_from_utc_at_present() -> None:
    july = datetime(2026, 7, 1, tzinfo=UTC)
    wanted = ["America/Bogota", "Europe/Madrid", "Asia/Kolkata", "Africa/Abidjan", "UTC"]

    assert [words for _name, words in zone_choices(wanted, july)] == [
        "America/Bogota (UTC-5)",
        "Europe/Madrid (UTC+2)",
        "Asia/Kolkata (UTC+5:30)",
        "Africa/Abidjan (UTC)",
        "UTC",
    ]
    assert zone_choices(["Europe/Madrid"], datetime(2026, 12, 1, tzinfo=UTC)) == [
        ("Europe/Madrid", "Europe/Madrid (UTC+1)")
    ]
