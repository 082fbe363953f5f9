"""The numbers of many documents in a subject: the first, the last, how many. The message lists every one of them."""

from collections.abc import Sequence
from itertools import groupby

from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from models.sales.document_state import DocumentKind
from services.mailings.document_ranges import FoundDocument

MOST_NAMED = 3  # of one kind


def subject_values(documents: Sequence[FoundDocument], lang: str) -> dict[str, str]:
    """What the fields with numbers say in a subject; nothing where the numbers are few enough."""
    kinds = [list(each) for _kind, each in groupby(documents, key=lambda document: document.kind)]
    if all(len(each) <= MOST_NAMED for each in kinds):
        return {}
    with force_locale(lang):
        said = ", ".join(map(_of_one_kind, kinds))
    return {"document.number": said, "documents.numbers": said}


def _of_one_kind(documents: Sequence[FoundDocument]) -> str:
    """`FV-10101 to FV-10140 (11 invoices)`: how many says that not every number between them is meant."""
    if len(documents) <= MOST_NAMED:
        return ", ".join(document.label for document in documents)
    return str(
        _(
            "%(first)s to %(last)s (%(count)s)",
            first=documents[0].label,
            last=documents[-1].label,
            count=_counted(documents[0].kind, len(documents)),
        )
    )


def _counted(kind: DocumentKind, n: int) -> str:
    match kind:
        case DocumentKind.INVOICE:
            return str(ngettext("%(n)s invoice", "%(n)s invoices", n, n=n))
        case DocumentKind.CREDIT_NOTE:
            return str(ngettext("%(n)s credit note", "%(n)s credit notes", n, n=n))
        case DocumentKind.STATEMENT:
            return str(
                ngettext("%(n)s statement of account", "%(n)s statements of account", n, n=n)
            )
        case _:
            return str(ngettext("%(n)s document", "%(n)s documents", n, n=n))
