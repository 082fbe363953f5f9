import hashlib
import socket

import pytest

from embedded.external import checked_files_url
from errors import NotFound, Unavailable
from files.store import FileStore
from tests.files.s3_server import s3_server


@pytest.fixture
def at_endpoint(monkeypatch):
    def use(endpoint: str, *, key: str = "key") -> FileStore:
        monkeypatch.setenv("AWS_ENDPOINT", endpoint)
        monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
        monkeypatch.setenv("AWS_REGION", "eu-west-1")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        return FileStore("s3://papers/demo")

    return use


def test_bucket_keeps_files_like_a_folder(at_endpoint):
    with s3_server() as (endpoint, objects):
        store = at_endpoint(endpoint)

        stored = store.put(b"factura")
        again = store.put(b"factura")

        assert again == stored
        assert list(objects) == [
            f"/papers/demo/{stored.sha256[:2]}/{stored.sha256[2:4]}/{stored.sha256}"
        ]
        assert store.read(stored.sha256) == b"factura"
        assert store.read_range(stored.sha256, 2, 3) == b"ctu"
        assert store.read_range(stored.sha256, 5) == b"ra"
        assert store.path(stored.sha256) is None
        store.check()
        store.delete(stored.sha256)
        assert objects == {}


def test_several_are_put_at_once(at_endpoint):
    with s3_server() as (endpoint, objects):
        store = at_endpoint(endpoint)

        stored = store.put_all([b"one", b"two", b"one"])

        assert [store.read(file.sha256) for file in stored] == [b"one", b"two", b"one"]
        assert len(objects) == 2


def test_missing_object_is_not_found(at_endpoint):
    with s3_server() as (endpoint, _):
        store = at_endpoint(endpoint)
        sha256 = hashlib.sha256(b"never").hexdigest()

        assert not store.exists(sha256)
        with pytest.raises(NotFound):
            store.read(sha256)


def test_service_that_does_not_answer_is_said_in_one_sentence(at_endpoint):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    store = at_endpoint(f"http://127.0.0.1:{port}")

    with pytest.raises(Unavailable) as caught:
        store.check()

    assert caught.value.message.startswith("FILES_URL names s3://papers/demo, which cannot be used")
    assert "\n" not in caught.value.message


def test_wrong_keys_are_said_in_one_sentence(at_endpoint):
    with s3_server() as (endpoint, objects):
        store = at_endpoint(endpoint, key="another")

        with pytest.raises(Unavailable, match="FILES_URL names s3://papers/demo") as caught:
            store.put(b"factura")

        assert "\n" not in caught.value.message and "<" not in caught.value.message
        assert objects == {}


def test_the_start_looks_whether_the_bucket_answers(at_endpoint):
    with s3_server() as (endpoint, _):
        at_endpoint(endpoint)
        assert checked_files_url("s3://papers/demo") == "s3://papers/demo"
        at_endpoint(endpoint, key="another")

        with pytest.raises(Unavailable, match=r"The store at FILES_URL cannot be reached[^<]*$"):
            checked_files_url("s3://papers/demo")
