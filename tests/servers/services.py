"""Data folders for tests that start services of their own; `tests/conftest.py` has those of a whole run."""

import shutil
import tempfile
from pathlib import Path

from embedded.data_folder import DataFolder

# Tests lose nothing when the machine does.
QUICK = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
}


def short_folder() -> Path:
    """A new folder with a short path that PostgreSQL's account may pass through, also when we are root."""
    folder = Path(tempfile.mkdtemp(prefix="vt-"))
    folder.chmod(0o711)
    return folder


def remove(folder: Path) -> None:
    """Remove a data folder, and what lies outside of it because of it."""
    noted = DataFolder(folder).recall()
    outside = [noted.get(name) for name in ("postgres_place", "postgres_sockets", "valkey_sockets")]
    for place in filter(None, [*outside, folder]):
        shutil.rmtree(place, ignore_errors=True)
