"""The demo mailbox over HTTP, for this machine only."""

from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, urlsplit

from embedded.mail_server.answers import answer_to
from embedded.mail_server.mail_store import MailStore
from embedded.mail_server.mailboxes import Mailboxes
from embedded.mail_server.pages import STYLE, list_page, message_page

PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'"
)
LONGEST_ANSWER = 200_000  # bytes
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"


class Mailbox(BaseHTTPRequestHandler):
    """The list, a message, its text, its files, its source; and an answer to it."""

    store: MailStore
    mailboxes: Mailboxes

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        match url.path.strip("/").split("/"):
            case [""]:
                wanted = parse_qs(url.query).get("q", [""])[0]
                found = self.store.newest(wanted)
                self._send(list_page(found, self.store.count(), wanted, self._lang()).encode())
            case ["style.css"]:
                self._send(STYLE.encode(), "text/css")
            case ["message", key]:
                message = self.store.message(key)
                self._send(message_page(key, message, self._lang()).encode() if message else None)
            case ["message", key, "text"]:
                self._send_text(self.store.message(key))
            case ["message", key, "source"]:
                self._send(self.store.source(key), "text/plain; charset=utf-8")
            case ["message", key, "file", number, *_name]:
                self._send_file(self.store.message(key), number)
            case _:
                self._send(None)

    def do_POST(self) -> None:
        match urlsplit(self.path).path.strip("/").split("/"):
            case ["message", key, "answer"] if self._is_from_here():
                self._answer(self.store.message(key))
            case _:
                self._send(None)

    def _answer(self, message: EmailMessage | None) -> None:
        """Let whoever got the message answer it, then show the answer."""
        length = self.headers.get("Content-Length", "")
        if message is None or not length.isdecimal() or int(length) > LONGEST_ANSWER:
            self._send(None)
            return
        fields = parse_qs(self.rfile.read(int(length)).decode("utf-8", "replace"))
        writer, reader, raw = answer_to(message, fields.get("text", [""])[0])
        key = self.store.keep(writer, [reader], raw)
        self.mailboxes.deliver(reader, raw)
        self.send_response(303)
        self.send_header("Location", f"/message/{key}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _is_from_here(self) -> bool:
        """Whether one of our own pages asks; another site could, since browsers reach this machine."""
        host = self.headers.get("Host", "")
        is_near = host.partition(":")[0] in ("127.0.0.1", "localhost")
        return is_near and self.headers.get("Origin") == f"http://{host}"

    def _send_text(self, message: EmailMessage | None) -> None:
        part = message.get_body(("html", "plain")) if message else None
        if part is None:
            self._send(None)
        else:
            kind = f"{part.get_content_type()}; charset=utf-8"
            self._send(part.get_content().encode(), kind, policy=MAIL_POLICY)

    def _send_file(self, message: EmailMessage | None, number: str) -> None:
        files = list(message.iter_attachments()) if message else []
        if not number.isdecimal() or int(number) >= len(files):
            self._send(None)
            return
        part = files[int(number)]
        is_pdf = part.get_content_type() == "application/pdf"
        place = "inline" if is_pdf else "attachment"
        self._send(
            part.get_payload(decode=True),  # type: ignore[arg-type]  # bytes, since it is decoded
            "application/pdf" if is_pdf else "application/octet-stream",
            disposition=f"{place}; filename*=UTF-8''{quote(part.get_filename() or 'file')}",
        )

    def _send(
        self,
        content: bytes | None,
        kind: str = "text/html; charset=utf-8",
        *,
        policy: str = PAGE_POLICY,
        disposition: str | None = None,
    ) -> None:
        if content is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        if kind != "application/pdf":
            self.send_header("Content-Security-Policy", policy)
        if disposition:
            self.send_header("Content-Disposition", disposition)
        self.end_headers()
        self.wfile.write(content)

    def _lang(self) -> str:
        wanted = self.headers.get("Accept-Language", "es").lower()
        return "en" if wanted.startswith("en") else "es"

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: what people look at is not logged."""


def mailbox_server(store: MailStore, mailboxes: Mailboxes, port: int) -> ThreadingHTTPServer:
    """The page's server on 127.0.0.1; `serve_forever()` runs it."""
    handler = type("MailboxOfStore", (Mailbox,), {"store": store, "mailboxes": mailboxes})
    return ThreadingHTTPServer(("127.0.0.1", port), handler)
