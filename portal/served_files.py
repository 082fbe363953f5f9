"""Files as the customers' pages hand them over: to keep or to look at, never to run."""

import unicodedata
from os import SEEK_END
from typing import BinaryIO
from urllib.parse import quote

from flask import Response, current_app, request
from werkzeug.http import dump_options_header
from werkzeug.wsgi import wrap_file

from files.store import FileStore

PDF = "application/pdf"


def served(sha256: str, name: str, media_type: str) -> Response:
    """A stored file to keep: strangers' files may be among them."""
    return handed_over(
        FileStore(current_app.extensions["settings"].files_url).read(sha256), name, media_type
    )


def handed_over(content: bytes, name: str, media_type: str) -> Response:
    """Bytes as a file to keep."""
    answer = Response(content, mimetype=media_type)
    answer.headers["Content-Disposition"] = _attachment(name)
    return answer


def attached(content: BinaryIO, name: str, media_type: str) -> Response:
    """A file of the disk to keep, sent piece by piece and closed afterwards."""
    size = content.seek(0, SEEK_END)
    content.seek(0)
    answer = Response(
        wrap_file(request.environ, content), mimetype=media_type, direct_passthrough=True
    )
    answer.content_length = size
    answer.headers["Content-Disposition"] = _attachment(name)
    return answer


def _attachment(name: str) -> str:
    """With a name in any script (RFC 6266)."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    if plain == name:
        return dump_options_header("attachment", {"filename": name})
    whole = f"UTF-8''{quote(name, safe='')}"
    return dump_options_header(
        "attachment", {"filename": plain.strip() or "file", "filename*": whole}
    )
