"""Cells of a CSV file that a spreadsheet program would run as a formula.

Source: OWASP, "CSV Injection": a cell is dangerous if it begins with = + - @, tab or a line end.
"""

import re

_DANGEROUS = re.compile(r"'*(?:[\t\r\n]| *[=+\-@])")
_NUMBER = re.compile(r"-[0-9][0-9., \u00a0\u202f]*")


def guarded(text: str) -> str:
    """The text with an apostrophe before what would run; a negative number stays as it is."""
    if _DANGEROUS.match(text) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def unguarded(text: str) -> str:
    """The text as it was before `guarded`, so that an exported file can be imported again."""
    if text.startswith("'") and _DANGEROUS.match(text):
        return text[1:]
    return text
