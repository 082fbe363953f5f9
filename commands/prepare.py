"""`python -m commands.prepare`: bring the database up to date and look at the walls, before anything serves."""

import sys

import psycopg

from errors import AppError
from extensions.logs import configure_logging
from services.system.database import ROLES, is_prepared, prepare_database, refuse_powerful_role
from settings import Settings


def main() -> int:
    """Exit 0 if all is well, 2 with one sentence otherwise."""
    try:
        settings = Settings.from_env()
        configure_logging("WARNING")
        if not is_prepared(settings.role_url("staff")):
            prepare_database(settings.database_url, settings.logins())
        for role in ROLES:
            refuse_powerful_role(settings.role_url(role))
    except AppError as problem:
        sys.stderr.write(f"{problem.message}\n")
        return 2
    except psycopg.Error as problem:
        reason = " ".join(str(problem).split())
        sys.stderr.write(f"A role of the server cannot sign in to the database: {reason}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
