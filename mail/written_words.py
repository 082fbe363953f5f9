"""What somebody wrote themselves in an answer, as plain text: without the message before it and without their signature."""

import re

from mail.parsing import LONGEST_TO_STRIP, ParsedMessage, plain_words
from mail.quoted_text import begin_of_quote, below_quote, fold_text

# RFC 3676, section 4.3; many programs lose the space.
SIGNATURE = re.compile(r"^-- ?$", re.MULTILINE)
EMPTY_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*){2,}")
LONGEST_HTML = 200_000  # characters that are searched for the beginning of a quote


def written_words(message: ParsedMessage) -> str:
    """Empty if there is nothing but what was repeated."""
    text = message.text
    if message.html and text == plain_words(message.html[:LONGEST_TO_STRIP]):  # it is all there is
        text = plain_words(begin_of_quote(message.html[:LONGEST_HTML]))
    folded = fold_text(text.replace("\r", "").replace("\xa0", " "))
    own = folded.written if folded.quoted else below_quote(folded.written)
    above = SIGNATURE.split(own, maxsplit=1)[0]
    kept = above if above.strip() else own
    shown = "".join(each for each in kept if each.isprintable() or each in "\n\t")
    return EMPTY_LINES.sub("\n\n", shown).strip()
