"""What tests of the portal's door share: a door, the mail that left it, and its links."""

import re
from email import message_from_bytes, policy

from flask import Flask
from sqlalchemy import select

from mail.mime import unstuffed
from models.base import db
from models.mailings.delivery import Delivery, DeliveryBody
from services.mailings.sealed_head import open_head
from services.portal.portal_requests import answer_requests
from tests.browser import Browser, new_browser
from tests.factories.portal import portal_name

PASSWORD = "a long enough pass phrase"


class Door:
    """The door of the portal of the organization in scope, as one browser sees it."""

    def __init__(self, app: Flask) -> None:
        self.name = portal_name()
        self.base = f"/portal/{self.name}"
        self.browser: Browser = new_browser(app)

    def url(self, path: str = "/") -> str:
        return f"{self.base}{path}"

    def sign_in(self, login: str, password: str = PASSWORD):
        return self.post("/sign-in", login=login, password=password)

    def post(self, path: str, *, form_at: str = "/sign-in", **fields: str):
        return self.browser.submit(self.url(path), fields, form_at=self.url(form_at))

    def get(self, path: str = "/"):
        return self.browser.get(self.url(path))

    def is_inside(self) -> bool:
        return self.get("/").status_code == 200


def answer() -> int:
    """What the worker does."""
    db.session.rollback()
    return answer_requests()


def letters() -> list[tuple[str, str, str]]:
    """All that was written so far: to whom, subject and text."""
    db.session.rollback()
    rows = db.session.execute(
        select(Delivery.recipient, DeliveryBody.head)
        .join(DeliveryBody, DeliveryBody.delivery_id == Delivery.id)
        .order_by(Delivery.id)
    )
    found = []
    for recipient, head in rows:
        message = message_from_bytes(unstuffed(open_head(head, recipient)), policy=policy.default)
        body = message.get_body(("plain",))
        assert body is not None
        found.append((recipient, str(message["Subject"]), body.get_content()))
    return found


def link_in(text: str) -> str:
    """The path of the portal's link in a letter, below the portal's name."""
    found = re.search(r"/portal/[\w-]+(/[^\s>]+)", text)
    assert found, text
    return found[1]
