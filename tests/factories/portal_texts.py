"""What levels say for the portal, and the mail that follows."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from sqlalchemy import select

from mail.mime import unstuffed
from models.base import db
from models.mailings.delivery import Delivery, DeliveryBody
from models.people.customer_group import CustomerGroup
from models.portal.group_portal import GroupPortal
from models.portal.portal_text import PortalText, PortalTextKind
from services.mailings.sealed_head import open_head
from tests.factories.saving import saved


def make_group_portal(group: CustomerGroup | None = None, **fields: Any) -> GroupPortal:
    """What a level says; without a group, the organization."""
    row: GroupPortal = saved(
        GroupPortal(customer_group_id=group.id if group is not None else None, **fields)
    )
    return row


def make_text(
    kind: PortalTextKind,
    body: str,
    *,
    group: CustomerGroup | None = None,
    lang: str = "es",
    subject: str = "Asunto",
) -> PortalText:
    """The current text of a level."""
    row: PortalText = saved(
        PortalText(
            customer_group_id=group.id if group is not None else None,
            kind=kind,
            lang=lang,
            subject=subject,
            body_html=body,
        )
    )
    return row


def written() -> list[Delivery]:
    """All e-mails in the ledger, the oldest first."""
    return list(db.session.scalars(select(Delivery).order_by(Delivery.id)))


def message_of(delivery: Delivery) -> EmailMessage:
    """A message as it leaves."""
    body = db.session.get_one(DeliveryBody, delivery.id)
    wire = unstuffed(open_head(body.head, delivery.recipient))
    return message_from_bytes(wire, policy=policy.default)


def html_of(delivery: Delivery) -> str:
    """The HTML part of a message."""
    part = message_of(delivery).get_body(("html",))
    assert part is not None
    content: str = part.get_content()
    return re.sub(r"\s+", " ", content)
