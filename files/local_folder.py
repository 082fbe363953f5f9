"""A folder that holds files by key, written so that neither a crash nor a reader sees half a file."""

import os
import tempfile
from pathlib import Path

from files.errors import StoreUnavailable


class LocalFolder:
    """The folder, made if it is missing; what is in it only its owner can read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.expanduser().absolute()
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise self._unavailable(error) from error

    def path(self, key: str) -> Path:
        return self._folder / key

    def write(self, key: str, content: bytes) -> None:
        path = self.path(key)
        try:
            self._make_folders(path.parent)
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".incoming-")
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(content)
                    stream.flush()
                    os.fsync(stream.fileno())
                os.replace(temporary, path)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
            _sync_folder(path.parent)
        except OSError as error:
            raise self._unavailable(error) from error

    def read(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        try:
            with open(f"{self._folder}/{key}", "rb", buffering=0) as stream:
                if start:
                    stream.seek(start)
                return stream.readall() if length is None else stream.read(length)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise self._unavailable(error) from error

    def size(self, key: str) -> int:
        try:
            return self.path(key).stat().st_size
        except FileNotFoundError:
            raise
        except OSError as error:
            raise self._unavailable(error) from error

    def delete(self, key: str) -> None:
        try:
            self.path(key).unlink(missing_ok=True)
        except OSError as error:
            raise self._unavailable(error) from error

    def _make_folders(self, folder: Path) -> None:
        """Like mkdir -p, and each new folder's name is on disk before anything is put into it."""
        if folder.is_dir():
            return
        self._make_folders(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(folder.parent)

    def _unavailable(self, error: OSError) -> StoreUnavailable:
        reason = error.strerror or str(error)
        return StoreUnavailable(f"FILES_URL names {self._folder}, which cannot be used: {reason}.")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
