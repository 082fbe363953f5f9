"""Which time zones are offered, in which order, and what they are called."""

from datetime import UTC, datetime

from services.mailings.time_zones import is_zone, present_name, zone_choices, zone_names


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


def test_an_old_name_is_the_zone_that_it_was() -> None:
    """S1-06: what was written down under it stays good."""
    assert present_name("America/Buenos_Aires") == "America/Argentina/Buenos_Aires"
    assert present_name("Asia/Calcutta") == "Asia/Kolkata"
    assert present_name("America/Bogota") == "America/Bogota"
    assert present_name("Nowhere/City") == "Nowhere/City"


def test_what_is_not_offered_may_be_a_zone() -> None:
    assert is_zone("Etc/GMT+5") and is_zone("America/Buenos_Aires")
    assert not is_zone("Nowhere/City") and not is_zone("../etc/passwd") and not is_zone("")
