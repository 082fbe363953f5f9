"""Real servers that the settings name: can they be reached, are they new enough?"""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
import redis

from errors import Unavailable

_OLDEST_POSTGRES = 15
_PATIENCE_SECONDS = 5


def checked_database_url(url: str, *, oldest: int = _OLDEST_POSTGRES) -> str:
    """The address in SQLAlchemy's form, once a PostgreSQL that is new enough has answered there."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in {"postgres", "postgresql", "postgresql+psycopg"}:
        raise Unavailable("DATABASE_URL must begin with postgresql:// (no other database will do).")
    try:
        version = _server_version(f"postgresql://{rest}")
    except psycopg.Error as error:
        raise Unavailable(
            f"The database at DATABASE_URL cannot be reached: {_reason(error, url)}"
        ) from error
    if version < oldest * 10_000:
        raise Unavailable(
            f"The database at DATABASE_URL is PostgreSQL {version // 10_000}; "
            f"Ventanilla needs {oldest} or newer."
        )
    return f"postgresql+psycopg://{rest}"


def checked_redis_url(url: str) -> str:
    """The address, once a Redis or Valkey has answered there."""
    try:
        with redis.Redis.from_url(
            url, socket_connect_timeout=_PATIENCE_SECONDS, socket_timeout=_PATIENCE_SECONDS
        ) as connection:
            connection.ping()
    except (redis.RedisError, ValueError, OSError) as error:
        raise Unavailable(
            f"The server at REDIS_URL cannot be reached: {_reason(error, url)}"
        ) from error
    return url


def checked_files_url(url: str) -> str:
    """The address, once a folder or bucket has answered there."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        folder = Path(unquote(parts.path))
        if not folder.is_dir():
            raise Unavailable(f"The folder at FILES_URL does not exist: {folder}")
        return url
    # Imported here: most installations keep their files in a folder.
    import obstore
    from obstore.exceptions import BaseError
    from obstore.store import from_url

    try:
        store = from_url(
            url,
            client_options={"timeout": f"{_PATIENCE_SECONDS}s", "allow_http": True},
            retry_config={"max_retries": 1},
        )
        next(iter(obstore.list(store, chunk_size=1)), None)
    except (BaseError, ValueError) as error:
        raise Unavailable(
            f"The store at FILES_URL cannot be reached: {_reason(error, url)}"
        ) from error
    return url


def _server_version(url: str) -> int:
    with psycopg.connect(url, connect_timeout=_PATIENCE_SECONDS) as connection:
        return connection.info.server_version


def _reason(error: Exception, url: str) -> str:
    """The first line of what went wrong, without a server's XML and the password that was part of the address."""
    line = (str(error).strip().splitlines() or [type(error).__name__])[0].partition(": <")[0]
    credentials = re.search(r"://[^/@]*?:(.+)@", url)
    return line.replace(credentials[1], "***") if credentials else line
