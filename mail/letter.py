"""A letter: body, header, signature and footer put together as one mail document."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from mail.errors import RenderError
from mail.markup import Contained, Found, balance, closings, contain
from mail.merge import PLACEHOLDER
from mail.pictures import Picture
from mail.quoting import split_quote
from mail.sanitise import clean_html, inline_css, text_of
from mail.style_sheets import media_rules

LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
BODY = re.compile(r"<body((?:[^>\"]|\"[^\"]*\")*)>")
HEADER, SIGNATURE, FOOTER = "header_html", "signature_html", "footer_html"
# The places of the texts in a frame.
WRITTEN_HERE, SIGNATURE_HERE, FOOTER_HERE = "<!--written-->", "<!--signature-->", "<!--footer-->"
PLACE = re.compile("|".join((WRITTEN_HERE, SIGNATURE_HERE, FOOTER_HERE)))
NOTHING_KNOWN: Mapping[str, str] = MappingProxyType({})

DOCUMENT = """\
<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
{styles}</head>
<body{page_style}>
{content}
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Letter:
    """Both versions of a text, with their fields still to be filled in by `mail.merge`; `pictures` are those that the HTML names."""

    html: str
    text: str
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """What we put around and between the texts ourselves: `html` has a place for each of them, the footer may stand behind it.

    `is_open`: the texts stand beside it and reach each other. `told`: what of it belongs into the plain version, as HTML. `rules`: a style sheet for certain screens.
    `page_style` is that of the whole page.
    """

    html: str = WRITTEN_HERE + SIGNATURE_HERE
    told: str = ""
    rules: str = ""
    page_style: str = ""
    is_open: bool = False


UNFRAMED = Frame()


@dataclass(frozen=True, slots=True)
class Problem:
    """A flaw of one of the three texts around a letter, by the name of the text."""

    of: str
    found: Found


def compose_letter(
    body_html: str,
    header_html: str = "",
    signature_html: str = "",
    footer_html: str = "",
    lang: str = "es",
    *,
    footer_in_replies: bool = False,
    known: Mapping[str, str] = NOTHING_KNOWN,
    frame: Frame = UNFRAMED,
) -> Letter:
    """Put the texts together: header, body, signature, footer; what a reply quotes comes last.

    The header may open elements that the footer closes, up to those of the document itself: they
    are cleaned together and come out as one well-formed document; styles of any of them reach all.
    The signature is left out where the body ends in it already, with or without its fields filled
    in (`known`: what those say). A reply has the footer only if `footer_in_replies`. What stands in a
    `frame` cannot close any of it: only header and a footer behind it reach each other.
    Raises TextTooLong or RenderError.
    """
    if not LANGUAGE.fullmatch(lang):
        raise RenderError("The language of a letter is a code such as “es”.")
    written, quoted = split_quote(body_html)
    if signature_html and _ends_in(written, signature_html, known):
        signature_html = ""
    if quoted and not footer_in_replies:
        footer_html = ""
    parts = [contain(text) for text in (header_html, written, signature_html, footer_html, quoted)]
    header, body, signature, footer, rest = _ended(parts)
    sheets = [frame.rules, *(sheet for part in parts for sheet in part.styles)]
    text = content = _content((header, body, frame.told, signature, footer, rest), sheets)
    if frame is not UNFRAMED:
        there = {
            WRITTEN_HERE: body,
            SIGNATURE_HERE: signature,
            FOOTER_HERE: footer,
        }
        if not frame.is_open:
            there = {place: _closed(html) for place, html in there.items()}
        inside = PLACE.sub(lambda place: there[place[0]], frame.html)
        behind = "" if FOOTER_HERE in frame.html else footer
        content = _content((header, inside, behind, rest), sheets)
    return Letter(html=_document(content, sheets, lang, frame.page_style), text=text_of(text))


def problems_around(header_html: str, signature_html: str, footer_html: str) -> list[Problem]:
    """What is wrong in the texts around a letter, in the order of their lines; it would leave well-formed all the same."""
    texts = {HEADER: header_html, SIGNATURE: signature_html, FOOTER: footer_html}
    parts = {name: (text, contain(text)) for name, text in texts.items()}
    found = [Problem(name, each) for name, (_text, part) in parts.items() for each in part.found]
    found += [Problem(name, each) for name, each in balance(parts)]
    order = list(texts)
    return sorted(found, key=lambda one: (order.index(one.of), one.found.line))


def _content(pieces: Sequence[str], sheets: Sequence[str]) -> str:
    """The pieces parsed as one document, with the styles in the elements: what stands in its body."""
    style = f"<style>{chr(10).join(sheets)}</style>" if any(sheets) else ""
    inlined = _body_as_element(inline_css(style + "\n".join(filter(None, pieces))))
    return clean_html(inlined, keeps_classes=bool(media_rules(list(sheets)))).strip()


def _ended(parts: Sequence[Contained]) -> list[str]:
    """The texts, each with the closing tags it forgets within its lines: header, signature and footer may close each other's."""
    header, body, signature, footer, _quoted = parts
    around = {HEADER: ("", header), SIGNATURE: ("", signature), FOOTER: ("", footer)}
    missing = closings(around) | closings({"body": ("", body)})
    ends = (missing.get(name, "") for name in (HEADER, "body", SIGNATURE, FOOTER))
    return [part.html + end for part, end in zip(parts, (*ends, ""), strict=True)]


def _closed(html: str) -> str:
    """A text that ends what it begins, and nothing else."""
    return clean_html(html, keeps_classes=True)


def _document(content: str, sheets: Sequence[str], lang: str, page_style: str) -> str:
    media = media_rules(list(sheets))
    # Not str.format: braces in the content are fields.
    return (
        DOCUMENT.replace("{lang}", lang)
        .replace("{styles}", f"<style>\n{media}\n</style>\n" if media else "")
        .replace("{page_style}", f' style="{page_style}"' if page_style else "")
        .replace("{content}", content)
    )


def _body_as_element(document: str) -> str:
    """What the texts say of the whole body moves into an element: mail programs drop the body's own attributes."""
    start = BODY.search(document)
    if start is None or not start[1].strip():
        return document
    before, _end, after = document[start.end() :].rpartition("</body>")
    return f"<body><div{start[1]}>{before}</div></body>{after}"


def _ends_in(body_html: str, signature_html: str, known: Mapping[str, str]) -> bool:
    signature, body = (_words(text, known) for text in (signature_html, body_html))
    if not signature.strip():  # a picture alone
        signature, body = (clean_html(contain(text).html) for text in (signature_html, body_html))
    signature = signature.strip()
    return bool(signature) and f"\n{body.rstrip()}".endswith(f"\n{signature}")


def _words(html: str, known: Mapping[str, str]) -> str:
    text = PLACEHOLDER.sub(
        lambda field: known.get(field[1], field[0]), text_of(clean_html(contain(html).html))
    )
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
