"""Whether PostgreSQL was away when it was asked, rather than refused what it was asked for."""

from sqlalchemy.exc import DBAPIError

# Class 08 is about connections; these too end them or refuse new ones
# (https://www.postgresql.org/docs/current/errcodes-appendix.html).
SHUTTING_DOWN = {"57P01", "57P02", "57P03"}
TOO_MANY_CONNECTIONS = "53300"


def is_lost(problem: DBAPIError) -> bool:
    """The connection was refused, or broke; psycopg has no code for what no server has said."""
    state = getattr(problem.orig, "sqlstate", None)
    if problem.connection_invalidated or state is None:
        return True
    return state[:2] == "08" or state in SHUTTING_DOWN or state == TOO_MANY_CONNECTIONS
