"""Pages of the handbook: the Markdown of `docs/how-to/` as HTML for the help inside the product."""

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import mistune
import nh3

from errors import NotFound

DOCS = Path(__file__).resolve().parents[1] / "docs"
LANGUAGES = ("es", "en")
TAGS = {
    *("h1", "h2", "h3", "p", "ul", "ol", "li", "strong", "em", "code", "kbd", "pre", "br", "a"),
    *("img", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}}
NAME = re.compile(r"[a-z0-9-]+")
PICTURE = re.compile(r"\.\./pictures/([a-z0-9-]+\.png)")

_html = mistune.create_markdown(escape=False, plugins=["table"])  # what may stay is decided below


@dataclass(frozen=True, slots=True)
class HandbookPage:
    """A page: its title, and the rest as safe HTML."""

    title: str
    html: str


def handbook_page(name: str, lang: str, picture_url: Callable[[str], str]) -> HandbookPage:
    """The page in this language, else in English; `picture_url` says where a picture is served. Raises NotFound."""
    markdown = _file(name, lang).read_text()
    title, _newline, rest = markdown.removeprefix("# ").partition("\n")
    shown: dict[str, str] = {}

    def allowed(tag: str, attribute: str, value: str) -> str | None:
        if tag == "img" and attribute == "src":
            found = PICTURE.fullmatch(value)
            if found is None:
                return None
            url = picture_url(found[1])
            shown[url] = found[1]
            return url
        return value

    html = nh3.clean(
        str(_html(rest)),
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=allowed,
        url_schemes={"https"},
        link_rel=None,
    )
    return HandbookPage(title.strip(), _with_room(html, shown))


def picture(name: str) -> Path:
    """A picture of the handbook. Raises NotFound."""
    path = DOCS / "pictures" / name
    if not re.fullmatch(r"[a-z0-9-]+\.png", name) or not path.is_file():
        raise NotFound("There is no such picture.")
    return path


def _with_room(html: str, shown: dict[str, str]) -> str:
    """Pictures have their place before they are there, so nothing moves when they come."""
    for url, name in shown.items():
        # Width and height stand in the first chunk of a PNG (ISO/IEC 15948, section 11.2.2).
        with picture(name).open("rb") as file:
            width, height = struct.unpack(">II", file.read(24)[16:])
        html = html.replace(f'src="{url}"', f'src="{url}" width="{width}" height="{height}"')
    return html


def _file(name: str, lang: str) -> Path:
    folder = DOCS / "how-to"
    if NAME.fullmatch(name) and lang in LANGUAGES:
        for file in (folder / f"{name}.{lang}.md", folder / f"{name}.md"):
            if file.is_file():
                return file
    raise NotFound("There is no such page.")
