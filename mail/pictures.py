"""Pictures that a message brings along, so that a mail program shows them without asking anybody for them."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

# By what each kind begins with; mail programs show these and no others.
KINDS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}
# Written by the cleaner, which puts every value into double quotes.
IMG = r'<img\b(?:[^>"]|"[^"]*")*?\ssrc="{source}"(?:[^>"]|"[^"]*")*>'
EMBEDDED = re.compile(
    IMG.format(source=r'(?P<source>data:image/[a-z]+;base64,(?P<data>[^"]*))'), re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture by its content: the same one has the same name in every message."""

    media_type: str
    content: bytes = field(repr=False)

    @classmethod
    def of(cls, content: bytes) -> Self | None:
        """None for what mail programs do not show."""
        kinds = (kind for start, kind in KINDS.items() if content.startswith(start))
        kind = next(kinds, None)
        return cls(kind, content) if kind else None

    @property
    def content_id(self) -> str:
        return f"{hashlib.sha256(self.content).hexdigest()[:32]}@picture"

    @property
    def filename(self) -> str:
        return f"picture.{self.media_type.removeprefix('image/')}"

    @property
    def url(self) -> str:
        """How the message names it (RFC 2392)."""
        return f"cid:{self.content_id}"

    @property
    def data_url(self) -> str:
        """The same for a page of ours, which has no parts to take it from."""
        return f"data:{self.media_type};base64,{base64.b64encode(self.content).decode()}"


def taken_out(html: str) -> tuple[str, tuple[Picture, ...]]:
    """A cleaned text whose embedded pictures are named, and these; many mail programs show no embedded ones.

    What only says that it is a picture loses its place.
    """
    found: dict[str, Picture] = {}

    def named(match: re.Match[str]) -> str:
        try:
            picture = Picture.of(base64.b64decode(match["data"]))
        except binascii.Error:
            picture = None
        if picture is None:
            return ""
        found[picture.content_id] = picture
        return _led_to(match, picture.url)

    return EMBEDDED.sub(named, html), tuple(found.values())


def with_source(html: str, source: str, become: str | None) -> str:
    """The text with another `src` where pictures have this one; without them if there is none."""
    place = re.compile(IMG.format(source=f"(?P<source>{source})"))
    return place.sub(lambda found: "" if become is None else _led_to(found, become), html)


def put_back(html: str, pictures: Iterable[Picture]) -> str:
    """The text for a page of ours: with the pictures that it names."""
    for picture in pictures:
        html = html.replace(f'src="{picture.url}"', f'src="{picture.data_url}"')
    return html


def _led_to(tag: re.Match[str], source: str) -> str:
    begin, end = (at - tag.start() for at in tag.span("source"))
    return tag[0][:begin] + source + tag[0][end:]
