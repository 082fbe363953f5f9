"""What the planner believes of the tables of messages: told early, as a first run outpaces the server's own measuring."""

from sqlalchemy import text

from models.base import db

FEW = 100  # messages: to look through so many is dearer than to find one by its key


def tell_sizes() -> bool:
    """Measure the tables if they are believed to be nearly empty; whether they were. Commits.

    Keys are checked by plans that a connection keeps. One that was made for an empty table may look through all messages
    of the organization for each new row.
    """
    was_measured: bool = db.session.execute(
        text("SELECT measure_mail(:few)"), {"few": FEW}
    ).scalar_one()
    db.session.commit()
    return was_measured
