"""What people type without markup, as the HTML of a message."""

import re
from html import escape

A_TAG = re.compile(r"<(?:/?[a-z][a-z0-9]*)(?:\s[^<>]*)?/?>", re.IGNORECASE)
EMPTY_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")


def as_html(text: str) -> str:
    """Text with tags as it is; plain text as paragraphs, with its line breaks kept."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text or A_TAG.search(text):
        return text
    paragraphs = (escape(each, quote=False) for each in EMPTY_LINES.split(text))
    return "".join(f"<p>{each.strip().replace(chr(10), '<br>')}</p>" for each in paragraphs)
