"""Enough of an S3 service to keep objects: put, get with a range, head and delete."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    objects: dict[str, bytes]

    def do_PUT(self) -> None:
        self.objects[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(200)

    def do_HEAD(self) -> None:
        self._found(with_body=False)

    def do_GET(self) -> None:
        self._found(with_body=True)

    def do_POST(self) -> None:
        """Delete several objects at once, the only way in which the client deletes."""
        wanted = self.rfile.read(int(self.headers["Content-Length"])).decode()
        bucket = self.path.partition("?")[0]
        keys = re.findall("<Key>(.*?)</Key>", wanted)
        for key in keys:
            self.objects.pop(f"{bucket}/{key}", None)
        deleted = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
        self._answer(200, f"<DeleteResult>{deleted}</DeleteResult>".encode())

    def _found(self, *, with_body: bool) -> None:
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
