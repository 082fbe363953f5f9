"""Where the words of a reply end and those that it quotes begin."""

import re

# How we ourselves mark what a reply repeats, and what is forwarded.
QUOTED, FORWARDED = "quoted", "quoted forwarded"
# How mail programs mark it: Apple and Thunderbird, Gmail, Outlook, and we ourselves (class="quoted").
QUOTE = re.compile(
    r"""<blockquote\b[^>]*\btype\s*=\s*["']?cite\b"""
    r"""|<(?:blockquote|div|p)\b[^>]*\bclass\s*=\s*["'][^"']*"""
    r"""\b(?:gmail_quote|moz-cite-prefix|yahoo_quoted|quoted)\b"""
    r"""|<div\b[^>]*\bid\s*=\s*["']?(?:appendonsend|divRplyFwdMsg)\b""",
    re.IGNORECASE,
)


def split_quote(html: str) -> tuple[str, str]:
    """What was written now, and what is quoted below it; the latter is empty if nothing is."""
    found = QUOTE.search(html)
    return (html[: found.start()], html[found.start() :]) if found else (html, "")
