"""Files as the customers' pages hand them over: to keep or to look at, never to run."""

import unicodedata
from urllib.parse import quote

from flask import Response, current_app
from werkzeug.http import dump_options_header

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


def _attachment(name: str) -> str:
    """With a name in any script (RFC 6266)."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    if plain == name:
        return dump_options_header("attachment", {"filename": name})
    whole = f"UTF-8''{quote(name, safe='')}"
    return dump_options_header(
        "attachment", {"filename": plain.strip() or "file", "filename*": whole}
    )
