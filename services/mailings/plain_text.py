"""What people type without markup, as the HTML of a message, and back."""

import re
from html import escape, unescape

A_TAG = re.compile(r"<(?:/?[a-z][a-z0-9]*)(?:\s[^<>]*)?/?>", re.IGNORECASE)
PARAGRAPH_END = re.compile(r"</p>", re.IGNORECASE)
LINE_BREAK = re.compile(r"\s*<br\s*/?>\s*", re.IGNORECASE)
EMPTY_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
# Editors take the name of a field for an address: `contact.name` ends like a domain.
LINKED_FIELD = re.compile(r"\{\{\s*<a\b[^<>]*>\s*([a-z][a-z0-9_.]*)\s*</a>\s*\}\}", re.IGNORECASE)


def as_html(text: str) -> str:
    """Plain text as paragraphs, with its line breaks kept; text with tags as it is, but for links around a field's name."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    text = LINKED_FIELD.sub(r"{{ \1 }}", text)
    if not text or A_TAG.search(text):
        return text
    paragraphs = (escape(each, quote=False) for each in EMPTY_LINES.split(text))
    return "".join(f"<p>{each.strip().replace(chr(10), '<br>')}</p>" for each in paragraphs)


def as_typed(body_html: str) -> str:
    """The text behind plain paragraphs, for people who write no HTML; anything richer as it is.

    `as_html` makes the same of it again.
    """
    paragraphs = _paragraphs_of(body_html)
    if not paragraphs:
        return body_html
    lines = [LINE_BREAK.sub("\n", " ".join(each.split())) for each in paragraphs]
    if any(A_TAG.search(each) or "\n\n" in each for each in lines):
        return body_html
    text = unescape("\n\n".join(each.strip() for each in lines))
    return body_html if A_TAG.search(text) else text


def _paragraphs_of(body_html: str) -> list[str]:
    """What stands in each plain paragraph; none if anything stands outside of them.

    Each end is looked for once: a search from every `<p>` would take time by the square of the length.
    """
    *pieces, rest = map(str.strip, PARAGRAPH_END.split(body_html))
    if rest or any(piece[:3].lower() != "<p>" for piece in pieces):
        return []
    return [piece[3:].strip() for piece in pieces]
