"""Why a message cannot be made, in the reader's language: `mail/` knows none."""

from typing import Any

from flask_babel import gettext as _

from mail.errors import (
    InvalidAddress,
    MailError,
    MalformedField,
    NestedTooDeeply,
    TextTooLong,
    TooManyElements,
    UnknownFieldError,
    UnreadableStyles,
    UnsafeHeader,
)
from services.system.retelling import retold


def unmade_words(problem: MailError) -> str:
    """A sentence for what `mail/` says about a text, a header or an address."""
    return str(_sentence(problem))


def _sentence(problem: MailError) -> Any:
    match problem:
        case TooManyElements(most=most):
            return _(
                "The text has more than %(most)d elements (HTML tags). Shorten it, or paste it without its format.",
                most=most,
            )
        case TextTooLong(most=most):
            return _("The text is longer than %(most)d characters.", most=most)
        case NestedTooDeeply():
            return _("The elements of the text are nested too deeply. Paste it without its format.")
        case UnreadableStyles():
            return _("The style sheet of the text cannot be read.")
        case UnknownFieldError(name=name):
            return _("There is no field “%(name)s”.", name=name)
        case MalformedField():
            return _("The text has braces that enclose no field.")
        case UnsafeHeader():
            return _(
                "A name, the subject or the name of a file holds characters that no e-mail can have."
            )
        case InvalidAddress():
            return _("An address of the message is no e-mail address.")
        case _:
            return retold(problem.message)
