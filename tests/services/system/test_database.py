"""The database is made ready at every start."""

import pytest

from errors import Unavailable
from services.system.database import prepare_database, refuse_powerful_role
from settings import Settings


def test_every_start_prepares_the_database_as_its_owner(settings):
    """The fixture has done it once; the roles that serve exist by now."""
    prepare_database(settings.database_url, settings.logins())


def test_a_server_that_is_too_old_is_named_with_what_is_needed(settings: Settings) -> None:
    """Against a real server: the oldest that will do is put above it."""
    with pytest.raises(Unavailable, match=r"points to PostgreSQL \d+; .* 99 or newer"):
        prepare_database(settings.database_url, settings.logins(), oldest=99)


def test_a_role_that_ignores_the_walls_is_refused(superuser_dsn: str, settings: Settings) -> None:
    refuse_powerful_role(settings.role_url("staff"))

    with pytest.raises(Unavailable):
        refuse_powerful_role(superuser_dsn)


def test_a_server_that_does_not_answer_is_named(settings: Settings) -> None:
    with pytest.raises(Unavailable, match="DATABASE_URL"):
        prepare_database("postgresql+psycopg://x@127.0.0.1:1/x", settings.logins())
