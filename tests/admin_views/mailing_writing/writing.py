"""The form of a mailing as it is sent, and what came of it."""

import html
from typing import Any

from sqlalchemy import select

from models.base import db
from models.mailings.mailing import Mailing


def fields(**changed: Any) -> dict[str, Any]:
    account = db.session.scalar(select(Mailing.account.property.mapper.class_.id).limit(1))
    return {
        "page": "one",
        "account": str(account),
        "series": "FV",
        "number_from": "201",
        "number_to": "203",
        "who": "all",
        "contacts": "all",
        "one_mail_per": "customer",
        "subject": "Invoice {{ document.number }}",
        "body": "<p>Dear {{ contact.name }}</p>",
        **changed,
    }


def the_only_mailing() -> Mailing:
    db.session.expire_all()
    return db.session.scalars(select(Mailing)).one()


def text_of(answer: Any) -> str:
    return " ".join(html.unescape(answer.text).split())
