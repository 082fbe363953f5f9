"""What is odd in a mailing, in sentences: what it is, and the facts (N-03)."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from admin_views.reader_formats import amount, day, moment, number
from admin_views.screens.mailing_words import size_words
from models.mailings.anomaly import AnomalyKind
from services.mailings.fields import FIELDS
from services.mailings.reasons import sentence_for

_K = AnomalyKind
ICONS = {
    _K.NO_ADDRESS: "mail-off",
    _K.BOUNCED_BEFORE: "mail-x",
    _K.SHARED_ADDRESS: "users",
    _K.ZERO_TOTAL: "coins",
    _K.NEGATIVE_TOTAL: "coins",
    _K.UNUSUAL_TOTAL: "trending-up",
    _K.OTHER_LANGUAGE: "language",
    _K.SENT_BEFORE: "copy",
    _K.EMPTY_FIELD: "input-search",
    _K.LARGE_MESSAGE: "weight",
    _K.PAST_DUE: "clock-exclamation",
    _K.MISSING_PARTY: "user-question",
}
LANGUAGES = {"es": "español", "en": "English"}


Words = tuple[str, str]  # what it is, and the facts


def _no_address(detail: dict[str, Any]) -> Words:
    return _("This customer gets nothing"), sentence_for(detail["reason"])


def _bounced_before(detail: dict[str, Any]) -> Words:
    address = detail["address"] or ""
    if detail.get("left_out"):
        title = _("A contact is left out: an earlier e-mail bounced")
        return title, _("%(address)s is left out of this mailing.", address=address)
    if not detail.get("at"):
        return _("An earlier e-mail to this address bounced"), address
    when = moment(datetime.fromisoformat(detail["at"]))
    title = _("An earlier e-mail to this address bounced")
    return title, _("%(address)s, %(time)s.", address=address, time=when)


def _shared_address(detail: dict[str, Any]) -> Words:
    names = ", ".join(sorted(detail["names"].values())[:3])
    title = ngettext(
        "Another customer has the same address",
        "%(n)s more customers have the same address",
        detail["others"],
        n=number(detail["others"]),
    )
    return title, _(
        "%(address)s gets the documents of %(names)s too.", address=detail["address"], names=names
    )


def _zero_total(detail: dict[str, Any]) -> Words:
    if detail.get("is_statement"):
        title = _("The balance of %(document)s is zero", document=detail["document"])
        return title, _not_owed()
    return _("The total of %(document)s is zero", document=detail["document"]), ""


def _negative_total(detail: dict[str, Any]) -> Words:
    total = amount(Decimal(detail["total"]), detail["currency"])
    total = f"{total} {detail['currency']}"
    if detail.get("is_statement"):
        title = _(
            "The balance of %(document)s is in the customer's favour", document=detail["document"]
        )
        return title, f"{total}. {_not_owed()}"
    return _("The total of %(document)s is negative", document=detail["document"]), total


def _not_owed() -> str:
    return _(
        "It goes without an invoice, with a text that is about invoices or about what is owed."
    )


def _unusual_total(detail: dict[str, Any]) -> Words:
    title = _(
        "The total of %(document)s is %(times)s times what is usual for this customer",
        document=detail["document"],
        times=number(detail["times"]),
    )
    usual = amount(Decimal(detail["median"]), detail["currency"])
    text = _(
        "The %(count)s documents of the last twelve months were around %(usual)s %(currency)s.",
        count=number(detail["count"]),
        usual=usual,
        currency=detail["currency"],
    )
    return title, text


def _other_language(detail: dict[str, Any]) -> Words:
    return _("The message is not in the recipient's language"), _(
        "The text is in %(text)s, the recipient reads %(wanted)s.",
        text=LANGUAGES.get(detail["text"], detail["text"]),
        wanted=LANGUAGES.get(detail["wanted"], detail["wanted"]),
    )


def _sent_before(detail: dict[str, Any]) -> Words:
    title = _("%(document)s was sent before", document=detail["document"])
    when = moment(datetime.fromisoformat(detail["at"]))
    return title, _("In mailing no. %(number)s, %(time)s.", number=detail["number"], time=when)


def _empty_field(detail: dict[str, Any]) -> Words:
    field = detail["field"]
    title = _("A field in the text has no value")
    return title, _(
        "%(label)s: {{ %(field)s }} stays empty.", label=FIELDS.get(field, field), field=field
    )


def _large_message(detail: dict[str, Any]) -> Words:
    size = size_words(detail["bytes"])
    return _("The message is very large: %(size)s", size=size), _("Some mail servers refuse it.")


def _past_due(detail: dict[str, Any]) -> Words:
    due = day(date.fromisoformat(detail["due"]))
    title = _("%(document)s is already overdue", document=detail["document"])
    return title, _("It was due on %(day)s and has not been paid.", day=due)


def _missing_party(detail: dict[str, Any]) -> Words:
    if detail["name"] and detail["tax_id"]:
        title = _(
            "%(document)s shows neither name nor tax id of the customer",
            document=detail["document"],
        )
    elif detail["name"]:
        title = _("%(document)s does not show the customer's name", document=detail["document"])
    else:
        title = _("%(document)s does not show the customer's tax id", document=detail["document"])
    return title, _("It shows what was known when it was posted.")


WORDS: dict[AnomalyKind, Callable[[dict[str, Any]], Words]] = {
    _K.NO_ADDRESS: _no_address,
    _K.BOUNCED_BEFORE: _bounced_before,
    _K.SHARED_ADDRESS: _shared_address,
    _K.ZERO_TOTAL: _zero_total,
    _K.NEGATIVE_TOTAL: _negative_total,
    _K.UNUSUAL_TOTAL: _unusual_total,
    _K.OTHER_LANGUAGE: _other_language,
    _K.SENT_BEFORE: _sent_before,
    _K.EMPTY_FIELD: _empty_field,
    _K.LARGE_MESSAGE: _large_message,
    _K.PAST_DUE: _past_due,
    _K.MISSING_PARTY: _missing_party,
}
