"""The database is made ready at every start."""

from services.system.database import prepare_database


def test_every_start_prepares_the_database_as_its_owner(settings):
    """The fixture has done it once; the roles that serve exist by now."""
    prepare_database(settings.database_url, settings.logins())
