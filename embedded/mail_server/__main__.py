"""`python -m embedded.mail_server`: ports from `DEMO_SMTP_PORT` and `DEMO_MAIL_PORT`, messages in the data folder."""

import logging
import os
import signal
import sys
import threading
from pathlib import Path

from embedded.json_lines import JsonLines
from embedded.mail_server.mail_store import MailStore
from embedded.mail_server.smtp import smtp_controller
from embedded.mail_server.web import mailbox_server


def main() -> None:
    """Serve both sides until told to stop."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level="WARNING", handlers=[handler], force=True)
    store = MailStore(Path(os.environ["VENTANILLA_DATA"]) / "demo-mail")
    smtp = smtp_controller(store, int(os.environ["DEMO_SMTP_PORT"]))
    web = mailbox_server(store, int(os.environ["DEMO_MAIL_PORT"]))
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    smtp.start()
    threading.Thread(target=web.serve_forever, daemon=True).start()
    stopping.wait()
    web.shutdown()
    smtp.stop()


if __name__ == "__main__":
    main()
