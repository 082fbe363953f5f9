"""A letter: body, header, signature and footer put together as one mail document."""

import re
from dataclasses import dataclass

from mail.errors import RenderError
from mail.sanitise import clean_html, inline_css, text_of

LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")

DOCUMENT = """\
<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
</head>
<body>
{content}
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Letter:
    """Both versions of a text, with their fields still to be filled in by `mail.merge`."""

    html: str
    text: str


def compose_letter(
    body_html: str,
    header_html: str = "",
    signature_html: str = "",
    footer_html: str = "",
    lang: str = "es",
) -> Letter:
    """Put the texts together: header, body, signature, footer.

    The header may open elements that the footer closes, so they are cleaned together and come out
    as one well-formed document; styles of any of them reach all. Raises TextTooLong or
    RenderError.
    """
    if not LANGUAGE.fullmatch(lang):
        raise RenderError("The language of a letter is a code such as “es”.")
    together = "\n".join(filter(None, (header_html, body_html, signature_html, footer_html)))
    content = clean_html(inline_css(together)).strip()
    # Not str.format: braces in the content are fields.
    html = DOCUMENT.replace("{lang}", lang).replace("{content}", content)
    return Letter(html=html, text=text_of(content))
