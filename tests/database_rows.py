"""What the database holds, table by table, so that a test can say that nothing has changed, or what has."""

import hashlib

import psycopg
from psycopg import sql

# What moves when somebody only looks, and why that is no change that anybody could see.
SEEN = ["last_seen_at", "updated_at"]  # until when a session was used
MAY_MOVE = {"user_session": SEEN, "portal_session": SEEN}
# A PDF that is asked for first is kept; nobody can tell it from one that is drawn again (decision 0025).
NOT_COUNTED = {
    "file": "media_type = 'application/pdf'",
    "document_file": "kind = 'pdf'",
}


def database_rows(dsn: str) -> dict[str, str]:
    """A hash of the rows of each table; as superuser, past all walls."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        )
        return {name: _hash(connection, name) for (name,) in tables.fetchall()}


def _hash(connection: "psycopg.Connection[tuple[object, ...]]", table: str) -> str:
    query = sql.SQL(
        "SELECT string_agg(r, '' ORDER BY r) FROM (SELECT (to_jsonb(t) - %s::text[])::text r FROM {} t WHERE NOT ({})) x"
    ).format(
        sql.Identifier(table),
        sql.SQL(NOT_COUNTED.get(table, "false")),  # type: ignore[arg-type]  # words of ours
    )
    row = connection.execute(query, [MAY_MOVE.get(table, [])]).fetchone()
    assert row is not None
    return hashlib.sha256(str(row[0]).encode()).hexdigest()
