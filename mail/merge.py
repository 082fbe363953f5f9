"""Fields in texts that staff write: `{{ contact.name }}`, and nothing else.

A field is a key of the mapping it is filled from, dot and all: there are no attributes, no calls,
no loops, so there is nothing to break out of. What is filled in is never read as a template.
"""

import difflib
import functools
import html as html_module
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from mail.errors import MalformedField, TextTooLong, UnknownFieldError

LONGEST_TEMPLATE = 200_000  # characters
LONGEST_RESULT = 1_000_000
MOST_TOLD = 20  # places that cannot be filled
SPACE = r"(?:[^\S\n]|&nbsp;)*"
# What only joins two fields leaves with the empty one, and a line of its own leaves whole.
JOINT_BEFORE = re.compile(rf"{SPACE}[·|•]{SPACE}\Z")
JOINT_AFTER = re.compile(rf"{SPACE}[·|•]{SPACE}")
LINE_BEGINS = {True: re.compile(r"<(?:br|p)\b[^<>]*>\s*\Z"), False: re.compile(r"(?:\A|\n)\Z")}
LINE_ENDS = {True: re.compile(r"\s*<br\b[^<>]*>"), False: re.compile(r"\n")}
LOOKS_BACK = 200  # characters before an empty field
PIECES_BACK = 40  # that say nothing themselves

# Editors put non-breaking spaces where people type two spaces.
PLACEHOLDER = re.compile(
    r"\{\{(?:\s|&nbsp;)*([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*)(?:\s|&nbsp;)*\}\}"
)
# A lone "}}" is left alone: style sheets end that way.
BRACES = re.compile(
    rf"(?P<field>{PLACEHOLDER.pattern})|\{{\{{(?P<text>.*?)(?P<end>\}}\}}|$)|\{{%", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class UnknownField:
    """A place in a template that cannot be filled; `line` counts from 1.

    `suggestion` is the allowed field that was probably meant. `is_malformed` marks braces that
    enclose no field name at all, or do not close; `name` is then what stands there.
    """

    name: str
    line: int
    suggestion: str | None = None
    is_malformed: bool = False


def fields_in(template: str) -> set[str]:
    """The fields that the template asks for."""
    return set(_pieces(template)[1::2])


def check(template: str, allowed: Collection[str]) -> list[UnknownField]:
    """What stands in the way of saving the template, in the order of the text, as far as one reads.

    Raises TextTooLong.
    """
    _refuse_long(template, LONGEST_TEMPLATE)
    found: list[UnknownField] = []
    for match in BRACES.finditer(template):
        if len(found) == MOST_TOLD:  # nobody reads more, and a likely name takes long to find
            break
        line = template.count("\n", 0, match.start()) + 1
        if match["field"] is None:
            name = (match["text"] or match[0]).replace("&nbsp;", " ").strip()[:60]
            is_malformed = match["end"] != "}}" or re.fullmatch(r"[\w.\-]+", name) is None
            found.append(UnknownField(name, line, _closest(name, allowed), is_malformed))
        elif match[2] not in allowed:
            found.append(UnknownField(match[2], line, _closest(match[2], allowed)))
    return found


def render(template: str, values: Mapping[str, str], *, html: bool) -> str:
    """Fill the fields in; for HTML the values are escaped, for plain text they stay as they are.

    A field that is empty takes what joins it to its neighbour (`·`, `|`, `•`) along, and the line on which it stands alone.
    Raises UnknownFieldError for a field without a value, RenderError for braces that are no
    field, TextTooLong.
    """
    pieces = _pieces(template)
    filled = list(pieces)
    for index in range(1, len(pieces), 2):
        if pieces[index] not in values:
            raise UnknownFieldError(pieces[index])
        value = values[pieces[index]]
        filled[index] = html_module.escape(value) if html else value
    for index in range(1, len(pieces), 2):
        if not filled[index]:
            _close_up(filled, index, html=html)
    result = "".join(filled)
    _refuse_long(result, LONGEST_RESULT)
    return result


def render_subject(template: str, values: Mapping[str, str]) -> str:
    """A subject: not escaped, without control characters, on one line."""
    return one_line(render(template, values, html=False))


def one_line(text: str) -> str:
    """`text` with every run of spaces, line ends and control characters made one space."""
    kept = (" " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in text)
    return " ".join("".join(kept).split())


def _close_up(filled: list[str], index: int, *, html: bool) -> None:
    """Around a field that says nothing: “Cobranza · Peñalba” without a position is “Peñalba”, not “· Peñalba”."""
    looked_at = range(index - 1, max(index - PIECES_BACK, 0), -1)
    at = next((each for each in looked_at if filled[each]), 0)
    before, after = filled[at], filled[index + 1]
    if at % 2 or (not after and any(filled[index + 2 : index + 3])):
        return  # it stands right at another field, which nothing joins to it
    near = before[-LOOKS_BACK:]
    if joint := JOINT_AFTER.match(after):
        filled[index + 1] = after[joint.end() :]
    elif joint := JOINT_BEFORE.search(near):
        filled[at] = before.removesuffix(joint[0])
    elif LINE_BEGINS[html].search(near) and (end := LINE_ENDS[html].match(after)):
        filled[index + 1] = after[end.end() :]


@functools.lru_cache(maxsize=256)
def _pieces(template: str) -> tuple[str, ...]:
    """Text, field, text, field, ..., text."""
    _refuse_long(template, LONGEST_TEMPLATE)
    pieces = tuple(PLACEHOLDER.split(template))
    if any("{{" in text for text in pieces[::2]):
        raise MalformedField("The text has braces that enclose no field.")
    return pieces


def _closest(name: str, allowed: Collection[str]) -> str | None:
    return next(iter(difflib.get_close_matches(name.lower(), sorted(allowed), 1, 0.6)), None)


def _refuse_long(text: str, longest: int) -> None:
    if len(text) > longest:
        raise TextTooLong(f"The text is longer than {longest} characters.", most=longest)
