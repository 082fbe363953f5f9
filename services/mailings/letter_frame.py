"""What stands around the text of a mailing: our name in our colour, the documents, a page that phones and dark screens show well.

A letterhead that has a header of its own takes the place of ours, and a text that is a whole document brings its own page.
"""

import re
from functools import lru_cache
from typing import Any

from flask import current_app

from mail.letter import Frame
from services.mailbox.logo_picture import LOGO_HERE
from services.mailbox.sender_fields import Brand, SenderWords
from services.mailings.document_block import Block, places_in, words_in

CARD, COLUMN, NOTHING = "card", "column", "nothing"
WHOLE_DOCUMENT = re.compile(r"<(?:!doctype|html|body)\b", re.IGNORECASE)
# Colours that were chosen on white cannot be read on a dark card.
OWN_COLOUR = re.compile(r"color\s*[:=]|background", re.IGNORECASE)
PAGE = "margin:0;padding:0;background-color:#f1f4f6"  # as in templates/emails/_frame.html
NAME = "{{ organization.name }}"
TOTAL = "{{ documents.total }}"


def frame_around(body_html: str, sender: SenderWords, block: Block, lang: str) -> Frame:
    """The frame for this text of this sender, with these documents."""
    _header, signature, footer = sender.around.texts
    if WHOLE_DOCUMENT.search(body_html):
        look = NOTHING
    elif sender.around.header.level is not None:  # somebody says one, or that there is none
        look = COLUMN
    else:
        look = CARD
    bears_dark = not any(OWN_COLOUR.search(text) for text in (body_html, signature, footer))
    return _frame(look, bears_dark, bool(footer), sender.brand, block, lang)


@lru_cache(maxsize=128)
def _frame(
    look: str, bears_dark: bool, has_footer: bool, brand: Brand, block: Block, lang: str
) -> Frame:
    words = words_in(lang)
    documents = list(places_in(block))
    total = TOTAL if block.has_total else ""
    html = _template("mailing").render(
        look=look,
        has_footer=has_footer,
        name=NAME,
        initial=brand.initial,
        colour=brand.colour,
        logo=LOGO_HERE if brand.logo is not None else "",
        documents=documents,
        total=total,
        words=words,
    )
    is_card = look == CARD
    return Frame(
        html=html,
        told=str(_template("_documents").module.told(documents, total, words)),
        rules=str(_template("_frame").module.rules(bears_dark)) if is_card else "",
        page_style=PAGE if is_card else "",
        is_open=look == NOTHING,
    )


def _template(name: str) -> Any:
    """Not `render_template`, which would ask who is signed in."""
    return current_app.jinja_env.get_template(f"emails/{name}.html")
