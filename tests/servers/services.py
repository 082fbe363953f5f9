"""One embedded PostgreSQL and one Valkey for a whole test run, shared by all its processes."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from embedded.file_lock import FileLock
from embedded.services import ServiceUrls, running_services

# Tests lose nothing when the machine does.
QUICK = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
}


@contextlib.contextmanager
def services_for_tests(
    shared: Path, postgres_settings: Mapping[str, str] = QUICK
) -> Iterator[ServiceUrls]:
    """The services of this test run; `shared` is a folder that all its processes know.

    Give it `tmp_path_factory.getbasetemp()`, or its parent in an xdist worker. Whoever comes first
    starts the services; they end with the last one, also when that one is killed.
    """
    env = {name: text for name, text in os.environ.items() if not name.endswith("_URL")}
    with FileLock(shared / "services.lock") as lock:
        lock.wait_for(lock.try_alone, seconds=60)
        record = shared / "services.folder"
        if not record.exists():
            record.write_text(str(short_folder()))
        folder = Path(record.read_text())
        users = FileLock(shared / "services.users")
        users.try_shared()
    with running_services(folder, env, postgres_settings=postgres_settings) as urls:
        yield urls
    with FileLock(shared / "services.lock") as lock:
        lock.wait_for(lock.try_alone, seconds=60)
        if users.try_alone():
            remove(folder)
            record.unlink(missing_ok=True)
        users.release()


def short_folder() -> Path:
    """A new folder with a short path that PostgreSQL's account may pass through, also when we are root."""
    folder = Path(tempfile.mkdtemp(prefix="vt-"))
    folder.chmod(0o711)
    return folder


def remove(folder: Path) -> None:
    """Remove a data folder, and what lies outside of it because of it."""
    from embedded.data_folder import DataFolder

    places = DataFolder(folder).recall()
    for place in (places.get("postgres_place"), *map(places.get, SOCKETS), folder):
        if place:
            shutil.rmtree(place, ignore_errors=True)


SOCKETS = ("postgres_sockets", "valkey_sockets")
