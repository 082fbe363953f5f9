"""What to know about a message on a phone, beside how it looks there (S1-14)."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views.reader_formats import number
from mail.phone import phone_facts
from mail.reading import ReadMessage


@dataclass(frozen=True)
class PhoneCheck:
    """A sentence, and whether somebody should do something about it."""

    text: str
    is_fine: bool = True


def phone_checks(read: ReadMessage, shown_subject: str) -> Iterator[PhoneCheck]:
    """`shown_subject` is what the list of a phone shows of the subject."""
    if shown_subject == read.subject:
        yield PhoneCheck(_("The whole subject can be read"))
    else:
        yield PhoneCheck(_("The subject can be read up to “%(words)s”", words=shown_subject))
    facts = phone_facts(read.html)
    if facts.too_wide:
        wide = number(facts.too_wide)
        yield PhoneCheck(_("Something is %(n)s px wide and does not shrink", n=wide), is_fine=False)
    else:
        yield PhoneCheck(_("Nothing is wider than the screen"))
    if not facts.pictures:
        yield PhoneCheck(_("Without pictures: it is complete at once"))
    elif not facts.pictures_without_words:
        yield PhoneCheck(_("Every picture has a text for whoever does not load it"))
    else:
        n = facts.pictures_without_words
        words = ngettext("%(n)s picture has no text", "%(n)s pictures have no text", n, n=number(n))
        yield PhoneCheck(str(words), is_fine=False)
