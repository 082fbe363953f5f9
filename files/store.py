"""Files kept by the hash of their content: the same bytes are stored once, and never change.

`FILES_URL` names the place: a folder (`/srv/files`, `file:///srv/files`) or a bucket
(`s3://bucket/prefix`; keys and endpoint come from the usual `AWS_*` variables).
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from errors import Invalid, NotFound
from files.bucket import Bucket
from files.errors import StoreUnavailable
from files.local_folder import LocalFolder

_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """The name under which bytes are kept, and how many they are."""

    sha256: str
    size_bytes: int


class Place(Protocol):
    """Where keys with a slash in them hold bytes; a missing key raises FileNotFoundError."""

    def write_all(self, files: Mapping[str, bytes]) -> None: ...
    def read(self, key: str, start: int = 0, length: int | None = None) -> bytes: ...
    def size(self, key: str) -> int: ...
    def delete(self, key: str) -> None: ...


class FileStore:
    """The store at a URL; raises StoreUnavailable if the URL cannot be used."""

    def __init__(self, url: str) -> None:
        self._place = _place_at(url)

    def put(self, content: bytes) -> StoredFile:
        """Keep the bytes; when this returns they survive a power cut."""
        return self.put_all([content])[0]

    def put_all(self, contents: Sequence[bytes]) -> list[StoredFile]:
        """Keep several at once, which costs less than one by one; when this returns all survive a power cut."""
        stored = [StoredFile(hashlib.sha256(each).hexdigest(), len(each)) for each in contents]
        self._place.write_all(
            {
                _key(file.sha256): content
                for file, content in zip(stored, contents, strict=True)
                if not self.exists(file.sha256)
            }
        )
        return stored

    def read(self, sha256: str) -> bytes:
        """The bytes of that hash. Raises NotFound, or StoreUnavailable if they were damaged."""
        content = self.read_range(sha256)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise StoreUnavailable(f"The stored file {sha256} is damaged.")
        return content

    def read_range(self, sha256: str, start: int = 0, length: int | None = None) -> bytes:
        """`length` bytes from `start`, unchecked; all that follow if there is no length."""
        try:
            return self._place.read(_key(sha256), start, length)
        except FileNotFoundError as error:
            raise NotFound(f"There is no stored file {sha256}.") from error

    def path(self, sha256: str) -> Path | None:
        """The file on this machine that holds the bytes, or None where there is no such file."""
        if not isinstance(self._place, LocalFolder) or not self.exists(sha256):
            return None
        return self._place.path(_key(sha256))

    def size(self, sha256: str) -> int:
        """How many bytes they are. Raises NotFound."""
        try:
            return self._place.size(_key(sha256))
        except FileNotFoundError as error:
            raise NotFound(f"There is no stored file {sha256}.") from error

    def exists(self, sha256: str) -> bool:
        try:
            self.size(sha256)
        except NotFound:
            return False
        return True

    def delete(self, sha256: str) -> None:
        """Forget the bytes; what is not there needs no forgetting."""
        self._place.delete(_key(sha256))

    def check(self) -> None:
        """Write and remove a small file, so that a wrong FILES_URL is noticed at start."""
        key = f"check/{hashlib.sha256(b'check').hexdigest()}"
        self._place.write_all({key: b"check"})
        self._place.delete(key)


def _key(sha256: str) -> str:
    """ab/cd/abcd...: folders stay small. Only a hash can be part of a path."""
    if not _HASH.fullmatch(sha256):
        raise Invalid("A stored file is named by the SHA-256 of its content, in hexadecimal.")
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def _place_at(url: str) -> Place:
    parts = urlsplit(url)
    if url.strip() and not parts.scheme:
        return LocalFolder(Path(url))
    if parts.scheme == "file" and not parts.netloc and parts.path:
        return LocalFolder(Path(unquote(parts.path)))
    if parts.scheme == "s3" and parts.netloc:
        return Bucket(url)
    raise StoreUnavailable(
        f"FILES_URL is {url!r}, which is neither a folder, file:///folder nor s3://bucket/prefix."
    )
