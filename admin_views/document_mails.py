"""What the page of a document says about its e-mails: in which mailing, in which row, and what became of it (X1-13)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _

from admin_views.identity import current_staff
from admin_views.reader_formats import moment, number
from admin_views.screens.mailing_recipient import badge_of
from admin_views.screens.mailing_words import name_words
from models.mailings.delivery import DeliveryStatus
from models.sales.document import Document
from models.sales.document_state import DocumentKind
from models.states import state_word
from services.mailings.document_mails import DocumentMail, mails_of, newest_mailings_for
from services.mailings.reasons import sentence_for

# What mailings bring. Other kinds leave alone: passed on in the portal, or attached to a message.
IN_MAILINGS = {DocumentKind.INVOICE, DocumentKind.CREDIT_NOTE, DocumentKind.STATEMENT}


@dataclass(frozen=True)
class Told:
    """One e-mail with the document."""

    text: str
    more: str
    badge: Any
    url: str | None


@dataclass(frozen=True)
class MailsCard:
    """The e-mails, what to say where there are none, and the mailings that one can ask about."""

    mails: Sequence[Told]
    none_words: str
    asks: Sequence[tuple[str, str]]


def mails_card(document: Document) -> MailsCard | None:
    """None for readers who may not see mailings."""
    if not current_staff().rights.allows("mailing", "view"):
        return None
    if "mailing_console.recipients" not in current_app.view_functions:
        return None
    mails = mails_of(document)
    if document.kind not in IN_MAILINGS:
        none_words = _("It has not been sent by e-mail yet.")
        return MailsCard(mails=[_told(mail) for mail in mails], none_words=none_words, asks=[])
    told_of = {mail.mailing.id for mail in mails if mail.mailing is not None}
    return MailsCard(
        mails=[_told(mail) for mail in mails],
        none_words=_("It is not in any mailing yet."),
        asks=[
            (
                name_words(mailing),
                url_for(
                    "mailing_console.why",
                    public_id=mailing.public_id,
                    key=f"c{document.customer_id}-{document.id}",
                ),
            )
            for mailing in newest_mailings_for()
            if mailing.id not in told_of
        ],
    )


def _told(mail: DocumentMail) -> Told:
    url = None
    if mail.mailing is not None:
        url = url_for("mailing_console.recipients", public_id=mail.mailing.public_id, open=mail.key)
    return Told(
        text=_sentence(mail),
        more=" · ".join(filter(None, [mail.recipient, _reason(mail)])),
        badge=badge_of(mail.state, mail.reason, bounced=mail.bounced_at is not None),
        url=url,
    )


def _sentence(mail: DocumentMail) -> str:
    """`In mailing no. 12, row 34, pending`; `Sent on 17 Aug, 15:58`."""
    if mail.mailing is None:
        words = {"state": str(state_word(mail.state)).lower()}
        return _("On its own, %(state)s", **words)
    values: dict[str, Any] = {"number": mail.mailing.number}
    if mail.row is None:
        return _("Left out of mailing no. %(number)s", **values)
    values["row"] = number(mail.row)
    if mail.state is DeliveryStatus.SENT and mail.sent_at is not None:
        return _(
            "In mailing no. %(number)s, row %(row)s, sent on %(time)s",
            time=moment(mail.sent_at),
            **values,
        )
    if mail.state in {DeliveryStatus.PREPARED, DeliveryStatus.QUEUED, DeliveryStatus.SENDING}:
        return _("In mailing no. %(number)s, row %(row)s, pending", **values)
    state = str(state_word(mail.state)).lower()
    return _("In mailing no. %(number)s, row %(row)s, %(state)s", state=state, **values)


def _reason(mail: DocumentMail) -> str:
    return "" if mail.state is DeliveryStatus.SENT else sentence_for(mail.reason)
