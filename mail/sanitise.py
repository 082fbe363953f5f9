"""HTML that people write, made fit for a mail: safe elements, styles inline, a text version."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import css_inline
import nh3
from inscriptis import get_text
from inscriptis.css_profiles import STRICT_CSS_PROFILE
from inscriptis.model.config import ParserConfig

from mail.errors import NestedTooDeeply, TextTooLong, TooManyElements, UnreadableStyles
from mail.merge import PLACEHOLDER
from mail.quoting import FORWARDED, QUOTED

LONGEST_HTML = 200_000  # characters

TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "center", "code", "dd", "div", "dl", "dt", "em"),
    *("font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "li", "ol", "p", "pre", "s"),
    *("small", "span", "strong", "sub", "sup", "u", "ul"),
    *("table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td"),
}
# Removed with what stands in them; other unknown elements lose only their tags.
TAGS_WITH_CONTENT = {
    *("embed", "iframe", "math", "noscript", "object", "script", "style", "svg", "template"),
    *("textarea", "title", "xmp"),
}
ATTRIBUTES = {
    "*": {
        *("align", "bgcolor", "border", "cellpadding", "cellspacing", "colspan", "dir", "height"),
        *("lang", "role", "rowspan", "style", "title", "valign", "width"),
    },
    "a": {"href"},
    "font": {"color", "face", "size"},
    "img": {"alt", "src"},
    "th": {"scope"},
}
STYLES = {
    *("background-color", "border", "border-bottom", "border-collapse", "border-color"),
    *("border-left", "border-radius", "border-right", "border-spacing", "border-style"),
    *("border-top", "border-width", "color", "direction", "display", "font", "font-family"),
    *("font-size", "font-style", "font-weight", "height", "letter-spacing", "line-height"),
    *("list-style-type", "margin", "margin-bottom", "margin-left", "margin-right", "margin-top"),
    *("max-height", "max-width", "min-width", "padding", "padding-bottom", "padding-left"),
    *("padding-right", "padding-top", "table-layout", "text-align", "text-decoration"),
    *("text-transform", "vertical-align", "white-space", "width", "word-break"),
}
LINK = re.compile(r"(?:https?://|mailto:)\S", re.IGNORECASE)
IMAGE = re.compile(
    r"https://\S|cid:[\w.@+-]+\Z|data:image/(?:png|jpeg|gif);base64,[A-Za-z0-9+/=\s]*\Z",
    re.IGNORECASE,
)
# Styles that load something, or hide in escapes what they do.
LOADING_STYLE = re.compile(r"url\s*\(|\\|@|expression|image-set|src\s*\(|/\*", re.IGNORECASE)
LINK_IN_TEXT = re.compile(
    r"\[([^\[\]]*)\]"
    r"\(((?:https?://|mailto:|(?=\{\{))(?:\{\{[^{}\n]*\}\}|[^()\s]|\([^()\s]*\))*+)\)"
)
START_TAG = re.compile(r"<[a-zA-Z]")
MOST_TAGS = 2_000
DEEPEST_NESTING = 150  # elements; libxml2 drops what stands deeper than 255
VOID_TAGS = {"br", "col", "hr", "img"}

_inliner = css_inline.CSSInliner(load_remote_stylesheets=False)


def clean_html(html: str, *, keeps_classes: bool = False) -> str:
    """Keep what a mail needs and browsers cannot run; open elements are closed.

    `keeps_classes`: style sheets of the document's own need them. Else only ours say what is quoted.
    Links go to http, https or mailto, images come from https, cid or data, or either is a field
    whose name ends in "url" (the server makes those). Raises TextTooLong or RenderError.
    """
    _refuse_too_much(html)
    cleaned = (_cleaner_with_classes if keeps_classes else _cleaner).clean(html)
    _refuse_too_much(cleaned)
    if Depth.of(cleaned) > DEEPEST_NESTING:
        raise NestedTooDeeply("The elements of the text are nested too deeply.")
    return cleaned


def inline_css(html: str) -> str:
    """Move the rules of `<style>` into the elements, since mail programs drop style sheets.

    Nothing is fetched. Returns a whole document. Raises TextTooLong or RenderError.
    """
    _refuse_too_much(html)
    try:
        return _inliner.inline(html)
    except css_inline.InlineError as error:
        raise UnreadableStyles("The style sheet of the text cannot be read.") from error


def text_of(html: str) -> str:
    """The plain text version of cleaned HTML: tables in columns, links after their words.

    Elements that only hold others leave no trace: neither an indent nor a space.
    """
    _refuse_too_much(html)
    rules = ParserConfig(css=STRICT_CSS_PROFILE, display_links=True)
    laid_out = get_text(html, rules) if html.strip() else ""
    lines = [line.rstrip() for line in LINK_IN_TEXT.sub(_link_in_words, laid_out).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"


def _link_in_words(match: re.Match[str]) -> str:
    words, url = match[1].strip(), match[2]
    is_same = not words or words in (url, url.removeprefix("mailto:"))
    return url.removeprefix("mailto:") if is_same else f"{words} <{url}>"


def _allowed_value(tag: str, attribute: str, value: str) -> str | None:
    # nh3 has one list of schemes for all attributes; which may stand where is decided here.
    if attribute == "href":
        return value.strip() if LINK.match(value.strip()) or _is_made_by_server(value) else None
    if attribute == "src":
        return value.strip() if IMAGE.match(value.strip()) or _is_made_by_server(value) else None
    if attribute == "style":
        return ";".join(part for part in value.split(";") if not LOADING_STYLE.search(part))
    return value


def _allowed_without_classes(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "class":
        return value if value in (QUOTED, FORWARDED) else None
    return _allowed_value(tag, attribute, value)


def _is_made_by_server(value: str) -> bool:
    field = PLACEHOLDER.fullmatch(value.strip())
    return field is not None and field[1].endswith("url")


def _cleaner_of(
    attributes: dict[str, set[str]], allowed: Callable[[str, str, str], str | None]
) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=TAGS,
        clean_content_tags=TAGS_WITH_CONTENT,
        attributes=attributes,
        attribute_filter=allowed,
        filter_style_properties=STYLES,
        url_schemes={"http", "https", "mailto", "cid", "data"},
        link_rel=None,
    )


_cleaner = _cleaner_of(ATTRIBUTES | {"div": {"class"}}, _allowed_without_classes)
_cleaner_with_classes = _cleaner_of(ATTRIBUTES | {"*": ATTRIBUTES["*"] | {"class"}}, _allowed_value)


def _refuse_too_much(html: str) -> None:
    """Parsers in C go to the bottom of every nesting and crash on what is deep enough."""
    if len(html) > LONGEST_HTML:
        raise TextTooLong(f"The text is longer than {LONGEST_HTML} characters.", most=LONGEST_HTML)
    if len(START_TAG.findall(html)) > MOST_TAGS:
        raise TooManyElements(f"The text has more than {MOST_TAGS} elements.", most=MOST_TAGS)


class Depth(HTMLParser):
    """How deeply the elements of cleaned HTML, where each one is closed, are nested."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.deepest = 0

    @classmethod
    def of(cls, html: str) -> int:
        parser = cls()
        parser.feed(html)
        return parser.deepest

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID_TAGS:
            self.now += 1
            self.deepest = max(self.deepest, self.now)

    def handle_endtag(self, tag: str) -> None:
        self.now -= 1
