"""What kind of file some bytes are, told by the bytes; the name only has to agree."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from xml.parsers import expat

MOST_ENTRIES = 20_000


@dataclass(frozen=True)
class UploadKind:
    """A kind of file: its media type, the endings that its names have, and how its bytes are known."""

    media_type: str
    endings: tuple[str, ...]
    fits: Callable[[bytes], bool]


def recognised(content: bytes, name: str, kinds: tuple[str, ...]) -> UploadKind | None:
    """The kind among `kinds` that both the bytes and the ending of the name show; None if there is none."""
    ending = PurePath(name).suffix.lower()
    for kind in kinds:
        about = KINDS[kind]
        if ending in about.endings and about.fits(content):
            return about
    return None


def endings_of(kinds: tuple[str, ...]) -> list[str]:
    """The endings of these kinds, as the `accept` of a file field has them."""
    return [ending for kind in kinds for ending in KINDS[kind].endings]


def _begins(*starts: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(starts)


def _is_webp(content: bytes) -> bool:
    return content.startswith(b"RIFF") and content[8:12] == b"WEBP"


def _is_xml(content: bytes) -> bool:
    """Well formed, and without a DOCTYPE: there entities hide that grow or fetch."""
    return _root_of(content) is not None


def _is_svg(content: bytes) -> bool:
    root = _root_of(content)
    return root is not None and root.rpartition(":")[2] == "svg"


def _root_of(content: bytes) -> str | None:
    """The name of the outermost element; None for what is no XML that we take."""
    names: list[str] = []
    parser = expat.ParserCreate()

    def element(name: str, _attributes: dict[str, str]) -> None:
        if not names:
            names.append(name)

    def doctype(*_about: object) -> None:
        raise ValueError

    parser.StartElementHandler = element
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError, LookupError):
        return None
    return names[0] if names else None


def _is_text(content: bytes) -> bool:
    if b"\0" in content:
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        # Latin-1 takes any byte; control characters tell binary data from text.
        return not any(byte < 32 and byte not in (9, 10, 12, 13) for byte in content)
    return True


def _zip_with(*parts: str) -> Callable[[bytes], bool]:
    """An archive, with a member whose name begins with one of `parts`; with any if none is named."""

    def fits(content: bytes) -> bool:
        if not content.startswith(b"PK\x03\x04"):
            return False
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                names = archive.namelist()
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
            return False
        return len(names) <= MOST_ENTRIES and (
            not parts or any(name.startswith(parts) for name in names)
        )

    return fits


_OFFICE = "application/vnd.openxmlformats-officedocument"
KINDS: dict[str, UploadKind] = {
    "pdf": UploadKind("application/pdf", (".pdf",), _begins(b"%PDF-")),
    "xml": UploadKind("application/xml", (".xml",), _is_xml),
    "png": UploadKind("image/png", (".png",), _begins(b"\x89PNG\r\n\x1a\n")),
    "jpeg": UploadKind("image/jpeg", (".jpg", ".jpeg"), _begins(b"\xff\xd8\xff")),
    "gif": UploadKind("image/gif", (".gif",), _begins(b"GIF87a", b"GIF89a")),
    "webp": UploadKind("image/webp", (".webp",), _is_webp),
    "svg": UploadKind("image/svg+xml", (".svg",), _is_svg),
    "xlsx": UploadKind(f"{_OFFICE}.spreadsheetml.sheet", (".xlsx",), _zip_with("xl/")),
    "docx": UploadKind(f"{_OFFICE}.wordprocessingml.document", (".docx",), _zip_with("word/")),
    "zip": UploadKind("application/zip", (".zip",), _zip_with()),
    "csv": UploadKind("text/csv", (".csv",), _is_text),
    "text": UploadKind("text/plain", (".txt",), _is_text),
}
