import hashlib
import os
import stat
import threading
from pathlib import Path

import pytest

from errors import Invalid, NotFound, Unavailable
from files.store import FileStore, StoredFile


@pytest.fixture
def store(tmp_path):
    return FileStore(str(tmp_path / "files"))


def test_what_was_put_can_be_read_by_its_hash(store):
    stored = store.put(b"factura")

    assert stored == StoredFile(hashlib.sha256(b"factura").hexdigest(), 7)
    assert store.read(stored.sha256) == b"factura"
    assert store.read_range(stored.sha256, 2, 3) == b"ctu"


def test_the_same_content_is_kept_once(store, tmp_path):
    first = store.put(b"same")
    changed_at = store.path(first.sha256).stat().st_mtime_ns

    store.put(b"same")

    files = [path for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert [path.name for path in files] == [first.sha256]
    assert files[0].stat().st_mtime_ns == changed_at


def test_files_are_private_and_in_small_folders(store, tmp_path):
    sha256 = store.put(b"private").sha256

    path = tmp_path / "files" / sha256[:2] / sha256[2:4] / sha256
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert store.path(sha256) == path


def test_content_and_folder_are_synced_before_put_returns(store, monkeypatch):
    synced = []
    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (synced.append(handle), fsync(handle)))

    store.put(b"durable")

    assert len(synced) >= 2


def test_several_are_put_at_once_and_each_is_whole_before_it_has_its_name(
    store, tmp_path, monkeypatch
):
    """A power cut leaves no file under the hash of bytes that it does not have, and loses none that was put."""
    order = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (order.append(_name_of(handle)), fsync(handle)))
    monkeypatch.setattr(
        os, "replace", lambda old, new: (order.append(f"as {Path(new).name}"), replace(old, new))
    )
    known = store.put(b"known").sha256
    order.clear()

    stored = store.put_all([b"one", b"two", b"known", b"two"])

    assert [store.read(file.sha256) for file in stored] == [b"one", b"two", b"known", b"two"]
    named = [place for place, each in enumerate(order) if each.startswith("as ")]
    assert len(named) == 2 and f"as {known}" not in order
    contents = [place for place, each in enumerate(order) if each.startswith(".incoming-")]
    assert len(contents) == 2 and max(contents) < min(named)
    assert {file.sha256[2:4] for file in stored[:2]} <= set(order[max(named) :])
    assert not list(tmp_path.rglob(".incoming-*"))


def test_nothing_half_is_left_when_one_of_several_cannot_be_written(store, tmp_path, monkeypatch):
    def full(_handle):
        raise OSError(28, "No space left on device")

    store.put_all([b"one", b"two"])
    store.delete(hashlib.sha256(b"one").hexdigest())
    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(Unavailable, match="No space left on device"):
        store.put_all([b"one", b"two"])

    files = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert files == [hashlib.sha256(b"two").hexdigest()]


def _name_of(handle):
    return Path(os.readlink(f"/proc/self/fd/{handle}")).name


def test_two_writers_of_the_same_content_do_not_disturb_each_other(store):
    content = os.urandom(2_000_000)
    threads = [threading.Thread(target=store.put, args=(content,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert store.read(hashlib.sha256(content).hexdigest()) == content


def test_deleted_content_is_gone(store):
    sha256 = store.put(b"gone").sha256

    store.delete(sha256)
    store.delete(sha256)

    assert not store.exists(sha256)
    assert store.path(sha256) is None
    with pytest.raises(NotFound):
        store.read(sha256)


def test_damaged_content_is_noticed(store):
    sha256 = store.put(b"whole").sha256
    store.path(sha256).write_bytes(b"wholf")

    with pytest.raises(Unavailable, match="damaged"):
        store.read(sha256)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n"])
def test_only_a_hash_names_a_file(store, name):
    for use in (store.read, store.exists, store.path, store.delete):
        with pytest.raises(Invalid):
            use(name)


@pytest.mark.parametrize("url", ["", "ftp://host/x", "s3://", "file://host/x", "file:"])
def test_url_that_names_no_place_is_refused_by_name(url):
    with pytest.raises(Unavailable, match="FILES_URL"):
        FileStore(url)


def test_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(Unavailable, match=r"FILES_URL names .*/file/below.*: .+\.$"):
        FileStore(f"file://{tmp_path}/file/below")


def test_file_url_may_hold_spaces(tmp_path):
    store = FileStore(f"file://{tmp_path}/with%20space")

    sha256 = store.put(b"x").sha256

    assert Path(tmp_path / "with space") in store.path(sha256).parents
    store.check()
