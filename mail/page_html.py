"""HTML that people write, made fit for our own pages: no styles, since their policy allows none, and no pictures."""

import nh3

from mail.sanitise import TAGS, TAGS_WITH_CONTENT, clean_html

LEFT_OUT = {"center", "font", "img"}
ATTRIBUTES = {
    "*": {"dir", "lang", "title"},
    "a": {"href"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
_cleaner = nh3.Cleaner(
    tags=TAGS - LEFT_OUT,
    clean_content_tags=TAGS_WITH_CONTENT,
    attributes=ATTRIBUTES,
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener noreferrer",
)


def page_html(html: str) -> str:
    """Keep the words and their structure. Raises TextTooLong or RenderError."""
    return _cleaner.clean(clean_html(html))
