"""The documents of a message, below its text: what each one is, its dates, how much, and the button that opens it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from flask_babel import force_locale
from flask_babel import gettext as _

from models.sales.document_state import DocumentKind
from services.mailings.document_links import has_own_place
from services.mailings.document_ranges import FoundDocument
from services.sales.formats import shown_date, shown_money

IS_OWED = DocumentKind.INVOICE  # of these it matters until when, and how much is still to be paid


@dataclass(frozen=True, slots=True)
class Block:
    """What all messages with the same number of documents have in common: which documents have a button, whether
    their total stands below."""

    buttons: tuple[bool, ...] = ()
    has_total: bool = False


@dataclass(frozen=True, slots=True)
class Places:
    """The fields of one document; `url` is None where no button leads to it."""

    title: str
    dates: str
    amount: str
    action: str
    url: str | None


@dataclass(frozen=True)
class Words:
    """What stands around numbers and dates, in one language."""

    titles: Mapping[DocumentKind, str]
    actions: Mapping[DocumentKind, str]
    issued: str
    due: str
    owed: str
    paid: str
    amount: str
    total: str


def block_of(documents: Sequence[FoundDocument], texts: Sequence[str], *, has_links: bool) -> Block:
    """A document whose link stands in one of the `texts` of the message has no second one."""
    first = not any(map(has_own_place, texts))
    buttons = tuple(has_links and (n > 0 or first) for n in range(len(documents)))
    is_sum = len(documents) > 1 and all(document.kind is IS_OWED for document in documents)
    return Block(buttons, has_total=is_sum)


def places_in(block: Block) -> Iterator[Places]:
    """The fields of each document in the block."""
    for n, has_button in enumerate(block.buttons, start=1):
        title, dates, amount, action = (
            f"{{{{ document_{n}.{name} }}}}" for name in ("title", "dates", "amount", "action")
        )
        url = f"{{{{ link_{n}.url }}}}" if has_button else None
        yield Places(title, dates, amount, action, url)


def block_values(documents: Sequence[FoundDocument], lang: str) -> dict[str, str]:
    """What these fields say in one message."""
    words = words_in(lang)
    values: dict[str, str] = {}
    for n, document in enumerate(documents, start=1):
        values |= {
            f"document_{n}.title": f"{words.titles[document.kind]} {document.label}",
            f"document_{n}.dates": _dates(document, words, lang),
            f"document_{n}.amount": shown_money(document.total, document.currency, lang),
            f"document_{n}.action": words.actions[document.kind],
        }
    return values


@lru_cache(maxsize=16)
def words_in(lang: str) -> Words:
    """The words of this language; English for one that we do not speak."""
    with force_locale(lang):
        return Words(
            titles={kind: str(label) for kind, label in DocumentKind.labels().items()},
            actions={
                DocumentKind.INVOICE: _("View invoice"),
                DocumentKind.CREDIT_NOTE: _("View credit note"),
                DocumentKind.QUOTE: _("View quote"),
                DocumentKind.SALES_ORDER: _("View sales order"),
                DocumentKind.STATEMENT: _("View statement of account"),
            },
            issued=_("Date: %(date)s"),
            due=_("Due: %(date)s"),
            owed=_("Still owed: %(amount)s"),
            paid=_("Paid"),
            amount=_("Amount"),
            total=_("Total"),
        )


def _dates(document: FoundDocument, words: Words, lang: str) -> str:
    said = [words.issued % {"date": shown_date(document.issue_date, lang)}]
    if document.kind is IS_OWED:
        said.append(words.due % {"date": shown_date(document.due_date, lang)})
        if not document.balance_due:
            said.append(words.paid)
        elif document.balance_due != document.total:
            owed = shown_money(document.balance_due, document.currency, lang)
            said.append(words.owed % {"amount": owed})
    # A narrow screen breaks the line between them only.
    return " · ".join(each.replace(" ", "\u00a0") for each in said)
