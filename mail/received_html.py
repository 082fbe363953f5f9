"""Strangers' HTML, made fit for a frame of ours (X3-10).

Three locks, each of which would do: the cleaner below keeps nothing that runs, loads or covers the page; the answer
that serves the frame carries a policy that loads nothing; and the frame is a sandbox without scripts.
"""

import re
from dataclasses import dataclass
from html import escape
from urllib.parse import unquote

import nh3

from mail.quoted_text import QUOTES, fold_html
from mail.quoting import QUOTED
from mail.sanitise import ATTRIBUTES, LOADING_STYLE, STYLES, TAGS, TAGS_WITH_CONTENT, Depth
from mail.tag_attributes import most_attributes

LONGEST_HTML = 1_000_000  # characters; what is longer is shown as its words
MOST_TAGS = 20_000
MOST_ATTRIBUTES = 500  # of one tag
DEEPEST_NESTING = 400  # elements that are drawn inside each other
LINK = re.compile(r"(?:https?://|mailto:|tel:)\S", re.IGNORECASE)
DATA_IMAGE = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=\s]*\Z", re.I)
REMOTE = re.compile(r"https?://\S+\Z", re.IGNORECASE)
CONTENT_ID = re.compile(r"cid:(\S+)\Z", re.IGNORECASE)
START_TAG = re.compile(r"<[a-zA-Z]")
KNOWN_NAMES = re.compile(rf"(?:{QUOTES.pattern})\w*")
# What a style may not do besides loading: leave its place, or cover something else.
ESCAPING_STYLE = re.compile(r"position|z-index|\bfixed\b|-\s*\d{3,}|behavior|-moz-binding", re.I)
COLOURED = re.compile(r"bgcolor|background|color\s*[:=]", re.IGNORECASE)
SANDBOX = "allow-same-origin allow-popups allow-popups-to-escape-sandbox"
POLICY = (
    "sandbox {sandbox}; default-src 'none'; style-src 'unsafe-inline'; img-src {images}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
DOCUMENT = """\
<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>
:root {{ color-scheme: {scheme}; }}
body {{ margin: {margin}; font: 14px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; background: {paper}; color: {ink}; }}
img {{ max-width: 100%; height: auto; }}
table {{ max-width: 100%; }}
blockquote {{ margin: .5em 0 .5em .25em; padding-left: .75em; border-left: 2px solid #8886; }}
summary {{ cursor: pointer; color: #8a8f94; margin: .5em 0; }}
pre {{ white-space: pre-wrap; }}
</style>
</head>
<body>{content}</body>
</html>
"""
# One that says nothing of colours follows the reader's; all others are as on paper, which has a margin.
OWN_COLOURS = {"scheme": "only light", "paper": "#ffffff", "ink": "#15202b", "margin": "8px 12px"}
READERS_COLOURS = {"paper": "transparent", "ink": "CanvasText", "margin": "0"}
# A frame of another scheme than its page is opaque: one that the reader has chosen counts, not the system's.
SCHEMES = {"light": "only light", "dark": "only dark"}


@dataclass(frozen=True, slots=True)
class CleanedHtml:
    """The HTML, and how many pictures from elsewhere it would show."""

    html: str
    remote_images: int = 0
    is_coloured: bool = False


def clean_received(
    html: str,
    *,
    inline: dict[str, str],
    shows_remote: bool,
) -> CleanedHtml | None:
    """What is safe of a received message; None where it is too much to be shown as HTML.

    `inline` is the address of each picture of the message, by Content-ID. Pictures from elsewhere keep their
    address only with `shows_remote`, and lose it otherwise.
    """
    if len(html) > LONGEST_HTML or len(START_TAG.findall(html)) > MOST_TAGS:
        return None
    if most_attributes(html) > MOST_ATTRIBUTES:
        return None
    remote: list[str] = []

    def allowed(tag: str, attribute: str, value: str) -> str | None:
        value = value.strip()
        if attribute == "href":
            return value if LINK.match(value) else None
        if attribute == "src":
            return _image(value, inline, remote, shows_remote=shows_remote)
        if attribute == "style":
            return _style(value)
        if attribute == "class" and value == QUOTED:
            return value
        if attribute in ("class", "id"):
            return " ".join(KNOWN_NAMES.findall(value)) or None
        if attribute == "type":
            return value if value == "cite" else None
        return value

    cleaned = _cleaner(allowed).clean(html)
    if len(cleaned) > 2 * LONGEST_HTML or Depth.of(cleaned) > DEEPEST_NESTING:
        return None
    return CleanedHtml(cleaned, len(remote), COLOURED.search(cleaned) is not None)


def framed_message(
    cleaned: CleanedHtml, *, lang: str, title: str, quoted_words: str, theme: str | None = None
) -> str:
    """A whole page with the message; what is repeated from the message before is folded away.

    `theme` is what the reader has chosen: light, dark, or what the system wishes.
    """
    readers = {"scheme": SCHEMES.get(theme or "", "light dark"), **READERS_COLOURS}
    colours = OWN_COLOURS if cleaned.is_coloured else readers
    return DOCUMENT.format(
        lang=escape(lang),
        title=escape(title),
        content=fold_html(cleaned.html, escape(quoted_words)),
        **colours,
    )


def policy_of(inline_at: str, *, shows_remote: bool) -> str:
    """The Content-Security-Policy of the frame; pictures of the message itself stand below `inline_at`."""
    images = f"data: {inline_at}" + (" https:" if shows_remote else "")
    return POLICY.format(sandbox=SANDBOX, images=images)


def _image(
    value: str, inline: dict[str, str], remote: list[str], *, shows_remote: bool
) -> str | None:
    if found := CONTENT_ID.match(value):
        return inline.get(unquote(found[1]).strip("<>"))
    if DATA_IMAGE.match(value):
        return value
    if REMOTE.match(value):
        remote.append(value)
        return re.sub("^http:", "https:", value, flags=re.IGNORECASE) if shows_remote else None
    return None


def _style(value: str) -> str:
    return ";".join(
        part
        for part in value.split(";")
        if not LOADING_STYLE.search(part) and not ESCAPING_STYLE.search(part)
    )


def _cleaner(allowed: object) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=TAGS,
        clean_content_tags=TAGS_WITH_CONTENT,
        attributes={
            **ATTRIBUTES,
            "blockquote": {"type", "class"},
            "div": {"class", "id"},
        },
        attribute_filter=allowed,  # type: ignore[arg-type]
        filter_style_properties=STYLES | {"background"},  # as a colour: what loads is refused above
        url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
        link_rel="noopener noreferrer",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
