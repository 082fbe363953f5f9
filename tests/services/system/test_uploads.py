"""Files that people hand in."""

import hashlib
from pathlib import Path

import pytest

from errors import Invalid
from files.store import FileStore
from models.base import db
from services.system.uploads import clean_name, keep, receive, size_words

pytestmark = pytest.mark.usefixtures("organization")
PDF = b"%PDF-1.7\n..."


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(str(tmp_path / "files"))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ana\\clientes julio.xlsx", "clientes julio.xlsx"),
        ('a"b\r\n<c>.csv', "abc.csv"),
        ("", "file"),
        ("x" * 300 + ".csv", "x" * 116 + ".csv"),
    ],
)
def test_names_of_files_are_cleaned(given: str, kept: str) -> None:
    assert clean_name(given) == kept


def test_the_same_content_is_kept_once(store: FileStore) -> None:
    """L-05: stored under the hash of what is in it."""
    first = keep(receive(PDF, "a.pdf", store=store))
    second = keep(receive(PDF, "b.pdf", store=store))
    db.session.commit()

    assert first.id == second.id
    assert first.sha256 == hashlib.sha256(PDF).hexdigest()
    assert (first.size_bytes, first.media_type) == (len(PDF), "application/pdf")
    assert store.read(first.sha256) == PDF


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [(b"", "a.pdf", "a.pdf"), (PDF * 10, "a.pdf", "100 B"), (b"MZ", "a.pdf", "PDF")],
)
def test_what_cannot_be_used_is_refused(
    store: FileStore, content: bytes, name: str, said: str
) -> None:
    """L-05: empty, too large, or not what its name says."""
    with pytest.raises(Invalid, match=said):
        receive(content, name, store=store, kinds=("pdf",), most_bytes=100)


def test_sizes_are_told_as_people_say_them() -> None:
    assert [size_words(n) for n in (12, 24_400, 1_440_000)] == ["12 B", "24 KB", "1,4 MB"]
