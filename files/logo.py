"""A logo of any common format as SVG text: the one form in which a template can take a picture."""

import base64
import re
import struct
from functools import lru_cache

from files.errors import N_, UnusableDocument

_LINKED = re.compile(
    rb"""<(?:\w+:)?image\b[^>]*\bhref\s*=\s*["'](?!\s*(?:data:|#))""", re.IGNORECASE
)


@lru_cache(maxsize=64)
def logo_as_svg(picture: bytes) -> str:
    """The picture as SVG text; a pixel format is wrapped, an SVG is returned as it is.

    Raises UnusableDocument for what is neither PNG, JPEG, GIF nor SVG.
    """
    if picture.startswith(b"\x89PNG\r\n\x1a\n"):
        return _wrapped(picture, "png", *_size(">II", picture[16:24]))
    if picture.startswith((b"GIF87a", b"GIF89a")):
        return _wrapped(picture, "gif", *_size("<HH", picture[6:10]))
    if picture.startswith(b"\xff\xd8"):
        return _wrapped(picture, "jpeg", *_jpeg_size(picture))
    if b"<svg" in picture[:4096]:
        if _LINKED.search(picture):
            raise UnusableDocument(
                N_("The logo shows another file; put that picture into the SVG.")
            )
        return picture.decode("utf-8", errors="replace").removeprefix("\ufeff")
    raise UnusableDocument(N_("The logo is neither a PNG, a JPEG, a GIF nor an SVG picture."))


def _wrapped(picture: bytes, kind: str, width: int, height: int) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
        f'<image width="{width}" height="{height}" '
        f'href="data:image/{kind};base64,{base64.b64encode(picture).decode()}"/></svg>'
    )


def _size(layout: str, place: bytes) -> tuple[int, int]:
    try:
        width, height = struct.unpack(layout, place)
    except struct.error as error:
        raise UnusableDocument(N_("The logo is cut off.")) from error
    return width, height


def _jpeg_size(picture: bytes) -> tuple[int, int]:
    """Width and height from the frame header, behind any number of other segments."""
    place = 2
    while picture[place : place + 1] == b"\xff":
        marker = picture[place + 1 : place + 2]
        if b"\xc0" <= marker <= b"\xcf" and marker not in (b"\xc4", b"\xc8", b"\xcc"):
            height, width = _size(">HH", picture[place + 5 : place + 9])
            return width, height
        place += 2 + _size(">HH", picture[place + 2 : place + 4] + b"\0\0")[0]
    raise UnusableDocument(N_("The logo is cut off."))
