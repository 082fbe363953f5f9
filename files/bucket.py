"""A bucket of an S3 service that holds files by key."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url

from files.errors import StoreUnavailable

WRITERS = 4


class Bucket:
    """The bucket and prefix of a URL such as s3://bucket/prefix; each write is atomic there."""

    def __init__(self, url: str) -> None:
        self._url = url
        try:
            # Its own limits: 5 s to connect, 30 s a request. Options given here would hide AWS_*.
            self._store: ObjectStore = from_url(
                url, retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=20)}
            )
        except (BaseError, ValueError) as error:
            raise self._unavailable(error) from error

    def write_all(self, files: Mapping[str, bytes]) -> None:
        """Write these objects, some at the same time: most of it is waiting for the service."""
        try:
            with ThreadPoolExecutor(WRITERS) as writers:
                list(writers.map(self._write, files, files.values()))
        except (BaseError, OSError, ValueError) as error:
            raise self._unavailable(error) from error

    def _write(self, key: str, content: bytes) -> None:
        obstore.put(self._store, key, content)

    def read(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        try:
            if start == 0 and length is None:
                return bytes(obstore.get(self._store, key).bytes())
            end = self.size(key) if length is None else min(start + length, self.size(key))
            if start >= end:
                return b""
            return bytes(obstore.get_range(self._store, key, start=start, end=end))
        except FileNotFoundError:
            raise
        except (BaseError, OSError, ValueError) as error:
            raise self._unavailable(error) from error

    def size(self, key: str) -> int:
        try:
            return obstore.head(self._store, key)["size"]
        except FileNotFoundError:
            raise
        except (BaseError, OSError, ValueError) as error:
            raise self._unavailable(error) from error

    def delete(self, key: str) -> None:
        try:
            obstore.delete(self._store, key)
        except FileNotFoundError:
            return
        except (BaseError, OSError, ValueError) as error:
            raise self._unavailable(error) from error

    def _unavailable(self, error: Exception) -> StoreUnavailable:
        # The first line is the reason; what follows is the server's XML, or the client's own trace.
        line = (str(error).strip().splitlines() or [type(error).__name__])[0]
        reason = line.partition(": <")[0].rstrip(". ")
        return StoreUnavailable(f"FILES_URL names {self._url}, which cannot be used: {reason}.")
