"""What happens is written down: one JSON object an event, with the name of the request."""

import json
import logging
import re
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path

from flask import g, has_request_context, request


def name_request() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if re.fullmatch(r"[A-Za-z0-9-]{8,64}", given) else secrets.token_hex(8)


class JsonLines(logging.Formatter):
    """One JSON object an event: time, level, logger, sentence, ids; no contents."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "event": record.getMessage(),
        }
        if has_request_context():
            line["request"] = g.get("request_id", "")
        line.update(getattr(record, "ids", {}))
        if record.exc_info:
            # PostgreSQL's details quote the row that it refused.
            line["trace"] = re.sub(r"\nDETAIL: .*", "", self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


def configure_logging(level: str, file: Path | None = None) -> None:
    """Write JSON lines to standard error, or to a file where a terminal shows only sentences."""
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
    handler = logging.StreamHandler(sys.stderr) if file is None else logging.FileHandler(file)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)
