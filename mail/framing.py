"""The HTML of a message made fit for a frame of ours: it loads nothing and leads nowhere.

A frame has one tab stop, the whole message, which says by a ring of its own that it has the focus: browsers give none
to a frame, and without a stop in it nobody scrolls it by keyboard.
"""

import re
from collections.abc import Sequence
from html import escape

from mail.markup import contain
from mail.pictures import Picture, put_back
from mail.sanitise import clean_html
from mail.style_sheets import media_rules

# What the answer that serves the frame has to carry: no scripts, nothing from elsewhere, an origin of its own.
FRAME_POLICY = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
DOCUMENT = """\
<!DOCTYPE html>
<html lang="{lang}" tabindex="0">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: {scheme}; min-height: 100vh; }}
:root:focus-visible {{ outline: 2px solid {link}; outline-offset: -2px; }}
body {{ margin: 16px; font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere;
  background: {paper}; color: {ink}; }}
a {{ color: {link}; text-decoration: underline; }}
img {{ max-width: 100%; height: auto; }}
{rules}</style>
</head>
<body>
{content}
</body>
</html>
"""
LIGHT = {"scheme": "only light", "paper": "#ffffff", "ink": "#15202b", "link": "#0b5a73"}
DARK = {"scheme": "only dark", "paper": "#15191d", "ink": "#e9eef2", "link": "#5cbad8"}
# Written by the cleaner or by our own templates, which put every value into double quotes.
LINK = re.compile(r'<a\b([^>]*?) href="([^"]*)"')
SCHEME = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", re.IGNORECASE)
LETTER_STYLE = (
    "body { margin: 16px; font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }"
)
REMOTE_IMAGE = re.compile(r'(<img\b[^>]*?) src="(?!data:)[^"]*"')


def framed(
    html: str,
    *,
    lang: str,
    title: str,
    is_dark: bool = False,
    pictures: Sequence[Picture] = (),
) -> str:
    """A whole page with the message. Where a link leads is its tooltip; pictures from elsewhere are their words.

    `pictures` are those that the message brings along. Its rules for phones and dark screens hold as in a mail program. Raises TextTooLong or RenderError.
    """
    rules = media_rules(list(contain(html).styles))
    content = LINK.sub(r'<a\1 title="\2"', clean_html(html, keeps_classes=bool(rules)))
    content = REMOTE_IMAGE.sub(r"\1", put_back(content, pictures))
    colours = DARK if is_dark else LIGHT
    return DOCUMENT.format(
        lang=escape(lang),
        title=escape(title),
        content=content,
        rules=_in_colour(rules, is_dark=is_dark),
        **colours,
    )


def as_shown(document: str, *, is_dark: bool) -> str:
    """One of our own letters as a mail program of that colour shows it, whatever this browser's is.

    Where a link leads is its tooltip here, too.
    """
    colours = DARK if is_dark else LIGHT
    rules = (
        f":root {{ color-scheme: {colours['scheme']}; min-height: 100vh; }} "
        f":root:focus-visible {{ outline: 2px solid {colours['link']}; outline-offset: -2px; }} "
        f"body {{ background: {colours['paper']}; color: {colours['ink']}; }} "
        f":where(a[title]) {{ color: {colours['link']}; text-decoration: underline; }}"
    )
    document = LINK.sub(r'<a\1 title="\2"', _in_colour(document, is_dark=is_dark))
    document = document.replace("<html", '<html tabindex="0"', 1)
    return document.replace("</head>", f"<style>{rules} {LETTER_STYLE}</style>\n</head>", 1)


def _in_colour(sheet: str, *, is_dark: bool) -> str:
    """What is said for dark or for light screens, said for this one or for none."""
    wanted = "dark" if is_dark else "light"
    return SCHEME.sub(
        lambda found: "(min-width:0)" if found[1].lower() == wanted else "(max-width:0)", sheet
    )
