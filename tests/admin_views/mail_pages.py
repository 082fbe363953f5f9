"""What tests of the mail area read on its pages."""

import re

from models.base import db
from models.mailbox.message_placement import MessagePlacement
from models.people.user import User
from tests.factories.mailbox import make_folder, make_raw, receive
from tests.factories.mailbox import make_mailbox as make_account

HTMX = {"HX-Request": "true"}


def rows_of(page: str) -> list[str]:
    """The keys of the conversations in the list."""
    return re.findall(r'<li id="row-([\d-]+)"', page)


def key(placement: MessagePlacement) -> str:
    return f"{placement.folder_id}-{placement.thread_id}"


def addresses_of(placement: MessagePlacement) -> list[str]:
    message = placement.message
    root = f"/mail/messages/{message.public_id}"
    thread = db.session.get_one(type(message.thread), message.thread_id).public_id
    return [
        f"/mail/?open={thread}",
        root,
        f"{root}/body",
        f"{root}/frame",
        f"{root}/message.eml",
        f"{root}/files/1",
        f"{root}/pictures/1",
    ]


def a_letter(owner: User | None = None) -> MessagePlacement:
    account = make_account(owner_id=owner.id) if owner else make_account()
    raw = make_raw(html="<p>Hola <b>Lucía</b></p>", files=(("CO-2189.pdf", b"%PDF-1.7 x"),))
    placement = receive(make_folder(account), raw)
    db.session.commit()
    return placement
