"""Who gets a mailing and what became of it, page by page; who gets none stands behind them with the reason (S1-16)."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, or_, select

from errors import NotFound
from models.base import db
from models.mailings.delivery import FOR_CUSTOMERS, Delivery, DeliveryAttempt, DeliveryState
from models.mailings.mailing import Mailing
from models.mailings.mailing_exclusion import MailingExclusion
from models.people.customer import Customer
from services.mailings.recipient_lines import Recipient, completed, exclusions, messages
from services.mailings.recipient_views import Wanted, like_pattern, span_of

PAGE = 50
EXPORT_PAGE = 1000


@dataclass(frozen=True)
class RecipientPage:
    """Some lines and where it goes on; marks are None where nothing follows."""

    rows: Sequence[Recipient]
    before: str | None
    after: str | None


def recipients_of(
    mailing: Mailing,
    wanted: Wanted | None = None,
    *,
    after: str | None = None,
    before: str | None = None,
    size: int = PAGE,
) -> RecipientPage:
    """A page by keyset: the messages as they were registered, then those who get none."""
    wanted = wanted or Wanted()
    backwards = before is not None
    mark = _place(before if backwards else after)
    found = _lines(mailing, wanted, mark, size + 1, backwards=backwards)
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    rows = completed(found)
    has_before = more if backwards else mark is not None
    has_after = bool(backwards) or more
    return RecipientPage(
        rows,
        before=rows[0].mark if rows and has_before else None,
        after=rows[-1].mark if rows and has_after else None,
    )


def every_recipient(mailing: Mailing, wanted: Wanted | None = None) -> Iterator[Recipient]:
    """All lines, read page by page: memory stays flat."""
    after: str | None = None
    while True:
        page = recipients_of(mailing, wanted, after=after, size=EXPORT_PAGE)
        yield from page.rows
        if page.after is None:
            return
        after = page.after


def delivery_of(mailing: Mailing, public_id: uuid.UUID) -> Delivery:
    """A message of this mailing; raises NotFound for any other."""
    found = db.session.scalars(
        select(Delivery).where(
            Delivery.mailing_id == mailing.id,
            Delivery.kind.in_(FOR_CUSTOMERS),
            Delivery.public_id == public_id,
        )
    ).one_or_none()
    if found is None:
        raise NotFound(_("There is no such message in this mailing."))
    return found


def attempts_of(delivery: Delivery) -> Sequence[DeliveryAttempt]:
    """Every try to hand the message over, the first one first."""
    return db.session.scalars(
        select(DeliveryAttempt)
        .where(DeliveryAttempt.delivery_id == delivery.id)
        .order_by(DeliveryAttempt.n)
    ).all()


def _place(mark: str | None) -> tuple[str, int] | None:
    """`m12` is behind message 12, `x3` behind exclusion 3; what is neither is the beginning."""
    if not mark or mark[0] not in "mx" or not mark[1:].isdecimal() or len(mark) > 19:
        return None
    return mark[0], int(mark[1:])


def _lines(
    mailing: Mailing,
    wanted: Wanted,
    mark: tuple[str, int] | None,
    size: int,
    *,
    backwards: bool,
) -> list[tuple[str, Any]]:
    """Messages (`m`) and exclusions (`x`), one after the other, from the mark on."""
    # What is said of the key is said of both tables: each is read from there on, not from its beginning.
    parts: dict[str, tuple[Any, Sequence[Any]]] = {
        "m": (messages(mailing, wanted), (Delivery.id, DeliveryState.delivery_id)),
        "x": (exclusions(mailing, wanted), (MailingExclusion.id,)),
    }
    order = ["x", "m"] if backwards else ["m", "x"]
    if mark is not None:
        order = order[order.index(mark[0]) :]
    lines: list[tuple[str, Any]] = []
    for part in order:
        query, keys = parts[part]
        if part == "m":
            query = query.where(keys[1].between(*span_of(mailing)))
        if mark is not None and mark[0] == part:
            query = query.where(*(key < mark[1] if backwards else key > mark[1] for key in keys))
        order_by = keys[0].desc() if backwards else keys[0]
        query = query.order_by(order_by).limit(size - len(lines))
        lines += [(part, row) for row in db.session.execute(query)]
        if len(lines) >= size:
            break
    return lines


def samples_of(
    mailing: Mailing, search: str = "", *, most: int = 200
) -> list[tuple[int, str, str]]:
    """Customers of the mailing with their address, to choose the one whose message is tried out."""
    query = (
        select(Customer.id, Customer.name, func.min(Delivery.recipient))
        .join(Delivery, Delivery.customer_id == Customer.id)
        .where(Delivery.mailing_id == mailing.id, Delivery.kind.in_(FOR_CUSTOMERS))
        .group_by(Customer.id, Customer.name)
        .order_by(Customer.name, Customer.id)
        .limit(most)
    )
    if search:
        query = query.where(
            or_(
                Customer.search_text.like(func.fold(like_pattern(search))),
                Delivery.recipient_norm.like(like_pattern(search.lower())),
            )
        )
    return [(key, name, address) for key, name, address in db.session.execute(query)]
