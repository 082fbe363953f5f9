"""Enough of an S3 service to keep objects: put, get with a range, head, list and delete, for one key only."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ACCESS_KEY = "key"
LISTING = """<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>papers</Name><Prefix></Prefix>
<KeyCount>0</KeyCount><MaxKeys>1</MaxKeys><IsTruncated>false</IsTruncated></ListBucketResult>"""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    objects: dict[str, bytes]

    def do_PUT(self) -> None:
        if not self._is_ours():
            return self._refuse()
        self.objects[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        return self._answer(200)

    def do_HEAD(self) -> None:
        self._found(with_body=False)

    def do_GET(self) -> None:
        self._found(with_body=True)

    def do_POST(self) -> None:
        """Delete several objects at once, the only way in which the client deletes."""
        if not self._is_ours():
            return self._refuse()
        wanted = self.rfile.read(int(self.headers["Content-Length"])).decode()
        bucket = self.path.partition("?")[0]
        keys = re.findall("<Key>(.*?)</Key>", wanted)
        for key in keys:
            self.objects.pop(f"{bucket}/{key}", None)
        deleted = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
        return self._answer(200, f"<DeleteResult>{deleted}</DeleteResult>".encode())

    def _is_ours(self) -> bool:
        """Whether the request is signed in the name of our key (AWS Signature Version 4)."""
        signed = self.headers.get("Authorization", "")
        return signed.startswith(f"AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/")

    def _refuse(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._answer(403, b"<Error><Code>InvalidAccessKeyId</Code></Error>")

    def _found(self, *, with_body: bool) -> None:
        if not self._is_ours():
            return self._refuse()
        if "list-type=2" in self.path:
            return self._answer(200, LISTING.encode())
        content = self.objects.get(self.path)
        if content is None:
            return self._answer(404)
        if wanted := self.headers.get("Range"):
            first, last = (int(number) for number in wanted.removeprefix("bytes=").split("-"))
            span = f"bytes {first}-{last}/{len(content)}"
            return self._answer(206, content[first : last + 1], with_body, span)
        return self._answer(200, content, with_body)

    def _answer(
        self, status: int, body: bytes = b"", with_body: bool = True, span: str = ""
    ) -> None:
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        if span:
            self.send_header("Content-Range", span)
        self.send_header("ETag", '"etag"')
        self.send_header("Last-Modified", "Fri, 03 Jul 2026 10:00:00 GMT")
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Tests need no access log."""


@contextmanager
def s3_server() -> Iterator[tuple[str, dict[str, bytes]]]:
    """The address of the running service, and the objects that it keeps by path."""
    objects: dict[str, bytes] = {}
    handler = type("Handler", (_Handler,), {"objects": objects})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", objects
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
