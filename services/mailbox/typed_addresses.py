"""What is wrong with typed addresses, in sentences (S3-31)."""

from flask_babel import gettext as _

from mail.address_list import AddressProblem, TypedAddress

ADDRESS_FIELDS = ("to", "cc", "bcc")


def address_sentence(entry: TypedAddress) -> str:
    """Why this is no address; empty if it is one."""
    sentences = {
        AddressProblem.NO_AT: _("“%(typed)s” has no “@”.", typed=entry.typed),
        AddressProblem.TWO_AT: _("“%(typed)s” has more than one “@”.", typed=entry.typed),
        AddressProblem.NOTHING_AFTER: _(
            "“%(typed)s” needs something before and after the “@”.", typed=entry.typed
        ),
        AddressProblem.NO_DOT: _(
            "The part after the “@” of “%(typed)s” has no dot.", typed=entry.typed
        ),
        AddressProblem.BLANK: _("“%(typed)s” has a blank inside the address.", typed=entry.typed),
        AddressProblem.OTHER: _("“%(typed)s” is not an e-mail address.", typed=entry.typed),
    }
    return sentences[entry.problem] if entry.problem else ""
