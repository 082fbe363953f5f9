"""`python -m embedded.mail_server`: ports from `DEMO_SMTP_PORT`, `DEMO_MAIL_PORT` and `DEMO_IMAP_PORT`, messages in the data folder."""

import logging
import os
import signal
import sys
import threading
from pathlib import Path

from embedded.json_lines import JsonLines
from embedded.mail_server.imap import ImapServer
from embedded.mail_server.mail_store import MailStore
from embedded.mail_server.mailboxes import Mailboxes, mailboxes_file
from embedded.mail_server.smtp import smtp_controller
from embedded.mail_server.web import mailbox_server


def main() -> None:
    """Serve all three sides until told to stop."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level="WARNING", handlers=[handler], force=True)
    data = Path(os.environ["VENTANILLA_DATA"])
    store, mailboxes = MailStore(data / "demo-mail"), Mailboxes(mailboxes_file(data))
    smtp = smtp_controller(store, mailboxes, int(os.environ["DEMO_SMTP_PORT"]))
    imap = ImapServer(mailboxes, int(os.environ["DEMO_IMAP_PORT"]))
    web = mailbox_server(store, mailboxes, int(os.environ["DEMO_MAIL_PORT"]))
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    smtp.start()
    for server in (web, imap):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    stopping.wait()
    web.shutdown()
    imap.shutdown()
    smtp.stop()
    mailboxes.close()


if __name__ == "__main__":
    main()
