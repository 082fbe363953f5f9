"""A folder that holds files by key, written so that neither a crash nor a reader sees half a file."""

import os
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
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

    def write_all(self, files: Mapping[str, bytes]) -> None:
        """Write these files; the disk is waited for when it has all of them, which takes it less than one by one."""
        paths = {self.path(key): content for key, content in files.items()}
        try:
            self._make_folders({path.parent for path in paths})
            with ExitStack() as unfinished:
                incoming = {
                    path: _begun(path.parent, content, unfinished)
                    for path, content in paths.items()
                }
                for handle, _temporary in incoming.values():
                    os.fsync(handle)
                for path, (_handle, temporary) in incoming.items():
                    os.replace(temporary, path)
            _sync_folders({path.parent for path in paths})
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

    def _make_folders(self, folders: Iterable[Path]) -> None:
        """Like mkdir -p, and the new folders' names are on disk before anything is put into them."""
        missing = {folder for folder in folders if not folder.is_dir()}
        if not missing:
            return
        parents = {folder.parent for folder in missing}
        self._make_folders(parents)
        for folder in missing:
            folder.mkdir(mode=0o700, exist_ok=True)
        _sync_folders(parents)

    def _unavailable(self, error: OSError) -> StoreUnavailable:
        reason = error.strerror or str(error)
        return StoreUnavailable(f"FILES_URL names {self._folder}, which cannot be used: {reason}.")


def _begun(folder: Path, content: bytes, unfinished: ExitStack) -> tuple[int, str]:
    """A file under another name whose bytes are on their way to the disk, with its handle."""
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".incoming-")
    unfinished.callback(Path(temporary).unlink, missing_ok=True)
    with os.fdopen(handle, "wb", closefd=False) as stream:
        unfinished.callback(os.close, handle)
        stream.write(content)
    if hasattr(os, "posix_fadvise"):  # begins to write, and returns
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    return handle, temporary


def _sync_folders(folders: Iterable[Path]) -> None:
    for folder in folders:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
